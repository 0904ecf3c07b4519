import { systemClock } from "#base/clock.ts";
import type { Revision, Step, Store } from "#storage/store.ts";

/** What may be wrong with a store (R4), planted between it and the bench, which must find each. */
export const storeBugs = ["acknowledged too early", "deletion lost at compaction", "watch begins one too late", "told again at reconnect", "bookmark ahead"] as const;
export type StoreBug = (typeof storeBugs)[number];

const never = new AbortController().signal;

export function withBug(store: Store, bug: StoreBug): Store {
  let compacting = false;
  const watch = (from: (revision: Revision) => Revision, change: (step: Step) => Step): Store["watch"] =>
    async function* (prefix, revision, signal) { for await (const step of store.watch(prefix, from(revision), signal)) yield change(step); };
  const forwarded: Store = {
    get: (...args) => store.get(...args), list: (...args) => store.list(...args), count: (...args) => store.count(...args),
    put: (...args) => store.put(...args), delete: (...args) => store.delete(...args), watch: (...args) => store.watch(...args),
    revision: () => store.revision(), claimCompaction: () => store.claimCompaction(), close: () => store.close(),
    async compact(before) { compacting = true; await store.compact(before); await systemClock.sleep(5, never); compacting = false; },
  };
  switch (bug) {
    case "acknowledged too early": {
      let count = 0;
      return { ...forwarded, put: async (key, value, expected) => (++count % 100 === 0 ? { ok: true, revision: (await store.revision()) + 1 } : store.put(key, value, expected)) };
    }
    case "deletion lost at compaction": return { ...forwarded, watch: watch((r) => r, (step) => (compacting ? { ...step, changes: step.changes.filter(({ type }) => type !== "delete") } : step)) };
    case "watch begins one too late": return { ...forwarded, watch: lateWatch(store) };
    case "told again at reconnect": return { ...forwarded, watch: watch((r) => Math.max(1, r - 1), (step) => step) };
    case "bookmark ahead": return { ...forwarded, watch: watch((r) => r, (step) => ({ ...step, upTo: step.upTo + 1 })) };
  }
}

/** One watch in three loses its first change. */
function lateWatch(store: Store): Store["watch"] {
  let watches = 0;
  return async function* (prefix, revision, signal) {
    let late = ++watches % 3 === 0;
    for await (const step of store.watch(prefix, revision, signal)) {
      yield late ? { ...step, changes: step.changes.slice(1) } : step;
      if (step.changes.length > 0) late = false;
    }
  };
}
