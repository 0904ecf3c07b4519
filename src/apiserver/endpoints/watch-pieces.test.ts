import assert from "node:assert/strict";
import { test } from "node:test";
import { nextTurn } from "#base/clock.ts";
import { Cache } from "../cacher/cache.ts";
import { Watcher } from "../cacher/watcher.ts";
import { WatchPieces, type Following } from "./watch-pieces.ts";

const prefix = "/registry/core/configmaps/";
const bytes = (text: string): Buffer => Buffer.from(text);

/** A watch over an empty cache, whose pieces are the names of what changed. @param began what is told first */
function watchOf(began: readonly string[] = [], take?: (watcher: Watcher) => Buffer | undefined): { readonly cache: Cache; readonly pieces: WatchPieces; readonly put: (name: string) => void; readonly stop: () => void } {
  const cache = new Cache(prefix, 1);
  const watcher = new Watcher(cache, { range: prefix }, cache.ring.end, 0);
  let revision = 1;
  let over = false;
  const names = (): Buffer | undefined => {
    const found = watcher.take().map(({ item }) => item.name);
    return found.length === 0 ? undefined : bytes(found.join());
  };
  const following: Following = { get over() { return over; }, take: () => (take === undefined ? names() : take(watcher)), [Symbol.dispose]() {} };
  async function* beginning(): AsyncGenerator<Uint8Array, Watcher | undefined> {
    for (const text of began) yield bytes(text);
    return watcher;
  }
  return {
    cache,
    pieces: new WatchPieces({ beginning: beginning(), follow: () => following, failure: (err) => bytes(`failed: ${err instanceof Error ? err.message : ""}`), over: () => watcher.close() }),
    put(name) {
      const value = bytes(`{"metadata":{"name":"${name}"}}`);
      cache.apply({ type: "put", entry: { key: `${prefix}default/${name}`, value, created: ++revision, modified: revision }, previous: undefined });
      cache.wake();
    },
    stop() {
      over = true;
      watcher.wake();
    },
  };
}
const text = async (next: Promise<IteratorResult<Uint8Array>>): Promise<string | undefined> => {
  const { done, value } = await next;
  return done === true ? undefined : Buffer.from(value as Uint8Array).toString();
};

test("first what began, then what changes, all of one turn in one piece", async () => {
  const { pieces, put } = watchOf(["a", "b"]);
  assert.deepEqual([await text(pieces.next()), await text(pieces.next())], ["a", "b"]);
  const next = text(pieces.next());
  put("c");
  put("d");
  assert.equal(await next, "c,d");
  put("e");
  assert.equal(await text(pieces.next()), "e");
});

test("a watch that is stopped ends where it waits, and leaves no watcher behind", async () => {
  const { pieces, stop, cache } = watchOf();
  const next = text(pieces.next());
  assert.equal(cache.wakers.size, 1);
  setImmediate(stop);
  assert.deepEqual([await next, await text(pieces.next()), cache.wakers.size], [undefined, undefined, 0]);
});

test("a reader that leaves while it waits is let go", async () => {
  const { pieces, cache } = watchOf();
  const next = text(pieces.next());
  await nextTurn();
  await pieces.return();
  assert.deepEqual([await next, await text(pieces.next()), cache.wakers.size], [undefined, undefined, 0]);
});

test("a reader that leaves before the beginning is over leaves no watcher behind", async () => {
  const { pieces, cache } = watchOf(["a", "b"]);
  await pieces.next();
  await pieces.return();
  assert.deepEqual([await text(pieces.next()), cache.wakers.size], [undefined, 0]);
});

test("a reader that leaves while the beginning is told leaves no watcher behind", async () => {
  const { pieces, cache } = watchOf();
  const next = text(pieces.next());
  await pieces.return();
  assert.deepEqual([await next, await text(pieces.next()), cache.wakers.size], [undefined, undefined, 0]);
});

test("a failure is the last piece, also of one who waits", async () => {
  const { pieces, put, cache } = watchOf([], (watcher) => {
    if (watcher.take().length > 0) throw new Error("no such encoding");
    return undefined;
  });
  const next = text(pieces.next());
  put("a");
  assert.deepEqual([await next, await text(pieces.next()), cache.wakers.size], ["failed: no such encoding", undefined, 0]);
});
