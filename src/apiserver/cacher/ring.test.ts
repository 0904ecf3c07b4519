import assert from "node:assert/strict";
import { test } from "node:test";
import { CacheEvent, type Delivery } from "./event.ts";
import { Item } from "./item.ts";
import { Ring } from "./ring.ts";

const prefix = "/registry/core/configmaps/";
const json = Buffer.from('{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","namespace":"n"}}');
const change = (revision: number): CacheEvent => new CacheEvent(prefix, new Item(prefix, `${prefix}n/a`, json, revision), undefined, false);

test("watchers share the encodings of new events, not of old ones, which would be kept as long as the history", () => {
  const ring = new Ring(0, 2000);
  for (let revision = 1; revision <= 1000; revision++) ring.push(change(revision));
  const delivered = (place: number): Delivery | undefined => ring.at(place)?.deliver({ range: prefix });
  const shared = Array.from({ length: 1000 }, (_, place) => delivered(place)?.frames === delivered(place)?.frames);
  assert.deepEqual([shared.indexOf(true), shared.lastIndexOf(false)], [488, 487]);
  assert.equal(delivered(0)?.item.revision, 1);
});
