import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Entry, Revision } from "../store.ts";
import { checksum, columns, entryOf, type Row } from "./rows.ts";

/** One asked-for write. Without a value it is a delete. */
export interface Operation { readonly key: string; readonly value: Uint8Array | undefined; readonly expected: Revision }

/** `previous` of a write is what it replaced. `current` of a lost race is what stands there. */
export type Outcome =
  | { readonly ok: true; readonly revision: Revision; readonly previous: Entry | undefined }
  | { readonly ok: false; readonly current: Entry | undefined };

/** How many revisions one step of compaction looks at, so that writes get their turn between two steps. */
const compactionStep = 2_000;

/** The only one that writes. Decides each compare-and-swap inside the transaction that carries it. */
export class Writer {
  readonly #db: DatabaseSync;
  readonly #statements: ReturnType<typeof statements>;
  #newest: Revision;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#statements = statements(db);
    this.#newest = (this.#statements.newest.get() as unknown as { readonly newest: Revision }).newest;
  }

  /** All operations in one transaction, in order; durable when it returns. On a throw none of them has happened. */
  apply(operations: readonly Operation[]): readonly Outcome[] {
    return this.#transaction(() => operations.map((operation) => this.#one(operation)));
  }

  /** One step towards forgetting what was before `target`; false while more steps are needed. Each step is a whole compaction to an earlier revision. */
  compact(target: Revision): boolean {
    return this.#transaction(() => {
      const from = (this.#statements.compacted.get() as unknown as { readonly compacted: Revision }).compacted;
      const goal = Math.min(target, this.#newest);
      const to = Math.min(goal, from + compactionStep);
      if (to <= from) return true;
      this.#statements.forgetReplaced.run({ from, to });
      this.#statements.forgetTombstones.run({ from, to, newest: this.#newest });
      this.#statements.setCompacted.run(to);
      return to === goal;
    });
  }

  #one({ key, value, expected }: Operation): Outcome {
    const row = this.#statements.standing.get(key) as Row | undefined;
    const previous = row === undefined ? undefined : entryOf(row);
    if ((previous?.modified ?? 0) !== expected || (value === undefined && previous === undefined)) return { ok: false, current: previous };
    const revision = ++this.#newest;
    const created = previous?.created ?? revision;
    const stored = value ?? nothing;
    this.#statements.append.run(revision, key, created, previous?.modified ?? 0, value === undefined ? 1 : 0, checksum(key, created, revision, stored), stored);
    if (value === undefined) this.#statements.bury.run(key);
    else this.#statements.stand.run(key, revision);
    return { ok: true, revision, previous };
  }

  #transaction<T>(work: () => T): T {
    const newest = this.#newest;
    try {
      this.#statements.begin.run();
      const result = work();
      this.#statements.commit.run();
      return result;
    } catch (err) {
      this.#newest = newest;
      if (this.#db.isTransaction) this.#statements.rollback.run();
      throw err;
    }
  }
}

const nothing = new Uint8Array(0);

type Statement =
  | "begin" | "commit" | "rollback" | "newest" | "compacted" | "standing"
  | "append" | "stand" | "bury" | "forgetReplaced" | "forgetTombstones" | "setCompacted";

const statements = (db: DatabaseSync): Record<Statement, StatementSync> => ({
  begin: db.prepare("BEGIN IMMEDIATE"),
  commit: db.prepare("COMMIT"),
  rollback: db.prepare("ROLLBACK"),
  newest: db.prepare("SELECT coalesce(max(revision), 0) AS newest FROM history"),
  compacted: db.prepare("SELECT value AS compacted FROM meta WHERE name = 'compacted'"),
  standing: db.prepare(`SELECT ${columns} FROM history WHERE revision = (SELECT revision FROM live WHERE key = ?)`),
  append: db.prepare(`INSERT INTO history (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?)`),
  stand: db.prepare("INSERT INTO live VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET revision = excluded.revision"),
  bury: db.prepare("DELETE FROM live WHERE key = ?"),
  // A row that a write in (from, to] replaced stood at `from` or came after it: nobody can ask for it any more.
  forgetReplaced: db.prepare("DELETE FROM history WHERE revision IN (SELECT previous FROM history WHERE revision > :from AND revision <= :to AND previous > 0)"),
  // The newest row stays even as a tombstone: it is what keeps the revision from going back.
  forgetTombstones: db.prepare("DELETE FROM history WHERE deleted = 1 AND revision >= :from AND revision <= :to AND revision < :newest"),
  setCompacted: db.prepare("UPDATE meta SET value = ? WHERE name = 'compacted'"),
});
