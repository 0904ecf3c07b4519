import { DatabaseSync } from "node:sqlite";
import { messageOf } from "#base/error-message.ts";
import { Damaged, OpenFailed } from "../store.ts";
import { codeOf, isCorrupt } from "./faults.ts";
import { checkLog } from "./log-check.ts";
import { configure, prepareFile } from "./schema.ts";

/** Opens the file for writing, makes it if it is not there. Throws `OpenFailed` or `Damaged` with a sentence for the operator. */
export function openFile(path: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    if (path !== ":memory:") checkLog(path);
    db = new DatabaseSync(path);
    configure(db);
    prepareFile(db);
    return db;
  } catch (err) {
    db?.close();
    throw asSentence(path, err);
  }
}

function asSentence(path: string, err: unknown): unknown {
  if (err instanceof OpenFailed || err instanceof Damaged || codeOf(err) === undefined) return err;
  if (isCorrupt(err)) return new Damaged(`${path} is damaged (${messageOf(err)}); restore it from a backup`, { cause: err });
  return new OpenFailed(`the store ${path} cannot be opened: ${messageOf(err)}`, { cause: err });
}
