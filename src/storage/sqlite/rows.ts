import { crc32 } from "node:zlib";
import { Damaged, type Change, type Entry, type Revision } from "../store.ts";

/** A row of `history` as SQLite gives it. */
export interface Row {
  readonly revision: Revision;
  readonly key: string;
  readonly created: Revision;
  readonly previous: Revision;
  readonly deleted: number;
  readonly checksum: number;
  readonly value: Uint8Array;
}

export const columns = "revision, key, created, previous, deleted, checksum, value";

/** Covers everything the row says, not only its value. */
export const checksum = (key: string, created: Revision, revision: Revision, value: Uint8Array): number =>
  crc32(value, crc32(`${revision} ${created} ${key}`));

/** The row as an entry. Throws `Damaged` when the row is not the one that was written. */
export function entryOf(row: Row): Entry {
  if (checksum(row.key, row.created, row.revision, row.value) !== row.checksum) {
    throw new Damaged(`the stored value of ${row.key} at revision ${row.revision} does not match its checksum; restore the store from a backup`);
  }
  return { key: row.key, value: row.value, created: row.created, modified: row.revision };
}

/** What one write did to its key. A tombstone without the entry that it ended is damage. */
export function changeOf(row: Row, previous: Entry | undefined): Change {
  if (row.deleted === 0) return { type: "put", entry: entryOf(row), previous };
  if (previous === undefined) throw new Damaged(`the entry that revision ${row.revision} deleted is missing: ${row.key}`);
  return { type: "delete", previous, revision: row.revision };
}

/** The first key after all keys that start with `prefix`, as far as keys go that a store holds. */
export const endOf = (prefix: string): string => `${prefix}\u{10ffff}`;
