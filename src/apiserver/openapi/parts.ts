import { createHash } from "node:crypto";
import type { Turns } from "../endpoints/turns.ts";
import type { AnyResource } from "../registry/resource.ts";
import { customDefinitions } from "./custom.ts";
import { definitionsOf, type DefinitionOptions } from "./definitions.ts";
import { rowOf, type Format } from "./format.ts";
import { rootTypes } from "./paths.ts";

/** What some resources add to a document: entries of its paths and of its definitions, encoded. */
export interface Part { readonly paths: Uint8Array; readonly definitions: Uint8Array; readonly digest: string }

/**
 * The parts of all documents of a format. Each is built once: a document of hundreds of custom kinds shares its parts with
 * the one before it, and only what is new is built.
 */
export class Parts {
  readonly #format: Format;
  readonly #options: Omit<DefinitionOptions, "dialect">;
  readonly #ofCustom = new WeakMap<AnyResource, Part>();
  readonly #ofBuiltIn = new WeakMap<AnyResource, Part>(); // by the first of them, for they do not change

  constructor(format: Format, options: Omit<DefinitionOptions, "dialect">) {
    this.#format = format;
    this.#options = options;
  }

  /** Builds what is missing, in turns. */
  async of(resources: readonly AnyResource[], turns: Turns): Promise<Part[]> {
    const [custom, builtIn] = [resources.filter((resource) => resource.custom !== undefined), resources.filter((resource) => resource.custom === undefined)];
    const parts = [await this.#builtIn(builtIn, custom, turns)];
    for (const resource of custom) {
      parts.push(this.#custom(resource));
      if (turns.over) await turns.next();
    }
    return parts;
  }

  /** Built-in kinds, or else the few types that custom kinds refer to. */
  async #builtIn(builtIn: readonly AnyResource[], custom: readonly AnyResource[], turns: Turns): Promise<Part> {
    const key = builtIn[0] ?? custom[0];
    const known = key && this.#ofBuiltIn.get(key);
    if (known !== undefined) return known;
    const paths: Uint8Array[] = [];
    for (const resource of builtIn) {
      paths.push(...this.#pathsOf([resource]));
      if (turns.over) await turns.next();
    }
    const definitions: Uint8Array[] = [];
    for (const [name, schema] of definitionsOf(rootTypes(builtIn.length > 0 ? builtIn : custom), { ...this.#options, dialect: this.#format.dialect })) {
      definitions.push(this.#format.definitionEntry(name, schema));
      if (turns.over) await turns.next();
    }
    const made = this.#part(paths, definitions);
    if (key !== undefined) this.#ofBuiltIn.set(key, made);
    return made;
  }

  #custom(resource: AnyResource): Part {
    const known = this.#ofCustom.get(resource);
    if (known !== undefined) return known;
    const definitions = Object.entries(customDefinitions(resource, { dialect: this.#format.dialect, describe: this.#options.describe })).map(([name, schema]) => this.#format.definitionEntry(name, schema));
    const made = this.#part(this.#pathsOf([resource]), definitions);
    this.#ofCustom.set(resource, made);
    return made;
  }

  #pathsOf(resources: readonly AnyResource[]): Uint8Array[] {
    return Object.entries(this.#format.pathsOf(resources)).map(([path, item]) => this.#format.pathEntry(path, item));
  }

  #part(pathEntries: readonly Uint8Array[], definitionEntries: readonly Uint8Array[]): Part {
    const [paths, definitions] = [pathEntries, definitionEntries].map((entries) => Buffer.concat(rowOf(entries, this.#format.separator))) as [Buffer, Buffer];
    return { paths, definitions, digest: createHash("sha512").update(paths).update(definitions).digest("hex") };
  }

}
