import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isStatus } from "#apimachinery/status.ts";
import { configMaps, namespaces } from "#api/resources.ts";
import { systemClock } from "#base/clock.ts";
import { FakeApi } from "./fake-api.ts";
import { newClient } from "./http-client.ts";
import { inProcess } from "./in-process-transport.ts";
import { pathOf, queryOf } from "./paths.ts";
import { lines } from "./watch-stream.ts";

const open = () => {
  const api = new FakeApi();
  const slept: number[] = [];
  const clock = { ...systemClock, sleep: async (ms: number) => { slept.push(ms); } };
  return { api, slept, client: newClient(inProcess(api.handler, { name: "test", groups: [] }), clock) };
};
const settings = (data: Record<string, string>) => ({ metadata: { name: "a", namespace: "x" }, data });

describe("the typed client", () => {
  test("writes, reads, lists and deletes", async () => {
    const { client } = open();
    const maps = client.resource(configMaps);
    const made = await maps.create(settings({ k: "1" }));
    assert.deepEqual([made.kind, made.apiVersion, made.metadata.resourceVersion], ["ConfigMap", "v1", "1"]);
    await maps.update({ ...made, data: { k: "2" } });
    assert.deepEqual((await maps.get("a", "x")).data, { k: "2" });
    assert.equal((await maps.list({ namespace: "x" })).items.length, 1);
    await maps.delete("a", "x");
    assert.deepEqual((await maps.list()).items, []);
  });

  test("throws the server's Status", async () => {
    const { client } = open();
    const made = await client.resource(configMaps).create(settings({}));
    await client.resource(configMaps).update(made);
    await assert.rejects(client.resource(configMaps).update(made), (err) => isStatus(err, "Conflict"));
    await assert.rejects(client.resource(configMaps).get("b", "x"), { message: 'configmaps "b" not found' });
    await assert.rejects(client.resource(configMaps).create(settings({})), (err) => isStatus(err, "AlreadyExists"));
  });

  test("makes a Status of an answer that is none", async () => {
    const { client, api } = open();
    api.nextAnswers.push({ status: 503, headers: {}, body: Buffer.from("<html>busy</html>") });
    await assert.rejects(client.request({ method: "GET", path: "/x?token=abc" }), (err) => isStatus(err, "ServiceUnavailable") && err.code === 503 && !err.message.includes("abc"));
  });

  test("waits as long as the server says, ten times, then gives up", async () => {
    const { client, api, slept } = open();
    const busy = { status: 429, headers: { "retry-after": "2" }, body: Buffer.from("") };
    api.nextAnswers.push(busy, busy);
    assert.deepEqual(await client.resource(namespaces).list().then((l) => l.items), []);
    assert.deepEqual(slept, [2000, 2000]);
    api.nextAnswers.push(...Array.from({ length: 11 }, () => busy));
    await assert.rejects(client.resource(namespaces).list(), (err) => isStatus(err, "TooManyRequests"));
    assert.equal(slept.length, 12);
  });

  test("a watch yields changes, names their kind, and an ERROR event is thrown", async () => {
    const { client, api } = open();
    api.put("/api/v1/namespaces/x/configmaps/a", settings({}));
    const seen: string[] = [];
    for await (const event of client.resource(configMaps).watch({ resourceVersion: "0" }, new AbortController().signal)) {
      if (event.type === "BOOKMARK") continue;
      seen.push(`${event.type} ${event.object.kind} ${event.object.metadata.name}`);
      break;
    }
    assert.deepEqual(seen, ["ADDED ConfigMap a"]);
    const status = { type: "ERROR", object: { kind: "Status", reason: "Expired", code: 410, message: "too old" } };
    api.nextAnswers.push({ status: 200, headers: {}, body: Buffer.from(`${JSON.stringify(status)}\n`) });
    await assert.rejects(Array.fromAsync(client.resource(configMaps).watch({}, new AbortController().signal)), (err) => isStatus(err, "Expired"));
  });

  test("an aborted watch rejects with the reason and ends the server's side", async () => {
    const { client } = open();
    const stop = new AbortController();
    const watching = Array.fromAsync(client.resource(configMaps).watch({}, stop.signal));
    stop.abort(new Error("enough"));
    await assert.rejects(watching, /enough/);
  });
});

test("paths escape what is in names", () => {
  assert.equal(pathOf(configMaps, "../x", "a/b"), "/api/v1/namespaces/..%2Fx/configmaps/a%2Fb");
  assert.equal(pathOf(namespaces, undefined, "a", "finalize"), "/api/v1/namespaces/a/finalize");
  assert.equal(queryOf({ labelSelector: "a in (b,c)", limit: 5 }, { watch: "true" }), "?watch=true&labelSelector=a+in+%28b%2Cc%29&limit=5");
});

test("lines come whole from any pieces, and none may be endless", async () => {
  const pieces = (...texts: string[]) => (async function* () { for (const text of texts) yield Buffer.from(text); })();
  assert.deepEqual(await Array.fromAsync(lines(pieces("a", "b\nc\n", "\n", "d", "e\nf"))), ["ab", "c", "de"]);
  await assert.rejects(Array.fromAsync(lines(pieces("abc", "def"), 5)), RangeError);
});
