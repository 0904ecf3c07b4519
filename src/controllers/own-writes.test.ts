import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "#apimachinery/meta.ts";
import { pods, type ResourceRef } from "#api/resources.ts";
import type { Client } from "#client/client.ts";
import type { Informer } from "#client/lister.ts";
import { OwnWrites } from "./own-writes.ts";

/** A server that says yes with the next revision, and a cache that has come as far as `shown`. */
function fixture() {
  let revision = 0;
  const cache = { shown: 0, get resourceVersion() { return String(this.shown); }, get: () => undefined };
  const client = { resource: () => ({ create: (object: KubeObject) => Promise.resolve({ ...object, metadata: { ...object.metadata, resourceVersion: String(++revision) } }) }) } as unknown as Client;
  const writes = new OwnWrites();
  writes.follow(pods as unknown as ResourceRef, cache as unknown as Informer<KubeObject>);
  const tracked = writes.track(client);
  const work = (key: string): Promise<unknown> => writes.during(key, () => tracked.resource(pods).create({ metadata: { name: key }, spec: { containers: [] }, status: {} }));
  return { writes, cache, work, newest: () => revision };
}

test("a key waits until its cache shows what it wrote", async () => {
  const { writes, cache, work } = fixture();
  await work("a");
  assert.equal(writes.pending("a"), true);
  cache.shown = 1;
  assert.deepEqual([writes.pending("a"), writes.size], [false, 0]);
});

test("keys that nobody asks about again are forgotten once they are shown, and none before", async () => {
  const { writes, cache, work, newest } = fixture();
  for (let i = 0; i < 1_000; i++) await work(`unseen-${i}`);
  assert.equal(writes.size, 1_000);
  for (let i = 0; i < 3_000; i++) {
    await work(`seen-${i}`);
    cache.shown = newest();
  }
  assert(writes.size <= 2_100, `${writes.size} are kept`);
});
