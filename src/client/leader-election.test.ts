import assert from "node:assert/strict";
import { test } from "node:test";
import type { LeaseSpec } from "#api/gen/coordination-v1.ts";
import { leases } from "#api/resources.ts";
import { nextTurn } from "#base/clock.ts";
import type { Clock } from "#base/clock.ts";
import type { Component } from "#base/component.ts";
import { silent } from "#base/log.ts";
import { FakeApi } from "./fake-api.ts";
import { newClient } from "./http-client.ts";
import { inProcess } from "./in-process-transport.ts";
import { elected } from "./leader-election.ts";
import { claim, observe, release, type Observed } from "./lease-record.ts";

const now = Date.parse("2026-01-01T00:01:00Z");
const held = (over: Partial<LeaseSpec> = {}): LeaseSpec => ({ holderIdentity: "b", leaseDurationSeconds: 15, acquireTime: "2026-01-01T00:00:00.000000Z", renewTime: "2026-01-01T00:00:30.000000Z", leaseTransitions: 3, ...over });
const taken = { holderIdentity: "a", leaseDurationSeconds: 15, acquireTime: "2026-01-01T00:01:00.000000Z", renewTime: "2026-01-01T00:01:00.000000Z" };

const claims: readonly (readonly [what: string, observed: Observed | undefined, expected: LeaseSpec | undefined])[] = [
  ["no lease yet", undefined, { ...taken, leaseTransitions: 0 }],
  ["another's, changed just now", { spec: held(), atMs: now }, undefined],
  ["another's, unchanged for less than its duration", { spec: held(), atMs: now - 14_999 }, undefined],
  ["another's, unchanged for its duration", { spec: held(), atMs: now - 15_000 }, { ...taken, leaseTransitions: 4 }],
  ["another's, from the past by its own times, but seen to change just now", { spec: held({ renewTime: "1999-01-01T00:00:00.000000Z" }), atMs: now - 1 }, undefined],
  ["another's, from the future by its own times, but unchanged for its duration", { spec: held({ renewTime: "2099-01-01T00:00:00.000000Z" }), atMs: now - 15_000 }, { ...taken, leaseTransitions: 4 }],
  ["another's, with a longer duration of its own", { spec: held({ leaseDurationSeconds: 60 }), atMs: now - 30_000 }, undefined],
  ["given back", { spec: held({ holderIdentity: "", leaseDurationSeconds: 1 }), atMs: now }, { ...taken, leaseTransitions: 4 }],
  ["our own", { spec: held({ holderIdentity: "a" }), atMs: now - 1_000 }, { ...held(), holderIdentity: "a", renewTime: taken.renewTime }],
  ["our own, from long ago", { spec: held({ holderIdentity: "a" }), atMs: now - 100_000 }, { ...held(), holderIdentity: "a", renewTime: taken.renewTime }],
  ["without a duration", { spec: { holderIdentity: "b" }, atMs: now }, { ...taken, leaseTransitions: 1 }],
];
for (const [what, observed, expected] of claims) {
  test(`a lease: ${what}`, () => assert.deepEqual(claim({ identity: "a", leaseMs: 15_000 }, observed, now), expected));
}

test("only a change is a sign of life", () => {
  const first = observe(undefined, held(), 10);
  assert.equal(first.atMs, 10);
  assert.equal(observe(first, held(), 20).atMs, 10);
  assert.equal(observe(first, held({ renewTime: "2026-01-01T00:00:31.000000Z" }), 20).atMs, 20);
});

test("a lease that is given back has no holder and ends at once", () => {
  assert.deepEqual(release(held(), now), { holderIdentity: "", leaseDurationSeconds: 1, acquireTime: taken.acquireTime, renewTime: taken.renewTime, leaseTransitions: 3 });
});

