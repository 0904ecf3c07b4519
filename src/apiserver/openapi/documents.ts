import { createHash } from "node:crypto";
import type { ApiSchema, TypeName } from "#apimachinery/schema.ts";
import { StatusError } from "#apimachinery/status.ts";
import type { Clock } from "#base/clock.ts";
import { Turns } from "../endpoints/turns.ts";
import type { Registry } from "../registry/registry.ts";
import { formOf, type AnyResource } from "../registry/resource.ts";
import type { Describe, GroupVersionKind } from "./definitions.ts";
import { rowOf, type Format } from "./format.ts";
import { Parts } from "./parts.ts";
import { rootOf } from "./paths.ts";
import { v2Proto } from "./v2-proto.ts";
import { v2Json } from "./v2.ts";
import { v3Json } from "./v3.ts";

export interface OpenApiOptions {
  readonly registry: Registry;
  readonly schema: ApiSchema;
  readonly clock: Clock;
  /** Shown in the documents: `v1.36.0`. */
  readonly version: string;
  readonly describe?: Describe;
}

export interface Document { readonly pieces: readonly Uint8Array[]; readonly mediaType: string; readonly hash: string }

const formats: Readonly<Record<"v2" | "v2-proto" | "v3", Format>> = { v2: v2Json, "v2-proto": v2Proto, v3: v3Json };

/** The documents of what the registry serves: each is put together on the first request for it, and anew when the registry has changed. */
export class Documents {
  readonly #options: OpenApiOptions;
  readonly #parts: Readonly<Record<keyof typeof formats, Parts>>;
  #edition = -1;
  #groups: ReadonlyMap<string, readonly AnyResource[]> = new Map();
  #documents = new Map<string, Promise<Document>>();

  constructor(options: OpenApiOptions) {
    this.#options = options;
    const { registry, schema, describe = (): undefined => undefined } = options;
    const partsOf = (format: Format): Parts => new Parts(format, { schema, describe, kindsOf: kindsByType(registry.all) });
    this.#parts = { v2: partsOf(v2Json), "v2-proto": partsOf(v2Proto), v3: partsOf(v3Json) };
  }

  /** @param name `v2`, `v2-proto`, `v3` (the index), or a group version's path. Throws NotFound. */
  async get(name: string): Promise<Document> {
    this.#refresh();
    if (!Object.hasOwn(formats, name) && !this.#groups.has(name)) throw new StatusError("NotFound", "the server could not find the requested resource");
    return await this.#known(name);
  }

  #refresh(): void {
    const { registry } = this.#options;
    if (this.#edition === registry.edition) return;
    this.#edition = registry.edition;
    this.#groups = Map.groupBy(registry.all, ({ group, version }) => rootOf(group, version).slice(1));
    this.#documents = new Map();
  }

  #known(name: string): Promise<Document> {
    const found = this.#documents.get(name) ?? this.#build(name);
    this.#documents.set(name, found);
    return found;
  }

  #build(name: string): Promise<Document> {
    if (name === "v3") return this.#index(this.#groups);
    if (name === "v2" || name === "v2-proto") return this.#whole(name, this.#options.registry.all);
    return this.#ofGroup(this.#groups.get(name) ?? []);
  }

  async #index(groups: ReadonlyMap<string, readonly AnyResource[]>): Promise<Document> {
    const paths: Record<string, { readonly serverRelativeURL: string }> = {};
    const turns = new Turns(this.#options.clock);
    for (const [path, resources] of groups) {
      paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${await this.#hashOf(resources, turns)}` };
      if (turns.over) await turns.next();
    }
    const bytes = Buffer.from(JSON.stringify({ paths }));
    return { pieces: [bytes], mediaType: v3Json.mediaType, hash: sha512(bytes) };
  }

  async #ofGroup(resources: readonly AnyResource[]): Promise<Document> {
    const hash = await this.#hashOf(resources, new Turns(this.#options.clock));
    return { ...await this.#whole("v3", resources), hash };
  }

  async #whole(name: keyof typeof formats, resources: readonly AnyResource[]): Promise<Document> {
    const { around, separator, mediaType } = formats[name];
    const parts = await this.#parts[name].of(resources, new Turns(this.#options.clock));
    const [paths, definitions] = [rowOf(parts.map((part) => part.paths), separator), rowOf(parts.map((part) => part.definitions), separator)];
    return { pieces: around(this.#options.version, paths, definitions), mediaType, hash: sha512(parts.map(({ digest }) => digest).join()) };
  }

  /** Of custom kinds it follows from the state of their definitions: the index does not wait for hundreds of documents to be built. */
  async #hashOf(resources: readonly AnyResource[], turns: Turns): Promise<string> {
    const { version } = this.#options;
    if (resources.every(isCustom)) return sha512(JSON.stringify([version, ...resources.map((resource) => [formOf(resource), resource.names, resource.custom?.listKind])]));
    const parts = await this.#parts.v3.of(resources, turns);
    return sha512([version, ...parts.map(({ digest }) => digest)].join());
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
const sha512 = (content: string | Uint8Array): string => createHash("sha512").update(content).digest("hex").toUpperCase();
