/** What every Store promises, as sentences. An implementation is done when this passes against it. */
import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { nextTurn } from "#base/clock.ts";
import { Compacted, FutureRevision, Lagging, type Change, type Entry, type Revision, type Step, type Store, type Write } from "./store.ts";

export interface StoreHarness {
  /** A fresh, empty store, closed when the test ends. */
  readonly open: (t: TestContext) => Promise<Store>;
  /** Closes `store` and opens what it left, where the implementation outlives its process. */
  readonly reopen?: (t: TestContext, store: Store) => Promise<Store>;
  /** A fresh store whose watchers may fall at most so many changes behind, where the store does not wait for them. */
  readonly openWithLagBound?: (t: TestContext, changes: number) => Promise<Store>;
  /** A second server's store on what the first one has open, where the implementation allows it. */
  readonly openBeside?: (t: TestContext, store: Store) => Promise<Store>;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (entry: Entry | undefined): string | undefined => entry && new TextDecoder().decode(entry.value);

/** Writes and insists that it was not a lost race. */
async function put(store: Store, key: string, value: string, expected: Revision = 0): Promise<Revision> {
  return revisionOf(await store.put(key, bytes(value), expected));
}

function revisionOf(write: Write): Revision {
  assert(write.ok, "the write was lost");
  return write.revision;
}

/** A change in one line: `+` made, `~` changed, `-` deleted. */
function line(change: Change): string {
  if (change.type === "delete") return `-${change.previous.key}=${text(change.previous)}@${change.revision}`;
  const { entry, previous } = change;
  return `${previous === undefined ? "+" : "~"}${entry.key}=${text(entry)}@${entry.modified}`;
}

/** The next `count` changes of a watch, as lines. */
async function take(watch: AsyncIterable<Step>, count: number): Promise<string[]> {
  const seen: string[] = [];
  for await (const { changes } of watch) {
    seen.push(...changes.map(line));
    if (seen.length >= count) break;
  }
  return seen;
}

/** A watch whose changes are taken one by one, as lines. */
function changesOf(watch: AsyncIterable<Step>): { next(): Promise<string> } {
  const steps = watch[Symbol.asyncIterator]();
  const waiting: Change[] = [];
  return {
    async next() {
      for (;;) {
        const change = waiting.shift();
        if (change !== undefined) return line(change);
        const step = await steps.next();
        if (step.done === true) throw new Error("the watch has ended");
        waiting.push(...(step.value as Step).changes);
      }
    },
  };
}

export function storeContract(name: string, harness: StoreHarness): void {
  describe(`${name}: one key`, () => oneKey(harness));
  describe(`${name}: lists`, () => lists(harness));
  describe(`${name}: history and compaction`, () => history(harness));
  describe(`${name}: watches`, () => watches(harness));
  describe(`${name}: progress`, () => progress(harness));
  describe(`${name}: close`, () => closing(harness));
  const { openBeside } = harness;
  if (openBeside !== undefined) describe(`${name}: two servers on one backend`, () => twoServers(harness, openBeside));
}

function oneKey({ open }: StoreHarness): void {
  test("each write has a greater revision than the one before, and the newest is the store's", async (t) => {
    const store = await open(t);
    const origin = await store.revision();
    const first = await put(store, "/a", "1");
    const second = await put(store, "/b", "2");
    const third = revisionOf(await store.delete("/a", first));
    assert.deepEqual([first, second, third, await store.revision()].map((r) => r - origin), [1, 2, 3, 3]);
  });

  test("what was written is read, with the revisions that made and changed it", async (t) => {
    const store = await open(t);
    const made = await put(store, "/a", "1");
    const changed = await put(store, "/a", "2", made);
    const { entry, revision } = await store.get("/a");
    assert.deepEqual({ ...entry, value: text(entry) }, { key: "/a", value: "2", created: made, modified: changed });
    assert.equal(revision, changed);
  });

  test("a key that was never written is an answer, with the store's revision", async (t) => {
    const store = await open(t);
    const revision = await put(store, "/a", "1");
    assert.deepEqual(await store.get("/b"), { entry: undefined, revision });
  });

  test("an empty value is a value", async (t) => {
    const store = await open(t);
    await put(store, "/a", "");
    assert.equal((await store.get("/a")).entry?.value.length, 0);
  });

  test("a write with a stale revision loses and is told what stands", async (t) => {
    const store = await open(t);
    const first = await put(store, "/a", "1");
    const second = await put(store, "/a", "2", first);
    for (const lost of [await store.put("/a", bytes("3"), first), await store.put("/a", bytes("3"), 0), await store.delete("/a", first)]) {
      assert(!lost.ok);
      assert.equal(text(lost.current), "2");
      assert.equal(lost.current?.modified, second);
    }
    assert.equal(await store.revision(), second);
  });

  test("a write or delete of a key that is gone loses to nothing", async (t) => {
    const store = await open(t);
    const made = await put(store, "/a", "1");
    revisionOf(await store.delete("/a", made));
    assert.deepEqual(await store.put("/a", bytes("2"), made), { ok: false, current: undefined });
    assert.deepEqual(await store.delete("/a", made), { ok: false, current: undefined });
    assert.deepEqual(await store.delete("/never", 0), { ok: false, current: undefined });
  });

  test("a deleted key can be made again, and is then newly created", async (t) => {
    const store = await open(t);
    const made = await put(store, "/a", "1");
    revisionOf(await store.delete("/a", made));
    const again = await put(store, "/a", "2");
    assert.equal((await store.get("/a")).entry?.created, again);
  });

  test("of many that race for one key, one wins each round", async (t) => {
    const store = await open(t);
    let standing = 0;
    const origin = await store.revision();
    for (let round = 0; round < 10; round++) {
      const writes = await Promise.all(Array.from({ length: 16 }, (_, i) => store.put("/a", bytes(`${round}.${i}`), standing)));
      assert.equal(writes.filter((w) => w.ok).length, 1);
      standing = (await store.get("/a")).revision;
    }
    assert.equal(standing, origin + 10);
  });

  test("a write that was acknowledged is seen by the next read", async (t) => {
    const store = await open(t);
    for (let i = 0, at = 0; i < 50; i++) {
      at = await put(store, "/a", String(i), at);
      assert.equal(text((await store.get("/a")).entry), String(i));
    }
  });
}

function lists({ open }: StoreHarness): void {
  const keys = async (store: Store, prefix: string, options?: Parameters<Store["list"]>[1]): Promise<readonly string[]> =>
    (await store.list(prefix, options)).entries.map((e) => e.key);

  test("a list has the keys under its prefix and no others, in key order", async (t) => {
    const store = await open(t);
    for (const key of ["/pods/b", "/pods/a", "/podsx", "/pod", "/pods/a/x", "/z"]) await put(store, key, key);
    assert.deepEqual(await keys(store, "/pods/"), ["/pods/a", "/pods/a/x", "/pods/b"]);
    assert.equal((await keys(store, "")).length, 6);
    assert.deepEqual(await keys(store, "/none/"), []);
    assert.equal(await store.count("/pods/"), 3);
    assert.equal(await store.count(""), 6);
  });

  test("pages follow each other without gap or repeat, and say how many are behind them", async (t) => {
    const store = await open(t);
    for (let i = 0; i < 7; i++) await put(store, `/k/${i}`, String(i));
    const seen: string[] = [];
    const left: number[] = [];
    for (let after: string | undefined, more = true; more;) {
      const page = await store.list("/k/", { limit: 3, ...(after !== undefined && { after }) });
      seen.push(...page.entries.map((e) => e.key));
      left.push(page.remaining);
      after = seen.at(-1);
      more = page.more;
    }
    assert.deepEqual(seen, ["/k/0", "/k/1", "/k/2", "/k/3", "/k/4", "/k/5", "/k/6"]);
    assert.deepEqual(left, [4, 1, 0]);
  });

  test("a page that ends with the last key has no more", async (t) => {
    const store = await open(t);
    await put(store, "/k/1", "1");
    await put(store, "/k/2", "2");
    const page = await store.list("/k/", { limit: 2 });
    assert.deepEqual([page.more, page.remaining, page.entries.length], [false, 0, 2]);
  });

  test("pages of one revision are not disturbed by later writes", async (t) => {
    const store = await open(t);
    const made: Revision[] = [];
    for (let i = 0; i < 4; i++) made.push(await put(store, `/k/${i}`, "old"));
    const first = await store.list("/k/", { limit: 2 });
    await put(store, "/k/2", "new", made[2]);
    revisionOf(await store.delete("/k/3", made[3] ?? 0));
    await put(store, "/k/9", "new");
    const second = await store.list("/k/", { limit: 2, after: "/k/1", at: first.revision });
    assert.deepEqual(second.entries.map((e) => [e.key, text(e)]), [["/k/2", "old"], ["/k/3", "old"]]);
    assert.deepEqual([second.more, second.revision], [false, first.revision]);
  });

  test("keys outside ASCII stay under their prefix", async (t) => {
    const store = await open(t);
    for (const key of ["/k/ü", "/k/\u{1F331}", "/k0"]) await put(store, key, "1");
    assert.equal(await store.count("/k/"), 2);
    assert.equal((await store.get("/k/\u{1F331}")).entry?.key, "/k/\u{1F331}");
  });
}

function history({ open, reopen }: StoreHarness): void {
  test("a key and a list are read as they stood at an earlier revision", async (t) => {
    const store = await open(t);
    const origin = await store.revision();
    const first = await put(store, "/k/a", "1");
    const second = await put(store, "/k/a", "2", first);
    const gone = revisionOf(await store.delete("/k/a", second));
    const other = await put(store, "/k/b", "1");
    assert.equal((await store.get("/k/a", origin)).entry, undefined);
    assert.equal(text((await store.get("/k/a", first)).entry), "1");
    assert.equal(text((await store.get("/k/a", second)).entry), "2");
    assert.equal((await store.get("/k/a", gone)).entry, undefined);
    assert.deepEqual((await store.list("/k/", { at: second })).entries.map(text), ["2"]);
    assert.deepEqual((await store.list("/k/", { at: gone })).entries, []);
    assert.deepEqual((await store.list("/k/", { at: other })).entries.map((e) => e.key), ["/k/b"]);
  });

  test("a revision that is not written yet is refused", async (t) => {
    const store = await open(t);
    const newest = await put(store, "/a", "1");
    await assert.rejects(store.get("/a", newest + 1), (err) => err instanceof FutureRevision && err.newest === newest);
    await assert.rejects(store.list("/", { at: newest + 1 }), FutureRevision);
    await assert.rejects(take(store.watch("/", newest + 1, t.signal), 1), FutureRevision);
  });

  test("compaction forgets what was before and keeps what stood", async (t) => {
    const store = await open(t);
    const first = await put(store, "/k/a", "1");
    await put(store, "/k/still", "x");
    const second = await put(store, "/k/a", "2", first);
    const third = await put(store, "/k/a", "3", second);
    await store.compact(second);
    await assert.rejects(store.get("/k/a", first), (err) => err instanceof Compacted && err.oldest === second);
    await assert.rejects(store.list("/k/", { at: first }), Compacted);
    assert.deepEqual((await store.list("/k/", { at: second })).entries.map(text), ["2", "x"]);
    assert.equal(text((await store.get("/k/a", third)).entry), "3");
    assert.deepEqual((await store.list("/k/")).entries.map(text), ["3", "x"]);
  });

  test("compaction again, or to an older revision, changes nothing", async (t) => {
    const store = await open(t);
    const first = await put(store, "/a", "1");
    const second = await put(store, "/a", "2", first);
    await store.compact(second);
    await store.compact(second);
    await store.compact(first);
    assert.equal(text((await store.get("/a", second)).entry), "2");
  });

  test("compaction above the newest revision goes as far as the newest", async (t) => {
    const store = await open(t);
    const newest = await put(store, "/a", "1");
    await store.compact(newest + 100);
    assert.equal(text((await store.get("/a", newest)).entry), "1");
    assert.equal(await put(store, "/b", "1"), newest + 1);
  });

  test("compaction across thousands of revisions leaves exactly what stands", async (t) => {
    const store = await open(t);
    const at = new Map<string, Revision>();
    for (let round = 0; round < 50; round++) {
      await Promise.all(Array.from({ length: 100 }, async (_, i) => {
        const key = `/k/${i}`;
        at.set(key, await put(store, key, String(round), at.get(key) ?? 0));
      }));
    }
    for (const key of ["/k/1", "/k/2"]) revisionOf(await store.delete(key, at.get(key) ?? 0));
    const newest = await store.revision();
    await store.compact(newest);
    assert.equal((await store.list("/k/", { at: newest })).entries.length, 98);
    assert((await store.list("/k/")).entries.every((e) => text(e) === "49"));
  });

  test("the revision does not go back when everything is deleted and compacted", async (t) => {
    let store = await open(t);
    const made = await put(store, "/a", "1");
    const gone = revisionOf(await store.delete("/a", made));
    await store.compact(gone);
    if (reopen !== undefined) store = await reopen(t, store);
    assert.equal(await store.revision(), gone);
    assert.equal(await put(store, "/a", "2"), gone + 1);
    await store.compact(gone + 1);
    assert.equal(text((await store.get("/a")).entry), "2");
  });

  if (reopen !== undefined) {
    test("a store that was closed is found again as it was, with its history", async (t) => {
      const before = await open(t);
      const first = await put(before, "/a", "1");
      const second = await put(before, "/a", "2", first);
      const third = await put(before, "/b", "3");
      await before.compact(first);
      const store = await reopen(t, before);
      assert.equal(await store.revision(), third);
      assert.equal(text((await store.get("/a", first)).entry), "1");
      assert.equal(text((await store.get("/a")).entry), "2");
      assert.deepEqual(await take(store.watch("/", first, t.signal), 2), [`~/a=2@${second}`, `+/b=3@${third}`]);
    });
  }
}

function watches({ open, openWithLagBound }: StoreHarness): void {
  test("a watch from an old revision first tells what happened since, then what happens", async (t) => {
    const store = await open(t);
    const origin = await store.revision();
    const first = await put(store, "/k/a", "1");
    await put(store, "/other", "1");
    const second = await put(store, "/k/a", "2", first);
    const watch = take(store.watch("/k/", origin, t.signal), 4);
    revisionOf(await store.delete("/k/a", second));
    await put(store, "/k/b", "1");
    assert.deepEqual(await watch, [`+/k/a=1@${origin + 1}`, `~/k/a=2@${origin + 3}`, `-/k/a=2@${origin + 4}`, `+/k/b=1@${origin + 5}`]);
  });

  test("a change carries what it replaced", async (t) => {
    const store = await open(t);
    const first = await put(store, "/a", "1");
    const second = await put(store, "/a", "2", first);
    for await (const { changes: [change] } of store.watch("/", first, t.signal)) {
      if (change === undefined) continue;
      assert(change.type === "put");
      assert.deepEqual([text(change.previous), change.previous?.modified, change.entry.created, change.entry.modified], ["1", first, first, second]);
      break;
    }
  });

  test("a watch from the newest revision tells only what comes", async (t) => {
    const store = await open(t);
    const at = await put(store, "/a", "1");
    const watch = take(store.watch("/", at, t.signal), 1);
    await put(store, "/b", "1");
    assert.deepEqual(await watch, [`+/b=1@${at + 1}`]);
  });

  test("every change comes once and in order while many write and watchers come and go", async (t) => {
    const store = await open(t);
    const origin = await store.revision();
    const total = 600;
    const writers = Array.from({ length: 6 }, async (_, w) => {
      for (let i = 0; i < total / 6; i++) await put(store, `/k/${w}/${i}`, "x");
    });
    const seen = await Promise.all([0, 1, 7, 100, 300].map(async (from) => {
      while (await store.revision() < origin + from) await nextTurn();
      return [from, await take(store.watch("/k/", origin + from, t.signal), total - from)] as const;
    }));
    await Promise.all(writers);
    for (const [from, lines] of seen) {
      assert.deepEqual(lines.map((l) => Number(l.split("@")[1])), Array.from({ length: total - from }, (_, i) => origin + from + 1 + i));
    }
  });

  test("a watch from before the compaction is refused; from the oldest revision it is not", async (t) => {
    const store = await open(t);
    const origin = await store.revision();
    for (let i = 0; i < 4; i++) await put(store, `/k/${i}`, "1");
    await store.compact(origin + 3);
    await assert.rejects(take(store.watch("/", origin + 2, t.signal), 1), (err) => err instanceof Compacted && err.oldest === origin + 3);
    assert.deepEqual(await take(store.watch("/", origin + 3, t.signal), 1), [`+/k/3=1@${origin + 4}`]);
  });

  test("compaction does not disturb a watch that has caught up", async (t) => {
    const store = await open(t);
    const at = await put(store, "/a", "1");
    const second = await put(store, "/a", "2", at);
    const watch = changesOf(store.watch("/", at - 1, t.signal));
    assert.deepEqual([await watch.next(), await watch.next()], [`+/a=1@${at}`, `~/a=2@${second}`]);
    await store.compact(second);
    await put(store, "/b", "1");
    assert.equal(await watch.next(), `+/b=1@${second + 1}`);
  });

  test("an aborted watch ends without an error, waiting or not", async (t) => {
    const store = await open(t);
    const at = await put(store, "/a", "1");
    const stop = new AbortController();
    const waiting = take(store.watch("/", at, stop.signal), 1);
    await nextTurn();
    stop.abort();
    assert.deepEqual(await waiting, []);
    assert.deepEqual(await take(store.watch("/", at - 1, stop.signal), 1), []);
  });

  if (openWithLagBound === undefined) {
    test("a consumer that does not keep up is waited for, and holds up nobody", async (t) => {
      const store = await open(t);
      const origin = await store.revision();
      const slow = changesOf(store.watch("/", origin, t.signal));
      const quick = take(store.watch("/", origin, t.signal), 2_000);
      await put(store, "/first", "1");
      await slow.next();
      for (let i = 0; i < 20; i++) await Promise.all(Array.from({ length: 100 }, (_, k) => put(store, `/k/${i}/${k}`, "1".repeat(1_000))));
      assert.equal((await quick).length, 2_000);
      for (let i = 1; i <= 2_000; i++) assert.match(await slow.next(), new RegExp(`@${origin + 1 + i}$`));
    });
    return;
  }

  test("a consumer that does not keep up is cut off, others are not", async (t) => {
    const store = await openWithLagBound(t, 10);
    const quick = take(store.watch("/", 0, t.signal), 31);
    const slow = store.watch("/", 0, t.signal)[Symbol.asyncIterator]();
    await put(store, "/first", "1");
    await slow.next();
    const caughtUp = slow.next();
    await nextTurn();
    for (let i = 0; i < 30; i++) await put(store, `/k/${i}`, "1");
    await caughtUp;
    await assert.rejects(async () => { for (;;) if ((await slow.next()).done === true) return; }, Lagging);
    assert.equal((await quick).length, 31);
  });
}

function progress({ open }: StoreHarness): void {
  test("a watch of all comes to the newest revision, whatever wrote it", async (t) => {
    const store = await open(t);
    const at = await put(store, "/k/a", "1");
    const watch = store.watch("/", at - 1, t.signal)[Symbol.asyncIterator]();
    await put(store, "/k/b", "1");
    await store.claimCompaction(); // may write, but no key that anybody watches
    const newest = await store.revision();
    for (let upTo = 0; upTo < newest;) upTo = (await watch.next()).value?.upTo ?? Infinity;
  });

  test("compaction falls to a server that asks alone", async (t) => {
    const store = await open(t);
    const answers = [await store.claimCompaction(), await store.claimCompaction(), await store.claimCompaction()];
    assert.deepEqual(answers.slice(1), [true, true]);
  });
}

function twoServers({ open }: StoreHarness, openBeside: NonNullable<StoreHarness["openBeside"]>): void {
  const both = async (t: TestContext): Promise<readonly [Store, Store]> => {
    const first = await open(t);
    return [first, await openBeside(t, first)];
  };

  test("what one has acknowledged the other reads, lists, counts, and watches", async (t) => {
    const [a, b] = await both(t);
    const origin = await b.revision();
    const watch = take(b.watch("/", origin, t.signal), 3);
    for (let i = 0, at = 0; i < 20; i++) {
      at = await put(i % 2 === 0 ? a : b, "/turns", String(i), at);
      const other = i % 2 === 0 ? b : a;
      assert.equal(text((await other.get("/turns")).entry), String(i));
      assert(await other.revision() >= at);
    }
    const told = (await watch).slice(0, 3); // a step holds more where the watch came late, and revisions may be the backend's own
    assert.deepEqual(told.map((change) => change.split("@")[0]), ["+/turns=0", "~/turns=1", "~/turns=2"]);
    assert.deepEqual([(await b.list("/")).entries.map(text), await a.count("/")], [["19"], 1]);
  });

  test("of all that race for one key on both, one wins each round", async (t) => {
    const [a, b] = await both(t);
    for (let round = 0, standing = 0; round < 10; round++) {
      const writes = await Promise.all(Array.from({ length: 16 }, (_, i) => (i % 2 === 0 ? a : b).put("/a", bytes(`${round}.${i}`), standing)));
      assert.equal(writes.filter((w) => w.ok).length, 1);
      standing = (await a.get("/a")).entry?.modified ?? 0;
    }
  });

  test("each sees one order of all writes, without gap or repeat", async (t) => {
    const [a, b] = await both(t);
    const origin = await a.revision();
    const seen = Promise.all([a, b, a, b].map((store) => take(store.watch("/k/", origin, t.signal), 400)));
    await Promise.all([a, b, a, b].map(async (store, w) => {
      for (let i = 0; i < 100; i++) await put(store, `/k/${w}/${i}`, "x");
    }));
    const [first, ...others] = await seen;
    assert.equal(new Set(first).size, 400);
    for (const other of others) assert.deepEqual(other, first);
  });

  test("what one has compacted is compacted for the other, and one of both is told to compact", async (t) => {
    const [a, b] = await both(t);
    const first = await put(a, "/a", "1");
    const second = await put(a, "/a", "2", first);
    await a.compact(second);
    await assert.rejects(b.get("/a", first), (err) => err instanceof Compacted && err.oldest === second);
    const claims: boolean[][] = [];
    for (let i = 0; i < 5; i++) claims.push(await Promise.all([a.claimCompaction(), b.claimCompaction()]));
    assert.deepEqual(claims.slice(1).map((round) => round.filter(Boolean).length), [1, 1, 1, 1]);
  });
}

function closing({ open }: StoreHarness): void {
  test("closing ends watches and finishes what was submitted", async (t) => {
    const store = await open(t);
    const at = await put(store, "/a", "1");
    const watch = take(store.watch("/nothing", at, t.signal), 1);
    await nextTurn();
    const writes = Promise.all(Array.from({ length: 20 }, (_, i) => put(store, `/k/${i}`, "1")));
    await store.close();
    assert.equal((await writes).length, 20);
    assert.deepEqual(await watch, []);
    await assert.rejects(store.put("/late", bytes("1"), 0));
    await store.close();
  });
}
