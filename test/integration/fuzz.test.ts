/**
 * R12: malformed requests over real TLS against a real process. Each ends with a 2xx, a 4xx or a clean protocol error;
 * the process lives, says nothing of a fault, and its event loop never stands still. `SEEDPOD_FUZZ` asks for another
 * number of requests, `SEEDPOD_FUZZ_SEED` for another run.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import http2 from "node:http2";
import net from "node:net";
import tls from "node:tls";
import { after, before, describe, test } from "node:test";
import { nextTurn, systemClock } from "#base/clock.ts";
import { startLoneServer, type LoneServer } from "../support/lone-server.ts";
import { Random } from "../support/random.ts";

const total = Number(process.env["SEEDPOD_FUZZ"] ?? 10_000);
const seed = Number(process.env["SEEDPOD_FUZZ_SEED"] ?? 20_260_422);
/** Milliseconds of processor time, which no busy machine makes longer. */
const longestStall = Number(process.env["SEEDPOD_FUZZ_STALL"] ?? 50);

const types = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf", "application/merge-patch+json", "application/strategic-merge-patch+json", "application/json-patch+json", "application/apply-patch+yaml", "text/plain", "", "application/json; charset=\"", "a/b;;;=,"];
const methods = ["GET", "GET", "POST", "POST", "POST", "PUT", "PUT", "PATCH", "PATCH", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW"];
const plurals = ["configmaps", "secrets", "pods", "services", "nodes", "namespaces", "deployments", "leases", "nothings", "events", "serviceaccounts", "persistentvolumes", "%70ods", "pods%20"];
const groups = ["/api/v1", "/apis/apps/v1", "/apis/coordination.k8s.io/v1", "/apis/rbac.authorization.k8s.io/v1", "/apis/nope/v1", "/api/v2", "/apis", "/api", "//api/v1", "/openapi/v3", "/healthz", "/metrics"];
const names = ["x", "a", "kube-system", "default", "..", "%2e%2e", "%00", "%", "x".repeat(300), "ü", "a/b/c/d", "", "__proto__", "constructor", "$(id)", "-rf", ";ls"];
const subs = ["status", "scale", "log", "exec", "binding", "eviction", "token", "proxy", "proxy/a/b", "finalize", "nope", "portforward", "attach", "resize", "ephemeralcontainers"];
const queries = ["limit", "continue", "resourceVersion", "resourceVersionMatch", "labelSelector", "fieldSelector", "dryRun", "fieldManager", "fieldValidation", "timeoutSeconds", "timeout", "propagationPolicy", "gracePeriodSeconds", "pretty", "includeObject", "sendInitialEvents", "allowWatchBookmarks", "force", "container", "tailLines", "orphanDependents", "bogus"];
const values = ["", "0", "1", "-1", "x", "999999999999999999999", "1e9", "true", "false", "a=b", "a in (b", "!a", "a!=b,c", "metadata.name=x", "%zz", "%00", "All", "Strict", "5s", "1ms", "Exact", "é".repeat(50), "__proto__", ",,,", "{}", "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MX0"];
const leaves: readonly unknown[] = [null, true, 0, -1, 1.5, 1e308, "", "x", "5", "1Gi", "2020-01-01T00:00:00Z", [], {}, ["x"], { x: "y" }, "\u0000", "\ud800", "a".repeat(5000), 2 ** 53, { $patch: "delete" }, [{ op: "add", path: "/x", value: 1 }]];
const fields = ["kind", "apiVersion", "metadata", "name", "namespace", "labels", "annotations", "spec", "status", "data", "containers", "image", "replicas", "selector", "matchLabels", "template", "rules", "finalizers", "ownerReferences", "uid", "resourceVersion", "generateName", "deletionTimestamp", "creationTimestamp", "managedFields", "__proto__", "constructor", "toString", "$patch", "$retainKeys", "$setElementOrder/containers", "f:x"];

const objectOf = (random: Random, depth: number): unknown => {
  if (depth === 0 || random.chance(0.3)) return random.pick(leaves);
  if (random.chance(0.15)) return Array.from({ length: random.below(4) }, () => objectOf(random, depth - 1));
  return JSON.parse(`{${Array.from({ length: random.below(6) }, () => `${JSON.stringify(random.pick(fields))}:${JSON.stringify(objectOf(random, depth - 1))}`).join()}}`) as unknown;
};

function bodyOf(random: Random): Buffer | undefined {
  const shape = random.below(8);
  if (shape === 0) return undefined;
  if (shape === 1) return random.bytes(random.below(200));
  if (shape === 2) return Buffer.concat([Buffer.from("k8s\0"), random.bytes(random.below(100))]);
  const object = objectOf(random, 5);
  const kinded = { ...(random.chance(0.4) && { kind: random.pick(["ConfigMap", "Pod", "Deployment", "Secret", "Nope", "DeleteOptions", "Scale", 5]), apiVersion: random.pick(["v1", "apps/v1", "x/y/z", "", 1]) }), metadata: { name: random.pick(["x", "y", "UP", ""]) }, ...(typeof object === "object" && object !== null ? object : { spec: object }) };
  const text = JSON.stringify(shape < 6 ? kinded : object) ?? "undefined";
  if (shape === 3) return Buffer.from(text.slice(0, random.below(text.length + 1)));
  if (shape === 4) return Buffer.from(text.replaceAll(/["{}:,]/g, (c) => (random.chance(0.02) ? random.pick(["", "\0", "}", "[", "\ufffd", "&a *a"]) : c)));
  return Buffer.from(text);
}

/** Paths that exist, so that bodies and parameters are looked at. */
const real = ["configmaps", "secrets", "pods", "services", "events", "serviceaccounts", "endpoints", "persistentvolumeclaims"].map((plural) => `/api/v1/namespaces/default/${plural}`)
  .concat(["/api/v1/nodes", "/api/v1/namespaces", "/apis/apps/v1/namespaces/default/deployments", "/apis/apps/v1/namespaces/default/statefulsets", "/apis/batch/v1/namespaces/default/cronjobs", "/apis/rbac.authorization.k8s.io/v1/clusterroles", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", "/apis/authorization.k8s.io/v1/subjectaccessreviews", "/apis/authentication.k8s.io/v1/tokenreviews", "/apis/coordination.k8s.io/v1/namespaces/default/leases", "/apis/networking.k8s.io/v1/namespaces/default/ingresses"]);

function pathOf(random: Random): string {
  const parts = random.chance(0.6) ? [random.pick(real)] : wild(random);
  if (random.chance(0.5)) parts.push(random.chance(0.7) ? random.pick(["x", "y", "default"]) : random.pick(names));
  if (random.chance(0.2)) parts.push(random.pick(subs));
  const query = Array.from({ length: random.chance(0.5) ? random.below(4) : 0 }, () => `${random.pick(queries)}=${random.pick(values)}`).join(random.pick(["&", "&", ";"]));
  return `${parts.join("/")}${query === "" ? "" : `?${query}`}`.replaceAll(/[^\x21-\x7e]/g, (c) => encodeURIComponent(c));
}

function wild(random: Random): string[] {
  const parts: string[] = [random.pick(groups)];
  if (random.chance(0.6)) parts.push("namespaces", random.pick(names));
  if (random.chance(0.9)) parts.push(random.pick(plurals));
  return parts;
}

const headersOf = (random: Random): http2.OutgoingHttpHeaders => ({
  ...(random.chance(0.7) && { "content-type": random.pick(types) }), ...(random.chance(0.3) && { accept: random.pick([...types, "application/json;as=Table;v=v1;g=meta.k8s.io", "*/*;q=0", ",,"]) }),
  ...(random.chance(0.05) && { "content-encoding": random.pick(["gzip", "br", "identity"]) }), ...(random.chance(0.05) && { "impersonate-user": random.pick(["x", "system:serviceaccount:a", "\u00e9"]) }),
  ...(random.chance(0.05) && { authorization: random.pick(["Bearer", "Bearer x.y.z", "Basic eDp5", `Bearer ${"y".repeat(3000)}`]) }), ...(random.chance(0.05) && { "accept-encoding": "gzip" }), ...(random.chance(0.02) && { "x-remote-user": "eve" }),
});

describe("malformed requests", () => {
  let server: LoneServer;
  before(async () => { server = await startLoneServer(); });
  after(() => server.remove());

  test(`${total} requests: none is a fault of the server`, async () => {
    const random = new Random(seed);
    const { cert, key } = server.certificate("admin", "system:masters");
    const connect = (): http2.ClientHttp2Session => http2.connect(`https://127.0.0.1:${server.process.port}`, { ca: server.ca.cert, cert, key }).on("error", () => {});
    const faults: string[] = [];
    const codes = new Map<number, number>();
    let session = connect();
    const one = async (): Promise<void> => {
      const [method, path, headers, body] = [random.pick(methods), pathOf(random), headersOf(random), bodyOf(random)];
      if (/[?&;]watch|follow/.test(path)) return;
      if (session.closed || session.destroyed) session = connect();
      const status = await exchange(session, { ":method": method, ":path": path, ...headers }, body, random.chance(0.01));
      codes.set(status, (codes.get(status) ?? 0) + 1);
      if (status >= 500 && !allowed(status, path)) faults.push(`${status} ${method} ${path} ${JSON.stringify(headers)} ${body?.toString().slice(0, 300) ?? ""}`);
    };
    for (let sent = 0; sent < 200; sent++) await one(); // the code is warm before the loop is watched
    await server.stall();
    let worst = 0;
    for (let sent = 200; sent < total; sent += 20) {
      await Promise.all(Array.from({ length: 20 }, one));
      if (sent % 1000 === 0) worst = Math.max(worst, await server.stall());
    }
    session.destroy();
    assert.deepEqual(faults.slice(0, 5), []);
    assert.ok((codes.get(400) ?? 0) > 50 && (codes.get(404) ?? 0) > 50 && (codes.get(200) ?? 0) > 10 && (codes.get(422) ?? 0) > 10, `the requests reach all kinds of answers: ${JSON.stringify([...codes])}`);
    assert.ok(worst <= longestStall, `the event loop stood still for ${worst} ms of processor time`);
  });

  test("broken frames and broken TLS end their connection", async () => {
    const random = new Random(seed + 1);
    const { cert, key } = server.certificate("admin", "system:masters");
    for (let i = 0; i < Math.max(20, total / 100); i++) {
      const raw = random.chance(0.4);
      const socket = raw ? net.connect(server.process.port, "127.0.0.1") : tls.connect({ host: "127.0.0.1", port: server.process.port, ca: server.ca.cert, cert, key, ALPNProtocols: [random.pick(["h2", "http/1.1"])] });
      socket.on("error", () => {});
      await Promise.race([once(socket, raw ? "connect" : "secureConnect"), once(socket, "close")]).catch(() => {});
      if (!raw && random.chance(0.7)) socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
      for (let piece = 0; piece < 3; piece++) socket.write(random.chance(0.5) ? frame(random) : random.bytes(random.below(300)));
      socket.end();
      if (i % 10 === 0) await nextTurn();
      else socket.setTimeout(100, () => socket.destroy());
    }
    assert.equal((await server.admin("GET", "/readyz")).text, "ok");
  });

  test("the process lives and has said nothing of a fault", () => {
    assert.equal(server.process.exitCode, null);
    assert.deepEqual(server.process.log.split("\n").filter((line) => /"level":(?:50|60)/.test(line)).slice(0, 3), []);
  });
});

/** A revision from the future, a time limit that the client set itself, and what lies on a node that is not there. */
const allowed = (status: number, path: string): boolean => (status === 504 && /resourceVersion=\d|timeout=/.test(path)) || (status === 503 && /\/(?:log|proxy|exec|attach|portforward)/.test(path));

function exchange(session: http2.ClientHttp2Session, headers: http2.OutgoingHttpHeaders, body: Buffer | undefined, cancel: boolean): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  try {
    const stream = session.request(headers, { endStream: body === undefined });
    stream.on("response", (answer) => resolve(Number(answer[":status"])));
    stream.on("error", () => resolve(0));
    stream.on("close", () => resolve(0));
    stream.resume();
    if (body !== undefined) stream.end(body);
    if (cancel) stream.close(http2.constants.NGHTTP2_CANCEL);
    const answered = new AbortController();
    systemClock.sleep(15_000, answered.signal).then(() => resolve(599), () => {});
    promise.finally(() => answered.abort()).catch(() => {});
  } catch {
    resolve(0); // the client's own library refuses it
  }
  return promise;
}

function frame(random: Random): Buffer {
  const payload = random.bytes(random.below(64));
  const head = Buffer.alloc(9);
  head.writeUIntBE(random.chance(0.8) ? payload.length : random.below(2 ** 24), 0, 3);
  head[3] = random.below(12);
  head[4] = random.below(256);
  head.writeUInt32BE(random.below(8), 5);
  return Buffer.concat([head, payload]);
}
