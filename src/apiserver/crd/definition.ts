import type { CustomResourceDefinition, CustomResourceDefinitionVersion, JSONSchemaProps } from "#api/gen/apiextensions-v1.ts";
import type { Item } from "../cacher/item.ts";
import { isTrue } from "./definition/conditions.ts";
import { SchemaCompiler } from "./schema/compile.ts";
import { ruleTree, type RuleNode } from "./rules/tree.ts";
import type { Structural } from "./schema/structural.ts";

type Parsed = CustomResourceDefinition & { kind: string };

/**
 * A CustomResourceDefinition as the server keeps it: its bytes, and the little that must be at hand. Schemas are by
 * far the most of it; they are compiled when the first request needs them, and forgotten with the definition.
 */
export class Definition {
  readonly item: Item;
  /** Without its schemas. */
  readonly crd: CustomResourceDefinition;
  #compiled: ReadonlyMap<string, CompiledVersion> | undefined;

  /** @param crd what the item holds, where it is parsed already; becomes this definition's own */
  constructor(item: Item, crd: CustomResourceDefinition = item.parse<Parsed>()) {
    this.item = item;
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
    return this.item.parse<Parsed>().spec.versions.find(({ name }) => name === version)?.schema?.openAPIV3Schema;
  }

  /** A version's schema, compiled. */
  structuralOf(version: string): Structural {
    return this.#version(version).structural;
  }

  /** A version's rules in CEL, if it has any. */
  rulesOf(version: string): RuleNode | undefined {
    return this.#version(version).rules;
  }

  #version(name: string): CompiledVersion {
    const compiled = (this.#compiled ??= compileAll(this.item)).get(name);
    if (compiled === undefined) throw new Error(`${this.crd.metadata.name} has no version ${name}`);
    return compiled;
  }
}

interface CompiledVersion { readonly structural: Structural; readonly rules: RuleNode | undefined }

function compileAll(item: Item): ReadonlyMap<string, CompiledVersion> {
  const compiler = new SchemaCompiler();
  const { spec } = item.parse<Parsed>();
  return new Map(spec.versions.map(({ name, schema: { openAPIV3Schema: schema = {} } = {} }) => [name, { structural: compiler.compile(schema), rules: ruleTree(schema) }]));
}
