import assert from "node:assert/strict";
import { test } from "node:test";
import { FairQueues, hand } from "./fair-queues.ts";

const request = (log: string[], name: string, seats = 1): { readonly seats: number; readonly start: () => void } => ({ seats, start: () => { log.push(name); } });

test("a flow is always dealt the same hand of different queues", () => {
  for (const flow of ["a", "b", "system:serviceaccount:kube-system:x"]) {
    const dealt = hand(flow, 64, 8);
    assert.equal(new Set(dealt).size, 8);
    assert.ok(dealt.every((queue) => queue >= 0 && queue < 64));
    assert.deepEqual(hand(flow, 64, 8), dealt);
  }
  assert.equal(hand("a", 2, 8).length, 2);
});

test("a small flow does not wait behind a crowd", () => {
  const log: string[] = [];
  const queues = new FairQueues({ queues: 64, handSize: 1, queueLengthLimit: 100 });
  for (let i = 0; i < 50; i++) queues.add("crowd", request(log, "crowd"));
  queues.add("small", request(log, "small"));
  for (let i = 0; i < 3; i++) queues.take()?.start();
  assert.ok(log.includes("small"), log.join());
});

test("a request of many seats counts for many", () => {
  const log: string[] = [];
  const queues = new FairQueues({ queues: 64, handSize: 1, queueLengthLimit: 100 });
  for (let i = 0; i < 3; i++) queues.add("lists", request(log, "list", 10));
  for (let i = 0; i < 10; i++) queues.add("gets", request(log, "get"));
  for (let i = 0; i < 11; i++) queues.take()?.start();
  assert.equal(log.filter((name) => name === "get").length, 10);
});

test("a full queue takes nobody; one who leaves makes room", () => {
  const queues = new FairQueues({ queues: 1, handSize: 1, queueLengthLimit: 2 });
  const [first, second, third] = [request([], "1"), request([], "2"), request([], "3")] as const;
  assert.deepEqual([queues.add("f", first), queues.add("f", second), queues.add("f", third)], [true, true, false]);
  queues.remove(first);
  assert.equal(queues.length, 1);
  assert.equal(queues.add("f", third), true);
  assert.equal(queues.peek(), second);
});
