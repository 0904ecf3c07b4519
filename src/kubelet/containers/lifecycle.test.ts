import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import type { LifecycleHandler } from "#api/gen/core-v1.ts";
import { systemClock } from "#base/clock.ts";
import { RuntimeError } from "#cri/runtime.ts";
import { podOf } from "../fixture.ts";
import { runHook } from "./lifecycle.ts";
import { httpGet } from "../probes/http-get.ts";

const target = { pod: podOf(), container: { name: "c" }, containerId: "id", podIp: "127.0.0.1" };
const of = 'for Container "c" in Pod "p_ns(u)" failed';

/** Runs a hook in a container whose programs end so. Gives the events. */
async function run(handler: LifecycleHandler, exec: () => { exitCode: number; stdout?: Uint8Array; stderr?: Uint8Array } = () => ({ exitCode: 0 })): Promise<string[]> {
  const told: string[] = [];
  const events = { event: (_about: object, type: string, reason: string, message: string) => { told.push(`${type} ${reason}: ${message}`); } };
  await runHook(handler, target, { runtime: { execSync: async () => exec() }, clock: systemClock, events }, new AbortController().signal);
  return told;
}

test("a command that fails is told with its words, what it printed and whose it was", async () => {
  const handler = { exec: { command: ["sh", "-c", "exit 7"] } };
  const printed = { stdout: Buffer.from("oops\n"), stderr: Buffer.from("no\n") };
  assert.deepEqual(await run(handler), []);
  await assert.rejects(run(handler, () => ({ exitCode: 7, ...printed })), {
    message: `Exec lifecycle hook ([sh -c exit 7]) ${of} - error: command 'sh -c exit 7' exited with 7: no\n, message: "oops\\nno\\n"`,
  });
  await assert.rejects(run(handler, () => { throw new RuntimeError("Unknown", "gone"); }), { message: `Exec lifecycle hook ([sh -c exit 7]) ${of} - error: gone, message: ""` });
});

async function listen(t: TestContext): Promise<{ readonly port: number; readonly asked: IncomingHttpHeaders[] }> {
  const asked: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => { asked.push(request.headers); response.writeHead(500).end("no"); });
  t.after(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { port: (server.address() as AddressInfo).port, asked };
}

test("whatever is answered over HTTP is well: only who does not answer has failed", async (t) => {
  const { port, asked } = await listen(t);
  assert.deepEqual(await run({ httpGet: { port, path: "/x" } }), []);
  assert.equal(asked[0]?.["user-agent"], "kube-lifecycle/1.36");
  await assert.rejects(run({ httpGet: { port: 1, path: "/x" } }), { message: `HTTP lifecycle hook (/x) ${of} - error: Get "http://127.0.0.1:1/x": dial tcp 127.0.0.1:1: connect: connection refused` });
});

test("a server that speaks no TLS is named so to probes", async (t) => {
  const { port } = await listen(t);
  const asked = httpGet(new URL(`https://127.0.0.1:${port}/`), { port }, { purpose: "probe", timeoutMs: 10_000, signal: new AbortController().signal });
  await assert.rejects(asked, { message: `Get "https://127.0.0.1:${port}/": http: server gave HTTP response to HTTPS client` });
});

test("a server that speaks no TLS is asked without, and without what was meant for TLS", async (t) => {
  const { port, asked } = await listen(t);
  const httpHeaders = [{ name: "Authorization", value: "Bearer x" }, { name: "X-Other", value: "y" }];
  assert.deepEqual(await run({ httpGet: { port, scheme: "HTTPS", httpHeaders } }), [`Warning LifecycleHTTPFallback: request to HTTPS lifecycle hook 127.0.0.1:${port} got HTTP response, retry with HTTP succeeded`]);
  assert.deepEqual(asked.map((headers) => [headers.authorization, headers["x-other"]]), [[undefined, "y"]]);
});
