/** Who comes in, over TLS: the kubelet on a simulated runtime. */
import assert from "node:assert/strict";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { systemClock } from "#base/clock.ts";
import type { Identity } from "#base/http.ts";
import { silent } from "#base/log.ts";
import { issue, newCa, type KeyPair, type Usage } from "#base/pki.ts";
import { startNode, type FakeNode } from "../fake-node.ts";
import { newKubeletServer } from "./server.ts";

const ca = newCa("ca", systemClock.now());
const pair = (commonName: string, usages: readonly Usage[], by: KeyPair = ca): KeyPair => issue(by, { commonName, usages, ips: ["127.0.0.1"], days: 1 }, systemClock.now());
const serving = pair("system:node:n1", ["server"]);
const alice = pair("alice", ["client"]);

interface Asked { readonly method?: string; readonly client?: KeyPair; readonly token?: string; readonly upgrade?: true }
interface Kubelet {
  readonly node: FakeNode;
  /** `user verb path` of all that was authorized. */
  readonly reviewed: string[];
  readonly ask: (path: string, asked?: Asked) => Promise<{ readonly status: number; readonly text: string }>;
}

/** @param allows may alice do that? */
async function startKubelet(t: TestContext, allows: (verb: string, path: string) => boolean = () => true): Promise<Kubelet> {
  const node = await startNode(t);
  const reviewed: string[] = [];
  const stop = new AbortController();
  const server = newKubeletServer({
    host: node.host, tls: serving, clientCa: ca.cert, clock: systemClock, log: silent, port: 0, bindAddress: "127.0.0.1",
    authenticate: async (token): Promise<Identity | undefined> => (token === "good" ? { name: "robot", groups: ["system:authenticated"] } : undefined),
    authorize: async ({ name }, verb, path) => {
      reviewed.push(`${name} ${verb} ${path}`);
      return allows(verb, path);
    },
  });
  const port = await server.listen();
  const running = server.run(stop.signal);
  t.after(async () => {
    stop.abort();
    await running;
  });
  return { node, reviewed, ask: (path, asked) => ask(port, path, asked) };
}

function ask(port: number, path: string, { method = "GET", client, token, upgrade }: Asked = {}): Promise<{ status: number; text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  const headers = { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...(upgrade && { connection: "Upgrade", upgrade: "SPDY/3.1" }) };
  const sent = request({ port, host: "127.0.0.1", path, method, headers, ca: ca.cert, ...client, agent: false }, (response) => {
    let text = "";
    response.setEncoding("utf8").on("data", (piece: string) => { text += piece; }).on("end", () => resolve({ status: response.statusCode ?? 0, text }));
  });
  sent.on("error", reject).end();
  return promise;
}

const everyPath = ["/healthz", "/pods", "/runningpods/", "/configz", "/stats/summary", "/metrics", "/metrics/resource", "/metrics/cadvisor", "/metrics/probes", "/containerLogs/default/web/app", "/exec/default/web/app", "/attach/default/web/app", "/portForward/default/web", "/checkpoint/default/web/app", "/logs/", "/logs/syslog", "/debug/pprof/", "/nothing"];

test("no path says anything to those whom nobody knows: 401", async (t) => {
  const { ask: get, reviewed } = await startKubelet(t);
  const stranger = pair("mallory", ["client"], newCa("another", systemClock.now()));
  for (const path of everyPath) {
    const answers = await Promise.all([get(path), get(path, { token: "bad" }), get(path, { client: stranger }), get(path, { upgrade: true }), get(path, { method: "POST" })]);
    assert.deepEqual(answers, answers.map(() => ({ status: 401, text: "Unauthorized" })), path);
  }
  assert.deepEqual(reviewed, []);
});

test("a token that the API server knows is as good as a certificate", async (t) => {
  const { ask: get, reviewed } = await startKubelet(t);
  assert.deepEqual(await get("/healthz", { token: "good" }), { status: 200, text: "ok" });
  assert.deepEqual(await get("/healthz", { client: alice }), { status: 200, text: "ok" });
  assert.deepEqual(reviewed, ["robot get /healthz", "alice get /healthz"]);
});

