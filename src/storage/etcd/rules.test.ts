import assert from "node:assert/strict";
import { test } from "node:test";
import { nextTurn } from "#base/clock.ts";
import type { Clock } from "#base/clock.ts";
import { Keyspace } from "./keyspace.ts";
import { answersProgress, Progress, type Follower } from "./progress.ts";

test("keys are under the prefix in etcd, and come back as they were", () => {
  const keyspace = new Keyspace("/registry", "/clusters/a");
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
  for (const [ours, theirs] of [["/registry/core/pods/a", "/clusters/a/core/pods/a"], ["/registry.reserved/x", "/clusters/a.reserved/x"], ["/registry/ü", "/clusters/a/ü"]] as const) {
    assert.equal(text(keyspace.toEtcd(ours)), theirs);
    assert.equal(keyspace.fromEtcd(Buffer.from(theirs)), ours);
  }
  for (const wrong of ["", "/registry", "/other/x", "/registry/\ud800"]) assert.throws(() => keyspace.toEtcd(wrong), TypeError);
});

test("a range holds what begins with its prefix; all but the marker where the prefix is the store's root", () => {
  const keyspace = new Keyspace("/registry", "/r");
  const inside = (prefix: string, key: string): boolean => {
    const { key: from, rangeEnd } = keyspace.range(prefix);
    const at = Buffer.from(key);
    return Buffer.compare(at, from) >= 0 && Buffer.compare(at, rangeEnd) < 0;
  };
  const cases = [["", "/r/a", true], ["", "/r.a/b", true], ["", "/r-a/b", false], ["", "/r0", false], ["/registry/", "/r/a", true], ["/registry/", "/r.a/b", false], ["/registry/a/", "/r/a/b", true], ["/registry/a/", "/r/a0", false]] as const;
  for (const [prefix, key, expected] of cases) assert.equal(inside(prefix, key), expected, `${prefix} ${key}`);
  assert.equal(inside("", Buffer.from(keyspace.marker).toString()), false);
  assert(Buffer.compare(keyspace.everything.key, Buffer.from("/r.a")) < 0);
});

test("reports of progress are trusted from the versions on that order them", () => {
  const trusted = ["3.4.31", "3.4.40", "3.5.13", "3.5.21", "3.6.0", "4.0.0"];
  const not = ["3.4.23", "3.4.30", "3.5.0", "3.5.12", "3.3.99", "nonsense", undefined];
  assert.deepEqual(trusted.filter((v) => !answersProgress(v)), []);
  assert.deepEqual(not.filter(answersProgress), []);
});

test("a watch that lags is nudged until it has come; one that moves by itself is not", async () => {
  const sleeps: (() => void)[] = [];
  const clock: Clock = { now: () => 0, sleep: () => new Promise((resolve) => { sleeps.push(resolve); }) };
  let nudges = 0;
  const progress = new Progress(clock, async () => { nudges++; });
  const follower: Follower = { position: 5, request: () => {} };
  const tick = async (): Promise<void> => {
    sleeps.shift()?.();
    await nextTurn();
  };
  progress.expect(7);
  assert.equal(sleeps.length, 0, "nobody watches");
  progress.join(follower);
  follower.position = 6;
  await tick();
  assert.equal(nudges, 0, "it moves");
  await tick();
  await tick();
  assert.equal(nudges, 2, "it stands");
  follower.position = 7;
  await tick();
  assert.deepEqual([nudges, sleeps.length], [2, 0], "it has come");
  progress.expect(7);
  assert.equal(sleeps.length, 0);
});
