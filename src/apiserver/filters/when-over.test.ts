import assert from "node:assert/strict";
import { test } from "node:test";
import { whenOver } from "./when-over.ts";

async function* pieces(fail = false): AsyncGenerator<Uint8Array> {
  yield Uint8Array.of(1);
  if (fail) throw new Error("broken");
  yield Uint8Array.of(2);
}
async function read(body: AsyncIterable<Uint8Array>, most = Infinity): Promise<number[]> {
  const read: number[] = [];
  for await (const [first = 0] of body) if (read.push(first) >= most) break;
  return read;
}

test("told once at the end", async () => {
  let over = 0;
  assert.deepEqual(await read(whenOver(pieces(), () => { over++; })), [1, 2]);
  assert.equal(over, 1);
});

test("told once when the reader leaves; the source is released", async () => {
  let over = 0;
  const source = pieces();
  assert.deepEqual(await read(whenOver(source, () => { over++; }), 1), [1]);
  assert.deepEqual([over, await source.next()], [1, { done: true, value: undefined }]);
});

test("told once when the source fails, and the failure goes on", async () => {
  let over = 0;
  await assert.rejects(read(whenOver(pieces(true), () => { over++; })), /broken/);
  assert.equal(over, 1);
});
