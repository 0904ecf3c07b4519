/** What is on the wire in each format: one test body for JSON and protobuf, and what only one of them has. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { parse } from "yaml";
import type { KubeObject } from "#apimachinery/meta.ts";
import { startApiServer, type TestApiServer } from "../support/api-server.ts";
import { framesOf, json, protobuf, protobufType } from "../support/codec.ts";
import { bytesOf } from "../support/https.ts";

const maps = "/api/v1/namespaces/default/configmaps";

describe("formats", () => {
  let server: TestApiServer;
  const ended: (() => Promise<void>)[] = [];
  before(async () => { server = await startApiServer({ after: (stop) => { ended.push(stop as () => Promise<void>); } }); });
  after(async () => { for (const stop of ended) await stop(); });

  const get = async (path: string, headers: Readonly<Record<string, string>> = {}): Promise<{ status: number; headers: Readonly<Record<string, unknown>>; bytes: Buffer }> => {
    const message = await server.admin.open("GET", path, { headers });
    return { status: message.statusCode ?? 0, headers: message.headers, bytes: await bytesOf(message) };
  };

  for (const codec of [json, protobuf]) {
    const name = `of-${codec.name}`;
    const ask = async (method: string, path: string, body?: object): Promise<{ status: number; type: unknown; object: Record<string, any> }> => {
      const message = await server.admin.open(method, path, { ...(body && { body: codec.write(body) }), type: codec.type, headers: { accept: codec.type } });
      return { status: message.statusCode ?? 0, type: message.headers["content-type"], object: codec.read(await bytesOf(message)) };
    };
    const configMap = (data: Record<string, string>, metadata: object = {}): object => ({ kind: "ConfigMap", apiVersion: "v1", metadata: { name, ...metadata }, data, binaryData: { b: "AAEC" } });

    describe(codec.type, () => {
      test("an object is made, read, changed, listed, watched and deleted", async () => {
        const made = await ask("POST", maps, configMap({ k: "ü" }));
        assert.deepEqual([made.status, made.type, made.object["data"], made.object["binaryData"]], [201, codec.type, { k: "ü" }, { b: "AAEC" }]);
        const { resourceVersion } = made.object["metadata"];
        assert.match(resourceVersion, /^\d+$/);

        const stop = new AbortController();
        const stream = await server.admin.open("GET", `${maps}?watch=1&resourceVersion=${resourceVersion}&fieldSelector=metadata.name=${name}`, { headers: { accept: codec.streamType }, signal: stop.signal });
        assert.equal(stream.headers["content-type"], codec.streamType);

        assert.equal((await ask("GET", `${maps}/${name}`)).object["metadata"].uid, made.object["metadata"].uid);
        const changed = await ask("PUT", `${maps}/${name}`, configMap({ k: "2" }, { resourceVersion }));
        assert.deepEqual([changed.status, changed.object["data"]], [200, { k: "2" }]);
        const listed = await ask("GET", `${maps}?fieldSelector=metadata.name=${name}`);
        assert.equal(listed.object["kind"], "ConfigMapList");
        assert.deepEqual(listed.object["items"].map((item: Record<string, any>) => [item["metadata"].name, item["data"]]), [[name, { k: "2" }]]);
        const gone = await ask("DELETE", `${maps}/${name}`, { kind: "DeleteOptions", apiVersion: "v1", preconditions: { uid: made.object["metadata"].uid } });
        assert.deepEqual([gone.status, gone.object["kind"], gone.object["status"], gone.object["details"].name], [200, "Status", "Success", name]);

        const seen: string[] = [];
        for await (const { type, object } of framesOf(codec, stream)) if (seen.push(`${type} ${(object["data"] as Record<string, string>)["k"] ?? ""}`) === 2) break;
        stop.abort();
        assert.deepEqual(seen, ["MODIFIED 2", "DELETED 2"]);
      });

      test("a failure is a Status in the same format", async () => {
        const { status, type, object } = await ask("GET", `${maps}/nowhere`);
        assert.deepEqual([status, type, object["kind"], object["reason"], object["message"]], [404, codec.type, "Status", "NotFound", 'configmaps "nowhere" not found']);
      });

      test("kinds that are not stored", async () => {
        const { status, type, object } = await ask("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", { kind: "SelfSubjectAccessReview", apiVersion: "authorization.k8s.io/v1", spec: { resourceAttributes: { verb: "get", resource: "pods" } } });
        assert.deepEqual([status, type, object["status"].allowed], [201, codec.type, true]);
      });

      test("discovery", async () => {
        const { object } = await ask("GET", "/api/v1");
        assert.deepEqual(object["resources"].find((r: { name: string }) => r.name === "configmaps").verbs, ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]);
      });

      test("metadata alone", async () => {
        const { bytes, headers } = await get("/api/v1/namespaces", { accept: `${codec.type};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1` });
        const list = codec.read(bytes) as Record<string, any>;
        assert.deepEqual([headers["content-type"], list["kind"], Object.hasOwn(list["items"][0], "spec")], [codec.type, "PartialObjectMetadataList", false]);
      });

      test("a watch from nowhere begins with what is there, and says where that ends", async () => {
        const { bytes } = await get("/api/v1/namespaces?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1", { accept: codec.streamType });
        const frames: string[] = [];
        for (let rest = bytes, frame = codec.frame(rest); frame !== undefined; rest = rest.subarray(frame.length), frame = codec.frame(rest)) {
          const metadata = frame.object["metadata"] as KubeObject["metadata"];
          frames.push(`${frame.type} ${metadata.name || JSON.stringify(metadata.annotations)}`);
        }
        assert.deepEqual(frames.slice(0, 5), ["ADDED default", "ADDED kube-node-lease", "ADDED kube-public", "ADDED kube-system", 'BOOKMARK {"k8s.io/initial-events-end":"true"}']);
      });
    });
  }

  test("both formats hold the same", async () => {
    await server.admin("POST", maps, { body: { metadata: { name: "both", labels: { a: "b" } }, data: { x: "y" } } });
    const [a, b] = [json.read((await get(`${maps}/both`)).bytes), protobuf.read((await get(`${maps}/both`, { accept: protobufType })).bytes)] as Record<string, any>[];
    assert.deepEqual([b?.["metadata"].labels, b?.["metadata"].uid, b?.["metadata"].creationTimestamp, b?.["data"]], [a?.["metadata"].labels, a?.["metadata"].uid, a?.["metadata"].creationTimestamp, a?.["data"]]);
  });

  test("YAML, of one and of many", async () => {
    const one = await get("/api/v1/namespaces/default", { accept: "application/yaml" });
    assert.equal(one.headers["content-type"], "application/yaml");
    assert.match(one.bytes.toString(), /^apiVersion: v1\nkind: Namespace\nmetadata:\n/);
    for (const query of ["", "?fieldSelector=metadata.name=none"]) {
      const [yaml, plain] = [await get(`/api/v1/namespaces${query}`, { accept: "application/yaml" }), await get(`/api/v1/namespaces${query}`)];
      assert.deepEqual(parse(yaml.bytes.toString()), JSON.parse(plain.bytes.toString()));
    }
  });

  test("line breaks for people, of one and of many", async () => {
    for (const path of ["/api/v1/namespaces/default", "/api/v1/namespaces", "/api/v1/namespaces?fieldSelector=metadata.name=none", "/api/v1", "/api/v1/namespaces/nowhere"]) {
      const [pretty, plain] = [await get(path, { "user-agent": "curl/8" }), await get(path)];
      assert.equal(pretty.bytes.toString(), JSON.stringify(JSON.parse(plain.bytes.toString()), null, 2));
    }
  });

  test("what nobody speaks is refused in JSON", async () => {
    const { status, bytes } = await get("/api/v1/namespaces/default", { accept: "application/cbor" });
    assert.deepEqual([status, JSON.parse(bytes.toString()).reason], [406, "NotAcceptable"]);
    assert.equal((await server.admin("POST", maps, { body: "x", type: "application/cbor" })).status, 415);
  });

  test("large answers are packed for those who take it, lists and objects; watches are not", async () => {
    const text = "x".repeat(200_000);
    await server.admin("POST", maps, { body: { metadata: { name: "large" }, data: { text } } });
    const accept = { "accept-encoding": "deflate, gzip" };
    for (const path of [`${maps}/large`, maps]) {
      const { headers, bytes } = await get(path, accept);
      assert.deepEqual([headers["content-encoding"], headers["vary"]], ["gzip", "Accept-Encoding"]);
      assert.equal(gunzipSync(bytes).toString(), (await get(path)).bytes.toString());
    }
    assert.equal((await get("/api/v1/namespaces/default", accept)).headers["content-encoding"], undefined);
    assert.equal((await get(`${maps}?watch=1&timeoutSeconds=1&resourceVersion=0`, accept)).headers["content-encoding"], undefined);
  });
});