/** Time that passes when told to. */
class TestClock implements Clock {
  #now: number;
  readonly #sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();
  constructor(start: number) { this.#now = start; }
  now = (): number => this.#now;

  sleep = (ms: number, signal: AbortSignal): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (signal.aborted) reject(signal.reason);
    const sleeper = { at: this.#now + ms, wake: resolve };
    this.#sleepers.add(sleeper);
    signal.addEventListener("abort", () => { this.#sleepers.delete(sleeper); reject(signal.reason); }, { once: true });
    return promise;
  };

  /** So much time goes by at once. */
  leap(ms: number): void {
    this.#now += ms;
    for (const sleeper of this.#sleepers) if (sleeper.at <= this.#now && this.#sleepers.delete(sleeper)) sleeper.wake();
  }

  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 250) {
      this.leap(250);
      for (let i = 0; i < 20; i++) await nextTurn();
    }
  }
}

/** A server that may be cut off from the API, with a clock of its own. */
class Server {
  readonly clock: TestClock;
  readonly stop = new AbortController();
  leads = false;
  terms = 0;
  /** `unheard`: what is written comes through, its answer does not. */
  cut: "no" | "refused" | "silent" | "unheard" = "no";
  readonly #done: Promise<void>;

  constructor(api: FakeApi, identity: string, clockStart: number, random = 0) {
    this.clock = new TestClock(clockStart);
    const client = newClient(inProcess((request) => {
      if (this.cut === "refused") return Promise.reject(new Error("cut off"));
      const answer = this.cut === "silent" ? undefined : api.handler(request);
      return answer === undefined || (this.cut === "unheard" && request.method === "PUT") ? new Promise(() => {}) : answer;
    }, { name: identity, groups: [] }), this.clock);
    const part: Component = {
      name: "part",
      run: async (signal) => {
        this.leads = true;
        this.terms++;
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
        this.leads = false;
      },
    };
    this.#done = elected({ client, clock: this.clock, log: silent, name: "x", identity, random: () => random }, () => part).run(this.stop.signal);
  }

  async end(): Promise<void> {
    this.stop.abort();
    await this.#done;
  }
}

async function pass(servers: readonly Server[], ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 250) {
    await Promise.all(servers.map(({ clock }) => clock.pass(250)));
    assert(servers.filter(({ leads }) => leads).length <= 1, "two lead");
  }
}

test("one leads, also with clocks a day apart; a stop gives the lease to the other within seconds", async () => {
  const api = new FakeApi();
  const servers = [new Server(api, "a", now), new Server(api, "b", now + 86_400_000)] as const;
  await pass(servers, 60_000);
  const [leader, other] = servers[0].leads ? servers : [servers[1], servers[0]];
  assert.deepEqual([leader.leads, leader.terms, other.terms], [true, 1, 0]);
  await leader.end();
  await pass([other], 3_000);
  assert(other.leads);
  await other.end();
});

test("a lease is given back also when the stop comes while its renewal is under way", async () => {
  const api = new FakeApi();
  const [leader, other] = [new Server(api, "a", now), new Server(api, "b", now)] as const;
  await leader.clock.pass(500);
  await pass([leader, other], 5_000);
  assert(leader.leads);
  leader.cut = "unheard";
  await pass([leader, other], 2_500);
  leader.cut = "no";
  await leader.end();
  await pass([other], 3_000);
  assert(other.leads);
  await other.end();
});

for (const random of [0, 0.99]) {
  test(`whenever its leader falls silent, a cluster has another within 17 s, at chance ${random}`, async () => {
    for (let afterMs = 0; afterMs < 4_000; afterMs += 1_000) {
      const api = new FakeApi();
      const servers = [new Server(api, "a", now, random), new Server(api, "b", now, random)] as const;
      await pass(servers, 20_000 + afterMs);
      const [leader, other] = servers[0].leads ? servers : [servers[1], servers[0]];
      leader.cut = "silent";
      await pass(servers, 17_250); // time goes in steps of a quarter
      assert(other.leads, `silent after ${afterMs} ms`);
      await Promise.all([leader.end(), other.end()]);
    }
  });
}

test("a leader whose process stood still has stopped before it does anything when it goes on", async () => {
  const api = new FakeApi();
  const servers = [new Server(api, "a", now), new Server(api, "b", now)] as const;
  await pass(servers, 20_000);
  const [leader, other] = servers[0].leads ? servers : [servers[1], servers[0]];
  await pass([other], 18_000);
  assert(other.leads);
  leader.clock.leap(18_000);
  assert.equal(await stopsIn(leader), true);
  await pass(servers, 20_000);
  assert.deepEqual([leader.leads, other.leads, other.terms], [false, true, 1]);
  await Promise.all([leader.end(), other.end()]);
});

/** Whether it stops without another turn of its event loop. */
async function stopsIn(server: Server): Promise<boolean> {
  await nextTurn();
  return !server.leads;
}

for (const how of ["refused", "silent"] as const) {
  test(`a leader whose requests are ${how} stops before the other starts, and follows when it is back`, async () => {
    const api = new FakeApi();
    const servers = [new Server(api, "a", now), new Server(api, "b", now - 3_600_000)] as const;
    await pass(servers, 20_000);
    const [leader, other] = servers[0].leads ? servers : [servers[1], servers[0]];
    leader.cut = how;
    await pass(servers, 13_000);
    assert.deepEqual([leader.leads, other.leads], [false, false]);
    await pass(servers, 7_000);
    assert.deepEqual([leader.leads, other.leads], [false, true]);
    leader.cut = "no";
    await pass(servers, 30_000);
    assert.deepEqual([leader.leads, other.leads, other.terms], [false, true, 1]);
    await other.end();
    await pass([leader], 3_000);
    assert.deepEqual([leader.leads, leader.terms], [true, 2]);
    await leader.end();
  });
}

test("a part that fails ends the election, and the lease is given back", async () => {
  const api = new FakeApi();
  const clock = new TestClock(now);
  const client = newClient(inProcess(api.handler, { name: "a", groups: [] }), clock);
  const election = elected({ client, clock, log: silent, name: "x", identity: "a" }, () => ({ name: "broken", run: () => Promise.reject(new Error("broken")) }));
  await assert.rejects(election.run(new AbortController().signal), /broken/);
  assert.equal((await client.resource(leases).get("x", "kube-system")).spec.holderIdentity, "");
});
