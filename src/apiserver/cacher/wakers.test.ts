import assert from "node:assert/strict";
import { test } from "node:test";
import { nextTurn } from "#base/clock.ts";
import { Wakers } from "./wakers.ts";

test("a few are woken at once, in the turn after the change and once for all changes of a turn", async () => {
  const wakers = new Wakers();
  const woken: string[] = [];
  for (const name of ["a", "b"]) wakers.add(() => woken.push(name));
  wakers.wake();
  wakers.wake();
  assert.deepEqual(woken, []);
  await nextTurn();
  assert.deepEqual(woken, ["a", "b"]);
  await nextTurn();
  assert.deepEqual(woken, ["a", "b"]);
});

test("many are woken in turns, and again when something happened meanwhile", async () => {
  const wakers = new Wakers();
  const times = new Array<number>(200).fill(0);
  for (const i of times.keys()) wakers.add(() => { times[i] = (times[i] ?? 0) + 1; });
  wakers.wake();
  await nextTurn();
  const first = times.reduce((a, b) => a + b, 0);
  assert(first > 0 && first < 200, String(first));
  wakers.wake();
  for (let i = 0; i < 10; i++) await nextTurn();
  assert.deepEqual(times, new Array<number>(200).fill(2));
});

test("who stops in the middle of a round is not woken any more", async () => {
  const wakers = new Wakers();
  let last = 0;
  for (let i = 0; i < 100; i++) wakers.add(() => {});
  const stop = wakers.add(() => { last++; });
  wakers.wake();
  await nextTurn();
  stop();
  for (let i = 0; i < 10; i++) await nextTurn();
  assert.deepEqual([last, wakers.size], [0, 100]);
});
