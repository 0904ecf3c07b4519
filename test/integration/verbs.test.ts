/** What the verbs promise, over the wire: consistent reads, pages, watches, deletions, dry runs, field validation, time limits. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { KubeObject } from "#apimachinery/meta.ts";
import { systemClock } from "#base/clock.ts";
import { eventually } from "#base/waiting.ts";
import { startApiServer, type TestApiServer } from "../support/api-server.ts";
import { textOf } from "../support/https.ts";

interface List { readonly metadata: { readonly resourceVersion: string; readonly continue?: string; readonly remainingItemCount?: number }; readonly items: readonly KubeObject[] }
interface Event { readonly type: string; readonly object: KubeObject }

const names = (list: List): string[] => list.items.map(({ metadata }) => metadata.name);
const merge = "application/merge-patch+json";

describe("verbs", { concurrency: 4 }, () => {
  let server: TestApiServer;
  let forgetful: TestApiServer;
  before(async () => { [server, forgetful] = await Promise.all([startApiServer(), startApiServer(undefined, { compactAfterMs: 50 })]); });
  after(() => Promise.all([server.stop(), forgetful.stop()]));

  const ask = async <T>(method: string, path: string, body?: unknown, type?: string): Promise<T> => {
    const answer = await server.admin(method, path, { ...(body !== undefined && { body }), ...(type !== undefined && { type }) });
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`);
    return JSON.parse(answer.text) as T;
  };
  /** A namespace of its own for each test, and its ConfigMaps. */
  async function space(name: string, ...maps: readonly string[]): Promise<string> {
    await ask("POST", "/api/v1/namespaces", { metadata: { name } });
    const path = `/api/v1/namespaces/${name}/configmaps`;
    for (const map of maps) await ask("POST", path, { metadata: { name: map, labels: { app: map } }, data: { k: map } });
    return path;
  }
  const watched = async (path: string): Promise<Event[]> => (await textOf(await server.admin.open("GET", path))).split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as Event);
  const shown = (events: readonly Event[]): string[] => events.map(({ type, object }) => `${type} ${object.metadata.name ?? ""}`.trim());

  test("a list at a revision: exactly that, not older, or whatever is there", async () => {
    const path = await space("revisions", "a");
    const old = await ask<List>("GET", path);
    await ask("POST", path, { metadata: { name: "b" } });
    const at = old.metadata.resourceVersion;
    const seen = async (query: string): Promise<string[]> => names(await ask<List>("GET", `${path}?${query}`));
    assert.deepEqual(await seen(`resourceVersion=${at}&resourceVersionMatch=Exact`), ["a"]);
    assert.equal((await ask<List>("GET", `${path}?resourceVersion=${at}&resourceVersionMatch=Exact`)).metadata.resourceVersion, at);
    for (const query of ["", `resourceVersion=${at}`, `resourceVersion=${at}&resourceVersionMatch=NotOlderThan`, "resourceVersion=0", "resourceVersion=0&resourceVersionMatch=NotOlderThan", `resourceVersion=${at}&limit=10`, "bogus=1"]) {
      assert.deepEqual(await seen(query), ["a", "b"], query);
    }
  });

  test("pages are of one revision, whatever is written between them", async () => {
    const path = await space("pages", "a", "b", "c", "d", "e");
    const first = await ask<List>("GET", `${path}?limit=2`);
    assert.deepEqual([names(first), first.metadata.remainingItemCount], [["a", "b"], 3]);
    await ask("POST", path, { metadata: { name: "bb" } });
    await ask("DELETE", `${path}/d`);
    const second = await ask<List>("GET", `${path}?limit=2&continue=${first.metadata.continue ?? ""}`);
    assert.deepEqual([names(second), second.metadata.remainingItemCount, second.metadata.resourceVersion], [["c", "d"], 1, first.metadata.resourceVersion]);
    const last = await ask<List>("GET", `${path}?limit=2&continue=${second.metadata.continue ?? ""}`);
    assert.deepEqual([names(last), last.metadata.continue, last.metadata.remainingItemCount], [["e"], undefined, undefined]);
    const selected = await ask<List>("GET", `${path}?limit=1&labelSelector=app`);
    assert.deepEqual([names(selected), selected.metadata.remainingItemCount, selected.metadata.continue === undefined], [["a"], undefined, false]);
  });

  test("a page that is too late gets a token that goes on with what is there now", async () => {
    const path = "/api/v1/namespaces/default/secrets";
    const { admin } = forgetful;
    for (const name of ["a", "b", "c"]) await admin("POST", path, { body: { metadata: { name } } });
    const first = await admin.json<List>("GET", `${path}?limit=1`);
    await admin("DELETE", `${path}/b`);
    const next = `${path}?limit=1&continue=${first.metadata.continue ?? ""}`;
    const answer = await eventually(async () => {
      await admin("PATCH", `${path}/a`, { body: { metadata: { labels: { now: String(systemClock.now()) } } }, type: merge }); // history is forgotten as new is made
      const late = await admin("GET", next);
      assert.equal(late.status, 410);
      return late;
    });
    const { reason, code, message, metadata } = JSON.parse(answer.text) as { reason: string; code: number; message: string; metadata: { continue: string } };
    assert.deepEqual([reason, code], ["Expired", 410]);
    assert.match(message, /^The provided continue parameter is too old to display a consistent list result\./);
    assert.deepEqual(names(await admin.json<List>("GET", `${path}?limit=1&continue=${metadata.continue}`)), ["c"]);
    const exact = await admin("GET", `${path}?resourceVersion=${first.metadata.resourceVersion}&resourceVersionMatch=Exact`);
    assert.equal(exact.status, 410);
  });

  test("a watch by labels: who begins to match is added, who no longer does is deleted in its last state", async () => {
    const path = await space("labels", "a");
    const { metadata } = await ask<List>("GET", path);
    for (const app of ["b", "c", "b"]) await ask("PATCH", `${path}/a`, { metadata: { labels: { app } } }, merge);
    await ask("PATCH", `${path}/a`, { data: { k: "2" } }, merge);
    await ask("DELETE", `${path}/a`);
    const events = await watched(`${path}?watch=1&labelSelector=app%3Db&resourceVersion=${metadata.resourceVersion}&timeoutSeconds=1`);
    assert.deepEqual(shown(events), ["ADDED a", "DELETED a", "ADDED a", "MODIFIED a", "DELETED a"]);
    assert.equal(events[1]?.object.metadata.labels?.["app"], "b");
    const revisions = events.map(({ object }) => Number(object.metadata.resourceVersion));
    assert.deepEqual(revisions, revisions.toSorted((x, y) => x - y));
    assert.deepEqual(shown(await watched(`${path}?watch=1&fieldSelector=metadata.name%3Dnope&resourceVersion=${metadata.resourceVersion}&timeoutSeconds=1`)), []);
  });

  test("a watch from nowhere begins with what is there, and says where that ends to who asks for bookmarks", async () => {
    const path = await space("initial", "a", "b");
    for (const query of ["sendInitialEvents=true&resourceVersionMatch=NotOlderThan", "", "resourceVersion=0"]) {
      const events = await watched(`${path}?watch=1&allowWatchBookmarks=true&timeoutSeconds=1&${query}`);
      assert.deepEqual(shown(events).slice(0, 3), ["ADDED a", "ADDED b", "BOOKMARK"], query);
      assert.deepEqual(events[2]?.object.metadata.annotations, { "k8s.io/initial-events-end": "true" });
      assert.ok(events.slice(3).every(({ type }) => type === "BOOKMARK"));
    }
    assert.deepEqual(shown(await watched(`${path}?watch=1&timeoutSeconds=1`)), ["ADDED a", "ADDED b"]);
    const none = await watched(`${path}?watch=1&allowWatchBookmarks=true&timeoutSeconds=1&sendInitialEvents=false&resourceVersionMatch=NotOlderThan`);
    assert.ok(none.every(({ type, object }) => type === "BOOKMARK" && object.metadata.annotations === undefined));
  });

  test("what a deletion leaves and answers follows from its policy", async () => {
    const path = await space("deletion", "plain", "orphan", "foreground", "old");
    const plain = await ask<KubeObject>("GET", `${path}/plain`);
    assert.deepEqual(await ask("DELETE", `${path}/plain?dryRun=All`), { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details: { name: "plain", kind: "configmaps", uid: plain.metadata.uid } });
    assert.deepEqual(await ask("DELETE", `${path}/plain`, { preconditions: { uid: plain.metadata.uid, resourceVersion: plain.metadata.resourceVersion } }), { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details: { name: "plain", kind: "configmaps", uid: plain.metadata.uid } });
    const held = async (query: string, body?: unknown): Promise<readonly string[] | undefined> => {
      const { kind, metadata } = await ask<KubeObject>("DELETE", `${path}/${query}`, body);
      assert.deepEqual([kind, typeof metadata.deletionTimestamp], ["ConfigMap", "string"]);
      return metadata.finalizers;
    };
    assert.deepEqual(await held("orphan?propagationPolicy=Orphan"), ["orphan"]);
    assert.deepEqual(await held("foreground", { propagationPolicy: "Foreground" }), ["foregroundDeletion"]);
    assert.deepEqual(await held("old?orphanDependents=true"), ["orphan"]);
    assert.deepEqual(await held("old?propagationPolicy=Foreground"), ["foregroundDeletion"]); // the body, or the query where there is none
    assert.equal((await server.admin("POST", path, { body: { metadata: { name: "old" } } })).status, 409);
    await ask("PATCH", `${path}/old`, { metadata: { finalizers: null } }, merge);
    assert.equal((await server.admin("GET", `${path}/old`)).status, 404);
  });

  test("a collection is deleted by its selectors", async () => {
    const path = await space("collection", "a", "b", "c");
    assert.deepEqual(names(await ask<List>("DELETE", `${path}?labelSelector=app+in+(a,b)&dryRun=All`)), ["a", "b"]);
    assert.deepEqual(names(await ask<List>("DELETE", `${path}?labelSelector=app+in+(a,b)`)), ["a", "b"]);
    assert.deepEqual(names(await ask<List>("DELETE", `${path}?fieldSelector=metadata.name%3Dnope`)), []);
    assert.deepEqual(names(await ask<List>("GET", path)), ["c"]);
  });

  test("a name is generated; a dry run gives it and keeps nothing; a PUT is unconditional without a revision, or at revision 0", async () => {
    const path = await space("writes", "a");
    assert.match((await ask<KubeObject>("POST", path, { metadata: { generateName: "x-" } })).metadata.name, /^x-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    const dry = await ask<KubeObject>("POST", `${path}?dryRun=All`, { metadata: { name: "dry" } });
    assert.deepEqual([typeof dry.metadata.uid, dry.metadata.resourceVersion], ["string", undefined]);
    assert.equal((await server.admin("GET", `${path}/dry`)).status, 404);
    const was = await ask<KubeObject>("GET", `${path}/a`);
    const same = await ask<KubeObject>("PUT", `${path}/a?dryRun=All`, { metadata: { name: "a" }, data: { k: "dry" } });
    assert.equal(same.metadata.resourceVersion, was.metadata.resourceVersion);
    const next = await ask<KubeObject & { data: object }>("PUT", `${path}/a`, { metadata: { name: "a" }, data: { k: "new" } });
    assert.deepEqual([next.data, next.metadata.uid, next.metadata.resourceVersion === was.metadata.resourceVersion], [{ k: "new" }, was.metadata.uid, false]);
    const again = await ask<KubeObject>("PUT", `${path}/a`, { metadata: { name: "a" }, data: { k: "new" } });
    assert.equal(again.metadata.resourceVersion, next.metadata.resourceVersion);
    const zero = await ask<KubeObject & { data: object }>("PUT", `${path}/a`, { metadata: { name: "a", resourceVersion: "0" }, data: { k: "zero" } });
    assert.deepEqual([zero.data, Number(zero.metadata.resourceVersion) > Number(next.metadata.resourceVersion)], [{ k: "zero" }, true]);
    assert.match((await ask<KubeObject>("POST", path, { metadata: { name: "made", resourceVersion: "0" } })).metadata.resourceVersion ?? "", /^[1-9]/);
  });

  test("unknown and doubled fields are ignored, warned of or refused", async () => {
    const path = await space("fields");
    const body = (name: string): string => `{"metadata":{"name":"${name}"},"data":{"a":"1","a":"2"},"nope":1}`;
    const made = async (query: string, name: string): Promise<readonly [number, string | undefined]> => {
      const { status, headers } = await server.admin("POST", `${path}${query}`, { body: body(name) });
      return [status, headers["warning"] as string | undefined];
    };
    assert.deepEqual(await made("?fieldValidation=Ignore", "a"), [201, undefined]);
    const warnings = '299 - "unknown field \\"nope\\"", 299 - "duplicate field \\"data.a\\""';
    assert.deepEqual(await made("?fieldValidation=Warn", "b"), [201, warnings]);
    assert.deepEqual(await made("", "c"), [201, warnings]);
    assert.equal((await made("?fieldValidation=Strict", "d"))[0], 400);
  });

  test("methods that are not there, and time limits", async () => {
    const path = await space("methods", "a");
    for (const [method, url, status] of [["HEAD", `${path}/a`, 405], ["HEAD", "/healthz", 200], ["OPTIONS", path, 405], ["POST", "/version", 405], ["DELETE", "/api/v1/namespaces", 405], ["GET", "/api/v1/watch/namespaces?timeoutSeconds=1&limit=1", 200]] as const) {
      assert.equal((await server.admin(method, url)).status, status, `${method} ${url}`);
    }
    const { message } = JSON.parse((await server.admin("GET", `${path}?timeout=soon`)).text) as { message: string };
    assert.equal(message, 'invalid timeout specified in the request URL - time: invalid duration "soon"');
    const late = await server.admin("GET", `${path}?timeout=20ms&resourceVersion=99999999`);
    assert.deepEqual([late.status, (JSON.parse(late.text) as { message: string }).message], [504, "Timeout: request did not complete within the allotted timeout"]);
  });
});
