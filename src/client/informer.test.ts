import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { keyOf } from "#apimachinery/meta.ts";
import { configMaps } from "#api/resources.ts";
import { systemClock } from "#base/clock.ts";
import { silent } from "#base/log.ts";
import { eventually } from "#base/waiting.ts";
import { FakeApi } from "./fake-api.ts";
import { newClient } from "./http-client.ts";
import { inProcess } from "./in-process-transport.ts";
import { newInformers } from "./informers.ts";

const path = (name: string) => `/api/v1/namespaces/x/configmaps/${name}`;
const map = (name: string, value = "1") => ({ metadata: { name, namespace: "x" }, data: { value } });

async function start(t: TestContext, ...names: string[]) {
  const api = new FakeApi();
  for (const name of names) api.put(path(name), map(name));
  const informers = newInformers(newClient(inProcess(api.handler, { name: "test", groups: [] })), systemClock, silent);
  const maps = informers.for(configMaps);
  const seen: string[] = [];
  maps.onChange(({ old, object }) => seen.push(object === undefined ? `- ${old?.metadata.name}` : `${old === undefined ? "+" : "~"} ${object.metadata.name}`));
  const stop = new AbortController();
  const running = informers.run(stop.signal);
  t.after(async () => { stop.abort(); await running; });
  await informers.synced(AbortSignal.timeout(5_000));
  return { api, informers, maps, seen };
}

describe("an informer", () => {
  test("shows the first list, then follows", async (t) => {
    const { api, maps, seen } = await start(t, "a");
    api.put(path("b"), map("b"));
    api.put(path("a"), map("a", "2"));
    api.remove(path("b"));
    await eventually(() => assert.deepEqual(seen, ["+ a", "+ b", "~ a", "- b"]));
    assert.deepEqual(maps.list().map(keyOf), ["x/a"]);
    assert.equal(maps.get("x/a")?.data?.["value"], "2");
    assert.equal(maps.resourceVersion, String(api.revision));
  });

  test("goes on from where it was when a watch breaks", async (t) => {
    const { api, seen } = await start(t, "a");
    await eventually(() => assert.ok(api.requests.some((r) => r.includes("watch=true"))));
    api.breakWatches();
    api.put(path("b"), map("b"));
    await eventually(() => assert.deepEqual(seen, ["+ a", "+ b"]));
    assert.equal(api.requests.filter((r) => !r.includes("watch=true")).length, 1, "it listed once");
  });

  test("lists again when the history is gone, and tells what was deleted meanwhile", async (t) => {
    const { api, seen } = await start(t, "a", "b", "c");
    await eventually(() => assert.ok(api.requests.some((r) => r.includes("watch=true"))));
    api.breakWatches();
    api.remove(path("a"));
    api.remove(path("c"));
    api.put(path("c"), { metadata: { name: "c", namespace: "x", uid: "another" } });
    api.put(path("d"), map("d"));
    api.compact();
    await eventually(() => assert.deepEqual(seen.slice(3).sort(), ["+ c", "+ d", "- a", "- c"]));
  });

  test("replays what is there to a late handler and a late index", async (t) => {
    const { api, maps } = await start(t, "a", "b");
    const late: string[] = [];
    const stop = maps.onChange(({ object }) => late.push(object?.metadata.name ?? ""));
    maps.addIndex("value", (m) => [m.data?.["value"] ?? ""]);
    assert.deepEqual([late, maps.by("value", "1").length], [["a", "b"], 2]);
    stop();
    api.put(path("b"), map("b", "7"));
    await eventually(() => assert.deepEqual(maps.by("value", "7").map(keyOf), ["x/b"]));
    assert.deepEqual([late.length, maps.by("value", "1").length, maps.list("x").length, maps.list("y").length], [2, 1, 2, 0]);
  });

  test("goes on when a handler throws", async (t) => {
    const { api, maps, seen } = await start(t);
    maps.onChange(() => { throw new Error("bad handler"); });
    api.put(path("a"), map("a"));
    await eventually(() => assert.deepEqual(seen, ["+ a"]));
  });

  test("is shared by those who ask for the same, and starts while the others run", async (t) => {
    const { informers, maps } = await start(t, "a");
    assert.equal(informers.for(configMaps), maps);
    const other = informers.for(configMaps, { namespace: "x" });
    assert.notEqual(other, maps);
    await other.synced(AbortSignal.timeout(5_000));
    assert.equal(other.list().length, 1);
  });
});
