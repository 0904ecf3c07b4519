import assert from "node:assert/strict";
import { test } from "node:test";
import { Heap } from "./heap.ts";

test("items come out in order, whatever was taken out between", () => {
  const heap = new Heap<{ readonly n: number }>((a, b) => a.n < b.n);
  const items = Array.from({ length: 500 }, (_, i) => ({ n: (i * 7919) % 1_009 }));
  for (const item of items) heap.push(item);
  const removed = new Set(items.filter((_, i) => i % 3 === 0));
  for (const item of removed) heap.remove(item);
  heap.remove({ n: 1 }); // never was in it
  const out: number[] = [];
  for (let item = heap.pop(); item !== undefined; item = heap.pop()) out.push(item.n);
  assert.deepEqual(out, items.filter((i) => !removed.has(i)).map((i) => i.n).toSorted((a, b) => a - b));
});
