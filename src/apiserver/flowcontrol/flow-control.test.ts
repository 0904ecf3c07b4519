import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { FlowSchema, PriorityLevelConfiguration } from "#api/gen/flowcontrol-v1.ts";
import { nextTurn } from "#base/clock.ts";
import type { Clock } from "#base/clock.ts";
import type { HttpResponse } from "#base/http.ts";
import { silent } from "#base/log.ts";
import { openSqliteStore } from "#storage/sqlite/store.ts";
import { Feed } from "../cacher/feed.ts";
import type { RequestContext } from "../filters/context.ts";
import { requestInfo } from "../filters/request-info.ts";
import { FlowControl } from "./flow-control.ts";

const group = "flowcontrol.apiserver.k8s.io";
const never: Clock = { now: () => 0, sleep: () => new Promise(() => {}) };
const done: HttpResponse = { status: 200, headers: {}, body: new Uint8Array() };

function contextOf(user: string, url = "/api/v1/namespaces/t/pods/p", groups: readonly string[] = ["system:authenticated"]): RequestContext {
  return { request: { method: "GET", url, headers: {}, body: (async function* () {})(), signal: new AbortController().signal }, info: requestInfo("GET", url), user: { name: user, groups }, warnings: new Set(), annotations: new Map() };
}

