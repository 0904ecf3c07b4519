import type { DatabaseSync } from "node:sqlite";
import { Damaged } from "../store.ts";

/** What a failed write means for the store. */
export type Fault = "full" | "fatal" | "damaged";

const primaryCorrupt = 11;
const primaryNotADatabase = 26;
/** SQLITE_IOERR_FSYNC, SQLITE_IOERR_DIR_FSYNC: what reached the disk is unknown and asking again proves nothing. */
const failedSyncs: ReadonlySet<number> = new Set([1034, 1290]);

/** A full disk heals when space returns; after a failed sync or on a damaged file nothing more may be promised. */
export function faultOf(err: unknown): Fault {
  if (err instanceof Damaged || isCorrupt(err)) return "damaged";
  const code = codeOf(err);
  return code === undefined || failedSyncs.has(code) ? "fatal" : "full";
}

/** True when SQLite says that the file is not what it wrote. */
export function isCorrupt(err: unknown): boolean {
  const primary = (codeOf(err) ?? 0) & 0xff;
  return primary === primaryCorrupt || primary === primaryNotADatabase;
}

/** SQLite's extended result code, if the error is one of SQLite's. */
export const codeOf = (err: unknown): number | undefined =>
  err instanceof Error && "errcode" in err && typeof err.errcode === "number" ? err.errcode : undefined;

/** The file of a connection, for messages. */
export const pathOf = (db: DatabaseSync): string => db.location() ?? "the store in memory";
