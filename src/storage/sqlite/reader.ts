import type { DatabaseSync, StatementSync } from "node:sqlite";
import { Compacted, Damaged, FutureRevision, type Entry, type ListOptions, type Page, type Read, type Revision, type Step } from "../store.ts";
import { isCorrupt } from "./faults.ts";
import { changeOf, columns, endOf, entryOf, type Row } from "./rows.ts";

/** The store as it stood when one read began. */
export interface Bounds { readonly newest: Revision; readonly compacted: Revision }

/** Reads one connection. Every method sees one committed state, waits for nobody, and throws as the seam says. */
export class Reader {
  readonly #statements: ReturnType<typeof statements>;

  constructor(db: DatabaseSync) {
    this.#statements = statements(db);
  }

  bounds(): Bounds {
    return this.#statements.bounds.get() as unknown as Bounds;
  }

  get(key: string, at?: Revision): Read {
    return this.#snapshot(at, (bounds) => {
      const row = at === undefined ? this.#statements.newest.get(key) : this.#statements.newestAt.get(key, at);
      return { entry: standing(row as Row | undefined), revision: at ?? bounds.newest };
    });
  }

  list(prefix: string, { at, after, limit }: ListOptions = {}): Page {
    return this.#snapshot(at, (bounds) => {
      const from = after !== undefined && after >= prefix ? after : prefix;
      const range = { from, inclusive: from === after ? 0 : 1, to: endOf(prefix) };
      const rows = (at === undefined
        ? this.#statements.page.all({ ...range, limit: limit ?? -1 })
        : this.#statements.pageAt.all({ ...range, at, limit: limit ?? -1 })) as unknown as Row[];
      const remaining = limit === undefined || rows.length < limit ? 0 : this.#count(range, at) - rows.length;
      return { entries: rows.map(entryOf), revision: at ?? bounds.newest, more: remaining > 0, remaining };
    });
  }

  count(prefix: string): number {
    return this.#count({ from: prefix, inclusive: 1, to: endOf(prefix) }, undefined);
  }

  /** The changes of at most `revisions` revisions after `after`. Throws `Compacted` when they are gone. */
  changes(prefix: string, after: Revision, revisions: number): Step {
    return this.#snapshot(after, (bounds) => {
      const upTo = Math.min(after + revisions, bounds.newest);
      const rows = this.#statements.changes.all({ after, upTo, from: prefix, to: endOf(prefix) }) as unknown as Row[];
      return { changes: rows.map((row) => changeOf(row, this.#revision(row.previous))), upTo };
    });
  }

  #count(range: Range, at: Revision | undefined): number {
    const row = at === undefined ? this.#statements.count.get(range) : this.#statements.countAt.get({ ...range, at });
    return (row as unknown as { readonly n: number }).n;
  }

  #revision(revision: Revision): Entry | undefined {
    if (revision === 0) return undefined;
    const row = this.#statements.revision.get(revision) as Row | undefined;
    return row === undefined ? undefined : entryOf(row);
  }

  #snapshot<T>(at: Revision | undefined, read: (bounds: Bounds) => T): T {
    try {
      this.#statements.begin.run();
      try {
        const bounds = this.bounds();
        if (at !== undefined && at < bounds.compacted) throw new Compacted(bounds.compacted);
        if (at !== undefined && at > bounds.newest) throw new FutureRevision(bounds.newest);
        return read(bounds);
      } finally {
        this.#statements.end.run();
      }
    } catch (err) {
      throw isCorrupt(err) ? new Damaged("the store's file is damaged; restore it from a backup", { cause: err }) : err;
    }
  }
}

type Range = { readonly from: string; readonly inclusive: number; readonly to: string };

const standing = (row: Row | undefined): Entry | undefined => (row === undefined || row.deleted === 1 ? undefined : entryOf(row));

const inRange = "key >= :from AND (key > :from OR :inclusive) AND key < :to";
/** The newest revision of each key at `:at`, answered by the index alone; SQLite takes `deleted` from the row that holds the maximum. */
const stood = `SELECT key, max(revision) AS revision, deleted FROM history WHERE ${inRange} AND revision <= :at GROUP BY key HAVING deleted = 0`;
const qualified = columns.split(", ").map((c) => `h.${c}`).join(", ");

type Statement =
  | "begin" | "end" | "bounds" | "newest" | "newestAt" | "revision"
  | "page" | "pageAt" | "count" | "countAt" | "changes";

const statements = (db: DatabaseSync): Record<Statement, StatementSync> => ({
  begin: db.prepare("BEGIN"),
  end: db.prepare("COMMIT"),
  bounds: db.prepare("SELECT coalesce((SELECT max(revision) FROM history), 0) AS newest, (SELECT value FROM meta WHERE name = 'compacted') AS compacted"),
  newest: db.prepare(`SELECT ${columns} FROM history WHERE revision = (SELECT revision FROM live WHERE key = ?)`),
  newestAt: db.prepare(`SELECT ${columns} FROM history WHERE key = ? AND revision <= ? ORDER BY revision DESC LIMIT 1`),
  revision: db.prepare(`SELECT ${columns} FROM history WHERE revision = ?`),
  page: db.prepare(`SELECT ${qualified} FROM (SELECT key, revision FROM live WHERE ${inRange} ORDER BY key LIMIT :limit) l CROSS JOIN history h USING (revision) ORDER BY l.key`),
  pageAt: db.prepare(`SELECT ${qualified} FROM (${stood} ORDER BY key LIMIT :limit) s CROSS JOIN history h USING (revision) ORDER BY s.key`),
  count: db.prepare(`SELECT count(*) AS n FROM live WHERE ${inRange}`),
  countAt: db.prepare(`SELECT count(*) AS n FROM (${stood})`),
  changes: db.prepare(`SELECT ${columns} FROM history WHERE revision > :after AND revision <= :upTo AND +key >= :from AND +key < :to ORDER BY revision`),
});