const schema = (name: string, level: string, precedence: number, user: string, more: Partial<FlowSchema["spec"]> = {}): FlowSchema => ({
  metadata: { name, uid: `uid-of-${name}` }, status: {},
  spec: {
    priorityLevelConfiguration: { name: level }, matchingPrecedence: precedence, distinguisherMethod: { type: "ByUser" },
    rules: [{ subjects: [{ kind: "User", user: { name: user } }], resourceRules: [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"], namespaces: ["*"], clusterScope: true }] }], ...more,
  },
});
const level = (name: string, shares: number, limited: PriorityLevelConfiguration["spec"]["limited"] = {}): PriorityLevelConfiguration =>
  ({ metadata: { name, uid: `uid-of-${name}` }, status: {}, spec: { type: "Limited", limited: { nominalConcurrencyShares: shares, lendablePercent: 0, borrowingLimitPercent: 0, limitResponse: { type: "Queue", queuing: { queues: 4, handSize: 1, queueLengthLimit: 2 } }, ...limited } } });

async function flowControl(t: TestContext, seats: number, schemas: readonly FlowSchema[], levels: readonly PriorityLevelConfiguration[]): Promise<{ readonly flow: FlowControl; readonly log: string[] }> {
  const store = await openSqliteStore({ path: ":memory:" });
  for (const object of schemas) await store.put(`/registry/${group}/flowschemas/${object.metadata.name}`, Buffer.from(JSON.stringify(object)), 0);
  for (const object of levels) await store.put(`/registry/${group}/prioritylevelconfigurations/${object.metadata.name}`, Buffer.from(JSON.stringify(object)), 0);
  const feed = new Feed(store, never, silent);
  const stop = new AbortController();
  const running = feed.run(stop.signal);
  t.after(async () => {
    stop.abort();
    await running;
    await store.close();
  });
  await feed.loaded;
  const log: string[] = [];
  return { log, flow: new FlowControl(feed, never, seats, { dispatched: (name) => log.push(`run ${name}`), rejected: (name, _level, why) => log.push(`refuse ${name}: ${why}`) }) };
}

/** A request that is under way until `end`. */
function held(flow: FlowControl, ctx: RequestContext): { readonly answer: Promise<HttpResponse>; readonly end: () => void; readonly begun: () => boolean } {
  const { promise, resolve } = Promise.withResolvers<HttpResponse>();
  let begun = false;
  const answer = flow.run(ctx, "end", () => {
    begun = true;
    return promise;
  });
  return { answer, end: () => resolve(done), begun: () => begun };
}

test("without any object all is let in by the mandatory ones, with their names", async (t) => {
  const { flow, log } = await flowControl(t, 10, [], []);
  assert.equal((await flow.run(contextOf("bob"), "end", async () => done)).status, 200);
  await flow.run(contextOf("admin", "/", ["system:masters"]), "end", async () => done);
  assert.deepEqual(log, ["run catch-all", "run exempt"]);
});

test("the first schema by precedence and name wins, and its objects' uids are told", async (t) => {
  const { flow, log } = await flowControl(t, 10, [schema("late", "low", 900, "*"), schema("b", "low", 100, "bob"), schema("a", "low", 100, "bob")], [level("low", 10)]);
  const { headers } = await flow.run(contextOf("bob"), "end", async () => done);
  assert.deepEqual([headers["x-kubernetes-pf-flowschema-uid"], headers["x-kubernetes-pf-prioritylevel-uid"]], ["uid-of-a", "uid-of-low"]);
  await flow.run(contextOf("alice"), "end", async () => done);
  assert.deepEqual(log, ["run a", "run late"]);
});

test("who finds no seat waits, who finds no room to wait is refused, who is exempt goes on", async (t) => {
  const { flow, log } = await flowControl(t, 2, [schema("s", "l", 100, "bob")], [level("l", 5)]);
  const requests = Array.from({ length: 4 }, () => held(flow, contextOf("bob"))); // catch-all has 5 shares as well: one seat each
  await nextTurn();
  assert.deepEqual(requests.map((r) => r.begun()), [true, false, false, false]);
  const refused = await requests[3]?.answer;
  assert.deepEqual([refused?.status, refused?.headers["retry-after"], Buffer.from(refused?.body as Uint8Array).toString()], [429, "1", "Too many requests, please try again later.\n"]);
  assert.equal((await flow.run(contextOf("admin", "/", ["system:masters"]), "end", async () => done)).status, 200);
  requests[0]?.end();
  await nextTurn();
  assert.deepEqual(requests.map((r) => r.begun()), [true, true, false, false]);
  requests[1]?.end();
  await nextTurn();
  requests[2]?.end();
  assert.deepEqual(await Promise.all(requests.slice(0, 3).map(async (r) => (await r.answer).status)), [200, 200, 200]);
  assert.deepEqual(log, ["run s", "refuse s: queue-full", "run exempt", "run s", "run s"]);
});

test("seats that a level lends are used by others, those that it keeps are not", async (t) => {
  const lender = (percent: number): PriorityLevelConfiguration => level("lender", 45, { lendablePercent: percent });
  const borrower = level("borrower", 50, { borrowingLimitPercent: 100 });
  for (const [percent, wanted] of [[0, 10], [40, 14]] as const) { // of 20 seats: 9, 10, and 1 of catch-all
    const { flow } = await flowControl(t, 20, [schema("s", "borrower", 100, "*", { distinguisherMethod: { type: "ByNamespace" } })], [lender(percent), borrower]);
    const requests = Array.from({ length: 16 }, (_, i) => held(flow, contextOf("bob", `/api/v1/namespaces/n${i}/pods/p`)));
    await nextTurn();
    assert.equal(requests.filter((r) => r.begun()).length, wanted, `${percent} per cent`);
    for (const r of requests) r.end();
  }
});

test("a stream's seat is free as soon as it follows", async (t) => {
  const { flow } = await flowControl(t, 2, [schema("s", "l", 100, "bob")], [level("l", 5, { limitResponse: { type: "Reject" } })]);
  const stream = async function* (): AsyncGenerator<Uint8Array> { yield new Uint8Array(); };
  for (let i = 0; i < 5; i++) assert.equal((await flow.run(contextOf("bob"), "head", async () => ({ ...done, body: stream() }))).status, 200);
  assert.equal((await flow.run(contextOf("bob"), "end", async () => ({ ...done, body: stream() }))).status, 200);
  assert.equal((await flow.run(contextOf("bob"), "end", async () => done)).status, 429);
});
