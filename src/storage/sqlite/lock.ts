import { DatabaseSync } from "node:sqlite";
import { messageOf } from "#base/error-message.ts";
import { OpenFailed } from "../store.ts";
import { codeOf } from "./faults.ts";

const busy = 5;

/**
 * Keeps every other process away from the store at `path` until `release`, or until this process ends however it ends.
 * SQLite's own lock on an empty file beside it: the store's file itself must stay open to our reading connection.
 */
export function lockFile(path: string): { release(): void } {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(`${path}.lock`);
    db.exec("PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    const held = db;
    return { release: () => held.close() };
  } catch (err) {
    db?.close();
    throw new OpenFailed(((codeOf(err) ?? 0) & 0xff) === busy
      ? `the store ${path} is in use by another process; stop that one first, or give another data directory`
      : `the store ${path} cannot be opened: ${messageOf(err)}; does its directory exist, and may this user write there?`, { cause: err });
  }
}