test("who may only get does not exec by a GET that is upgraded: 403", async (t) => {
  const { ask: get } = await startKubelet(t, (verb) => verb === "get");
  for (const path of ["/exec/default/web/app?command=id&output=1", "/attach/default/web/app", "/portForward/default/web"]) {
    for (const upgrade of [true, undefined] as const) {
      const { status, text } = await get(path, { client: alice, ...(upgrade && { upgrade }) });
      assert.deepEqual([status, text], [403, `Forbidden (user=alice, verb=create, resource=nodes, path=${path.split("?", 1)[0]})`]);
    }
  }
});

test("a command may be as long as a shell's", async (t) => {
  const { ask: get, reviewed } = await startKubelet(t);
  const { status, text } = await get(`/exec/default/web/app?output=1&command=${"a".repeat(200_000)}`, { client: alice, method: "POST" });
  assert.equal(status, 400);
  assert.match(text, /upgrade/i);
  assert.deepEqual(reviewed, ["alice create /exec/default/web/app"]);
});

test("a checkpoint is refused in so many words", async (t) => {
  const { ask: get } = await startKubelet(t);
  assert.deepEqual(await get("/checkpoint/default/web/app", { method: "POST", client: alice }), { status: 501, text: "checkpointing containers is not supported by this kubelet\n" });
});

test("what is measured has its format even where nothing runs", async (t) => {
  const { node, ask: get } = await startKubelet(t);
  const text = async (path: string): Promise<string> => (await get(path, { client: alice })).text;
  assert.equal(await text("/metrics/resource"), "# HELP resource_scrape_error [STABLE] 1 if there was an error while getting container metrics, 0 otherwise\n# TYPE resource_scrape_error gauge\nresource_scrape_error 1\n");
  assert.match(await text("/metrics"), /^kubelet_node_name\{node="n1"\} 1$/m);
  await node.eventually(async () => assert.match(await text("/metrics"), /^kubelet_runtime_operations_total\{operation_type="list_podsandbox"\} [1-9]/m));
  assert.equal((JSON.parse(await text("/stats/summary")) as { node: { nodeName: string } }).node.nodeName, "n1");
  assert.equal((JSON.parse(await text("/configz")) as { kubeletconfig: { kind: string } }).kubeletconfig.kind, "KubeletConfiguration");
});

test("what the node logs is shown, and a directory behind a slash", async (t) => {
  const { node, ask: get, reviewed } = await startKubelet(t);
  await mkdir(join(node.dir, "node-logs", "apt"), { recursive: true });
  await writeFile(join(node.dir, "node-logs", "syslog"), "hello\n");
  assert.deepEqual(await get("/logs/syslog", { client: alice }), { status: 200, text: "hello\n" });
  assert.deepEqual(await get("/logs/apt", { client: alice }), { status: 301, text: "" });
  assert.match((await get("/logs/", { client: alice })).text, /^<a href="apt\/">apt\/<\/a>$/m);
  assert.equal((await get("/logs/none", { client: alice })).status, 404);
  assert.deepEqual(reviewed.slice(0, 2), ["alice get /logs/syslog", "alice get /logs/apt"]);
});

test("a log that was replaced by a link is not read", async (t) => {
  const { node, ask: get } = await startKubelet(t);
  await node.create("web", {});
  await node.eventually(() => assert.equal(node.pod("web")?.status.phase, "Running"));
  const found = await node.host.findContainer("default", "web", "app");
  assert(found);
  const secret = join(node.dir, "secret");
  await writeFile(secret, "2026-01-01T00:00:00Z stdout F secret\n");
  await mkdir(dirname(found.logPath), { recursive: true });
  await rm(found.logPath, { force: true });
  await symlink(secret, found.logPath);
  const { status, text } = await get("/containerLogs/default/web/app", { client: alice });
  assert(status >= 400, text);
  assert.doesNotMatch(text, /stdout|F secret/);
});
