import type { CustomResourceDefinition, CustomResourceDefinitionVersion, JSONSchemaProps } from "#api/gen/apiextensions-v1.ts";
import type { Item } from "../cacher/item.ts";
import { isTrue } from "./definition/conditions.ts";
import { SchemaCompiler } from "./schema/compile.ts";
import type { Structural } from "./schema/structural.ts";

/**
 * A CustomResourceDefinition as the server keeps it: its bytes, and the little that must be at hand. Schemas are by
 * far the most of it; they are compiled when the first request needs them, and forgotten with the definition.
 */
export class Definition {
  readonly item: Item;
  /** Without its schemas. */
  readonly crd: CustomResourceDefinition;
  #structural: ReadonlyMap<string, Structural> | undefined;

  constructor(item: Item) {
    this.item = item;
    const crd = item.parse<CustomResourceDefinition & { kind: string }>();
    for (const version of crd.spec.versions) delete version.schema;
    delete crd.metadata.annotations?.["kubectl.kubernetes.io/last-applied-configuration"]; // as large as the definition itself
    this.crd = crd;
  }

  get established(): boolean {
    return isTrue(this.crd, "Established");
  }

  get terminating(): boolean {
    return isTrue(this.crd, "Terminating");
  }

  get storageVersion(): CustomResourceDefinitionVersion | undefined {
    return this.crd.spec.versions.find(({ storage }) => storage);
  }

  /** A version's schema as it was written, read anew at each call. */
  schemaOf(version: string): JSONSchemaProps | undefined {
    return this.item.parse<CustomResourceDefinition & { kind: string }>().spec.versions.find(({ name }) => name === version)?.schema?.openAPIV3Schema;
  }

  /** A version's schema, compiled. */
  structuralOf(version: string): Structural {
    const schema = (this.#structural ??= compileAll(this.item)).get(version);
    if (schema === undefined) throw new Error(`${this.crd.metadata.name} has no version ${version}`);
    return schema;
  }
}

function compileAll(item: Item): ReadonlyMap<string, Structural> {
  const compiler = new SchemaCompiler();
  const { spec } = item.parse<CustomResourceDefinition & { kind: string }>();
  return new Map(spec.versions.map(({ name, schema }) => [name, compiler.compile(schema?.openAPIV3Schema ?? {})]));
}
