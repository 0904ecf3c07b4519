/** What a body may do to the server: nothing. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { pause } from "#base/waiting.ts";
import { startLoneServer, type LoneServer } from "../../support/lone-server.ts";
import type { Answer } from "../../support/https.ts";

const maps = "/api/v1/namespaces/default/configmaps";
const json = "application/json-patch+json";
const yaml = "application/yaml";
const kind = { kind: "ConfigMap", apiVersion: "v1" };
const lol = ["a: &a [x,x,x,x,x,x,x,x,x]", ..."bcdefghij".split("").map((c, i) => `${c}: &${c} [${Array(9).fill(`*${"abcdefghij"[i]}`).join()}]`)].join("\n");

describe("bodies", () => {
  let server: LoneServer;
  const refused = ({ status, text }: Answer, ...codes: readonly number[]): void => assert.ok(codes.includes(status), `${status}: ${text.slice(0, 300)}`);
  const resident = async (): Promise<number> => Number(/^process_resident_memory_bytes (\S+)/m.exec((await server.admin("GET", "/metrics")).text)?.[1]) / 2 ** 20;
  const create = (body: unknown, type = "application/json", query = ""): Promise<Answer> => server.admin("POST", `${maps}${query}`, { body, type });
  const patch = (body: unknown, type: string): Promise<Answer> => server.admin("PATCH", `${maps}/victim`, { body, type });
  before(async () => {
    server = await startLoneServer();
    assert.equal((await create({ metadata: { name: "victim", labels: { a: "b" } }, data: { k: "x".repeat(1024) } })).status, 201);
  });
  after(() => server.remove());

  test("row 5: a billion laughs in YAML are refused at once and in 50 MB (CVE-2019-11253)", async () => {
    await create(`kind: ConfigMap\napiVersion: v1\nmetadata: {name: warm}\n`, yaml);
    const before = await resident();
    await server.stall();
    refused(await create(`kind: ConfigMap\napiVersion: v1\nmetadata: {name: lol}\ndata:\n${lol.replaceAll(/^/gm, "  ")}\n`, yaml), 400, 413);
    const took = await server.stall(); // some 10 ms
    assert.ok(took < 200, `${took} ms of processor time`);
    assert.ok((await resident()) - before < 50);
  });

  test("row 6: a JSON patch of 10,001 operations, and copies that double, are refused (CVE-2019-1002100)", async () => {
    refused(await patch(Array.from({ length: 10_001 }, () => ({ op: "test", path: "/data/k", value: "" })), json), 413);
    const doubling = [{ op: "add", path: "/data/a", value: "y".repeat(100_000) }, ...Array.from({ length: 9000 }, (_, i) => ({ op: "copy", from: "/data", path: `/data/c${i}` }))];
    refused(await patch(doubling, json), 400, 413, 422);
  });

  test("row 7: 3 MiB and one byte are too large, whether said before or not; a gzip bomb is too", async () => {
    refused(await create(" ".repeat(3 * 1024 * 1024 + 1)), 413);
    refused(await server.admin("POST", maps, { body: gzipSync(Buffer.alloc(64 * 1024 * 1024, " ")), headers: { "content-encoding": "gzip" } }), 413);
    refused(await server.admin("POST", maps, { body: Buffer.from("no gzip"), headers: { "content-encoding": "gzip" } }), 400);
    refused(await server.admin("POST", maps, { body: "x", headers: { "content-encoding": "br" } }), 415);
  });

  test("row 8: a field said twice is refused under Strict; 100,000 levels always", async () => {
    refused(await create('{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"twice"},"data":{"a":"1"},"data":{"b":"2"}}', "application/json", "?fieldValidation=Strict"), 400);
    refused(await create(`${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`), 400);
    refused(await create(`${"[".repeat(100_000)}${"]".repeat(100_000)}`), 400);
    refused(await create(`${"[".repeat(100_000)}${"]".repeat(100_000)}`, yaml), 400);
    refused(await patch(`${'{"data":'.repeat(100_000)}1${"}".repeat(100_000)}`, "application/merge-patch+json"), 400, 422);
  });

  test("row 9: __proto__ and constructor are keys like others: nothing else changes", async () => {
    const names = ["__proto__", "constructor", "prototype", "toString"];
    for (const name of names) {
      await create(`{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"p","labels":{${JSON.stringify(name)}:"x"},${JSON.stringify(name)}:{"polluted":"yes"}},${JSON.stringify(name)}:{"polluted":"yes"},"data":{${JSON.stringify(name)}:"x"}}`);
      for (const type of ["application/merge-patch+json", "application/strategic-merge-patch+json"]) await patch(`{${JSON.stringify(name)}:{"polluted":"yes"},"metadata":{"annotations":{${JSON.stringify(name)}:"x"}}}`, type);
      await patch([{ op: "add", path: `/${name}/polluted`, value: "yes" }, { op: "add", path: `/data/${name}`, value: "x" }], json);
      await server.admin("GET", maps, { headers: { [name === "__proto__" ? "x-proto" : name]: "x" } });
      await server.admin("GET", `/api/v1/namespaces/${name}/${name}/${name}/${name}`);
      await server.admin("GET", `${maps}?labelSelector=${name}%3Dx&fieldSelector=${name}%3Dx`);
    }
    const { text } = await create({ ...kind, metadata: { name: "untouched" } });
    const made = JSON.parse(text) as { metadata: object };
    assert.deepEqual([Object.keys(made).sort(), "polluted" in made.metadata], [["apiVersion", "kind", "metadata"], false]);
  });

  test("row 10: an evil pattern in a CRD does not hold the server (ReDoS)", async () => {
    const names = { plural: "evils", singular: "evil", kind: "Evil", listKind: "EvilList" };
    const schema = { openAPIV3Schema: { type: "object", properties: { spec: { type: "object", properties: { text: { type: "string", pattern: "(a+)+$" } } } } } };
    const crd = { metadata: { name: "evils.example.com" }, spec: { group: "example.com", scope: "Namespaced", names, versions: [{ name: "v1", served: true, storage: true, schema }] } };
    assert.equal((await server.admin("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", { body: crd })).status, 201);
    const made = async (): Promise<Answer> => server.admin("POST", "/apis/example.com/v1/namespaces/default/evils", { body: { apiVersion: "example.com/v1", kind: "Evil", metadata: { name: "x" }, spec: { text: `${"a".repeat(50_000)}!` } } });
    let answer = await made();
    for (let tries = 0; answer.status === 404 && tries < 50; tries++) {
      await pause(50);
      answer = await made();
    }
    refused(answer, 422);
    await server.stall();
    refused(await made(), 422);
    const stall = await server.stall();
    assert.ok(stall < 150, `${stall} ms of processor time`);
  });

  test("the server is alive and has said nothing of a fault", async () => {
    assert.equal((await server.admin("GET", "/readyz")).text, "ok");
    assert.equal(server.process.exitCode, null);
    assert.doesNotMatch(server.process.log, /"level":(?:50|60)/);
  });
});
