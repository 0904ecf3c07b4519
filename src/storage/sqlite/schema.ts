import type { DatabaseSync } from "node:sqlite";
import { Damaged, OpenFailed } from "../store.ts";
import { pathOf } from "./faults.ts";

/** Written into the file's header, so that another program's database is never taken for ours ("SPOD"). */
const applicationId = 0x53504f44;
/** Raised with every change of the tables below; a newer file is refused, an older one would be migrated here. */
const schemaVersion = 1;

/**
 * `history`: one row per write, a tombstone for a delete. `previous` is the revision that the write replaced, so that
 * compaction and watchers find it without a search. `live`: the newest revision of each key that stands.
 * `meta`: `compacted`, the oldest readable revision.
 */
const tables = `
  CREATE TABLE history (
    revision INTEGER PRIMARY KEY, key TEXT NOT NULL, created INTEGER NOT NULL, previous INTEGER NOT NULL,
    deleted INTEGER NOT NULL, checksum INTEGER NOT NULL, value BLOB NOT NULL
  ) STRICT;
  CREATE INDEX history_by_key ON history (key, revision, deleted);
  CREATE TABLE live (key TEXT PRIMARY KEY, revision INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO meta VALUES ('compacted', 0);
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${schemaVersion};
`;

/** Sets how this connection writes: WAL, synced at every commit; checkpoints are ours to time, after the acknowledgement. */
export function configure(db: DatabaseSync): void {
  db.exec("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -8000;");
}

/**
 * Makes the tables of a new file; refuses a file that is not a store (`OpenFailed`) or that fails SQLite's own check
 * (`Damaged`). Empties a log that was left, so that `log-check.ts` never meets its remains.
 */
export function prepareFile(db: DatabaseSync): void {
  const id = pragma(db, "application_id");
  const version = pragma(db, "user_version");
  if (id === 0 && version === 0 && isEmpty(db)) {
    db.exec(`BEGIN IMMEDIATE; ${tables} COMMIT;`);
    return;
  }
  if (id !== applicationId) throw new OpenFailed(`${pathOf(db)} is an SQLite file of another program; give another data directory`);
  if (version !== schemaVersion) throw new OpenFailed(`${pathOf(db)} has schema version ${version}, and this Seedpod knows ${schemaVersion}; use the Seedpod that wrote it`);
  check(db);
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
}

/** SQLite's structural check of every page. What it cannot see, a changed byte in a value, the rows' checksums do. */
function check(db: DatabaseSync): void {
  const problems = db.prepare("PRAGMA quick_check(3)").all().map((row) => String(row["quick_check"]));
  if (problems.length !== 1 || problems[0] !== "ok") throw new Damaged(`${pathOf(db)} is damaged (${problems.join("; ")}); restore it from a backup`);
}

const isEmpty = (db: DatabaseSync): boolean => db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined;
const pragma = (db: DatabaseSync, name: string): number => Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
