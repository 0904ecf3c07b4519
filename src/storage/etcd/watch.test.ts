import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { hasEtcd, TestEtcd } from "../../../test/support/etcd.ts";
import { systemClock } from "#base/clock.ts";
import type { Store } from "../store.ts";
import { openEtcdStore } from "./store.ts";

const [changes, size] = [48, 512 * 1024];

describe("a watch from old history", { skip: hasEtcd ? false : "etcd is not installed" }, () => {
  let [etcd, store, from]: [TestEtcd | undefined, Store | undefined, number] = [undefined, undefined, 0];
  before(async () => {
    etcd = await TestEtcd.start();
    store = await openEtcdStore({ servers: [etcd.url] });
    from = await store.revision();
    let last = 0;
    for (let i = 0; i < changes; i++) last = (await store.put("/registry/things/a", new Uint8Array(size).fill(i), last) as { revision: number }).revision;
  });
  after(async () => {
    await store?.close();
    await etcd?.remove();
  });

  test("is told in steps that are much smaller than all of it, in order and whole", async () => {
    const told: number[] = [];
    let most = 0;
    for await (const step of store?.watch("/registry/", from, new AbortController().signal) ?? []) {
      for (const change of step.changes) if (change.type === "put") told.push(change.entry.value[0] ?? -1);
      most = Math.max(most, step.changes.length);
      if (told.length === changes) break;
    }
    assert.deepEqual(told, Array.from({ length: changes }, (_, i) => i));
    assert.ok(most <= 4, `${most} changes of half a megabyte at once`);
  });

  test("holds little when nobody reads on", async () => {
    const leave = new AbortController();
    const told = Array.from({ length: 10 }, async () => { for await (const _ of store?.watch("/registry/", from, leave.signal) ?? []) if (!leave.signal.aborted) await once(leave.signal, "abort"); });
    await systemClock.sleep(1_000, new AbortController().signal); // what comes by itself has come
    const held = process.memoryUsage().arrayBuffers / 2 ** 20;
    leave.abort();
    await Promise.all(told);
    assert.ok(held < 120, `${Math.round(held)} MiB for ten watches of 48`);
  });
});
