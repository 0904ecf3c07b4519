/** The files of a volume made of API objects, as they shall stand: path → content and permissions. */
import type { KeyToPath } from "#api/gen/core-v1.ts";

export interface PayloadFile {
  readonly data: Uint8Array;
  /** Permission bits. */
  readonly mode: number;
  /** Owner; root where left out. */
  readonly uid?: number;
}

/** Keys are relative paths with `/`. */
export type Payload = ReadonlyMap<string, PayloadFile>;

const MAX_PATH = 4096;
const MAX_NAME = 255;

/** What is wrong with a path that a user chose for a file, or nothing. Upstream: pkg/volume/util/atomic_writer.go validatePath */
export function pathProblem(path: string): string | undefined {
  if (path === "") return "invalid path: must not be empty: ";
  if (path.startsWith("/")) return `invalid path: must be relative path: ${path}`;
  if (path.length > MAX_PATH) return `invalid path: must be less than or equal to ${MAX_PATH} characters`;
  const names = path.split("/");
  if (names.includes("..")) return `invalid path: must not contain '..': ${path}`;
  if (names.some((name) => Buffer.byteLength(name) > MAX_NAME)) return `invalid path: filenames must be less than or equal to ${MAX_NAME} characters`;
  if (path.startsWith("..")) return `invalid path: must not start with '..': ${path}`;
  return path.includes("\0") ? "invalid path: must not contain NUL" : undefined;
}

/** The same path written one way: no `.` and no empty names. */
export const cleanPath = (path: string): string => path.split("/").filter((name) => name !== "" && name !== ".").join("/");

export interface Projection {
  readonly items: readonly KeyToPath[] | undefined;
  readonly defaultMode: number;
  readonly optional: boolean;
  /** The message for a key that is not there, up to the key. */
  readonly missing: string;
}

/** Turns an object's keys into files: all of them, or the items asked for under their paths. Throws for a missing key unless optional. */
export function project(values: ReadonlyMap<string, Uint8Array>, projection: Projection): Map<string, PayloadFile> {
  const { items, defaultMode, optional, missing } = projection;
  if (items === undefined || items.length === 0) return new Map([...values].map(([key, data]) => [key, { data, mode: defaultMode }]));
  const files = new Map<string, PayloadFile>();
  for (const { key, path, mode } of items) {
    const data = values.get(key);
    if (data !== undefined) files.set(path, { data, mode: mode ?? defaultMode });
    else if (!optional) throw new Error(`${missing}${key}`);
  }
  return files;
}
