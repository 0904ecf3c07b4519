import { createHash } from "node:crypto";
import type { ApiSchema, TypeName } from "#apimachinery/schema.ts";
import { StatusError } from "#apimachinery/status.ts";
import type { Registry } from "../registry/registry.ts";
import { formOf, type AnyResource } from "../registry/resource.ts";
import type { DefinitionOptions, Describe, GroupVersionKind } from "./definitions.ts";
import { rootOf } from "./paths.ts";
import { encodeV2 } from "./v2-proto.ts";
import { documentV2 } from "./v2.ts";
import { documentV3 } from "./v3.ts";

export interface OpenApiOptions {
  readonly registry: Registry;
  readonly schema: ApiSchema;
  /** Shown in the documents: `v1.36.0`. */
  readonly version: string;
  readonly describe?: Describe;
}

export interface Document { readonly bytes: Uint8Array; readonly type: string; readonly hash: string }

export const protobufV2 = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
export const json = "application/json";

/** The documents of what the registry serves: each is built on the first request for it, and anew when its resources have changed. */
export class Documents {
  readonly #options: OpenApiOptions;
  #edition = -1;
  #groups: ReadonlyMap<string, readonly AnyResource[]> = new Map();
  readonly #whole = new Map<string, Document>();
  readonly #byGroup = new Map<string, { readonly resources: readonly AnyResource[]; readonly document: Document }>();

  constructor(options: OpenApiOptions) {
    this.#options = options;
  }

  /** @param name `v2`, `v2-proto`, `v3` (the index), or a group version's path. Throws NotFound. */
  get(name: string): Document {
    this.#refresh();
    if (name !== "v2" && name !== "v2-proto" && name !== "v3") return this.#ofGroup(name);
    const found = this.#whole.get(name) ?? this.#build(name);
    this.#whole.set(name, found);
    return found;
  }

  #refresh(): void {
    const { registry } = this.#options;
    if (this.#edition === registry.edition) return;
    this.#edition = registry.edition;
    this.#groups = Map.groupBy(registry.all, ({ group, version }) => rootOf(group, version).slice(1));
    this.#whole.clear();
    for (const path of this.#byGroup.keys()) if (!this.#groups.has(path)) this.#byGroup.delete(path);
  }

  #build(name: "v2" | "v2-proto" | "v3"): Document {
    const { registry, version } = this.#options;
    if (name === "v3") return document(JSON.stringify({ paths: Object.fromEntries([...this.#groups.keys()].map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${this.#hashOf(path)}` }])) }), json);
    const v2 = documentV2(registry.all, version, this.#definitions());
    return name === "v2" ? document(JSON.stringify(v2), json) : document(encodeV2(v2), protobufV2);
  }

  #ofGroup(path: string): Document {
    const resources = this.#groups.get(path);
    if (resources === undefined) throw new StatusError("NotFound", "the server could not find the requested resource");
    const known = this.#byGroup.get(path);
    if (known?.resources.length === resources.length && known.resources.every((resource, i) => resource === resources[i])) return known.document;
    const made = document(JSON.stringify(documentV3(resources, this.#options.version, this.#definitions())), json);
    const named = resources.every(isCustom) ? { ...made, hash: this.#hashOf(path) } : made;
    this.#byGroup.set(path, { resources, document: named });
    return named;
  }

  /** Of custom kinds it follows from the state of their definitions: the index does not wait for hundreds of documents to be built. */
  #hashOf(path: string): string {
    const resources = this.#groups.get(path) ?? [];
    if (!resources.every(isCustom)) return this.#ofGroup(path).hash;
    return hashOf(JSON.stringify([this.#options.version, ...resources.map((resource) => [formOf(resource), resource.names, resource.custom?.listKind])]));
  }

  #definitions(): Omit<DefinitionOptions, "dialect"> {
    const { registry, schema, describe = (): undefined => undefined } = this.#options;
    return { schema, kindsOf: kindsByType(registry.all), describe };
  }
}

/** Which kinds are served as a type, lists included. */
function kindsByType(kinds: readonly AnyResource[]): (type: TypeName) => readonly GroupVersionKind[] {
  const table = new Map<TypeName, GroupVersionKind[]>();
  for (const { group, version, kind, schema, custom } of kinds) {
    if (custom !== undefined) continue;
    table.set(schema, [{ group, version, kind }]);
    table.set(`${schema}List`, [{ group, version, kind: `${kind}List` }]);
  }
  return (type) => table.get(type) ?? [];
}

const isCustom = ({ custom }: AnyResource): boolean => custom !== undefined;
const hashOf = (content: string | Uint8Array): string => createHash("sha512").update(content).digest("hex").toUpperCase();

const document = (content: string | Uint8Array, type: string): Document => {
  const bytes = Buffer.from(content);
  return { bytes, type, hash: hashOf(bytes) };
};
