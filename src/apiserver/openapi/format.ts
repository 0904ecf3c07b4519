import type { AnyResource } from "../registry/resource.ts";
import type { JsonSchema } from "./definitions.ts";

/** Operations by path and method. */
export type Paths = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A way of writing documents, entry by entry of their two large maps: paths and definitions. */
export interface Format {
  readonly dialect: "v2" | "v3";
  readonly mediaType: string;
  readonly pathsOf: (resources: readonly AnyResource[]) => Paths;
  readonly pathEntry: (path: string, item: Paths[string]) => Uint8Array;
  readonly definitionEntry: (name: string, schema: JsonSchema) => Uint8Array;
  /** Stands between two entries. */
  readonly separator: Uint8Array;
  /** The whole document around rows of entries, in pieces. */
  readonly around: (version: string, paths: readonly Uint8Array[], definitions: readonly Uint8Array[]) => readonly Uint8Array[];
}

/** What is the same in all formats that are JSON. */
export const jsonFormat: Pick<Format, "mediaType" | "pathEntry" | "definitionEntry" | "separator"> = {
  mediaType: "application/json",
  pathEntry: (path, item) => jsonEntry(path, item),
  definitionEntry: (name, schema) => jsonEntry(name, schema),
  separator: Buffer.from(","),
};

const jsonEntry = (name: string, value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(name)}:${JSON.stringify(value)}`);

/** Entries in a row, with what stands between them. */
export const rowOf = (entries: readonly Uint8Array[], separator: Uint8Array): Uint8Array[] =>
  entries.filter(({ length }) => length > 0).flatMap((entry, i) => (i === 0 ? [entry] : [separator, entry]));
