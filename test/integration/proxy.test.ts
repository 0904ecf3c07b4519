/** The API server's proxies to pods and Services, over the wire: pages lead back through them. */
import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { request as httpsRequest } from "node:https";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { endpoints, services } from "#api/resources.ts";
import { startApiServer, type TestApiServer } from "../support/api-server.ts";
import { machineAddress, registerNode, runningPod, startFakeKubelet, type FakeKubelet } from "../support/fake-kubelet.ts";

const namespace = "default";
const page = '<a href="/x">x</a>';

function answer({ url = "", method }: IncomingMessage, response: ServerResponse): void {
  const [path] = url.split("?");
  if (path === "/gzip") response.writeHead(200, { "content-type": "text/html", "content-encoding": "gzip" }).end(method === "HEAD" ? undefined : gzipSync(page));
  else if (path === "/old") response.writeHead(302, { location: "/new?q=1" }).end();
  else if (path === "/text") response.writeHead(200, { "content-type": "text/plain" }).end(page);
  else if (path === "/empty") response.writeHead(304, { "content-type": "text/html", "content-encoding": "gzip" }).end();
  else response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-length": page.length, "x-asked": `${method} ${url}` }).end(page);
}

describe("proxies to pods and Services", { skip: machineAddress() === undefined && "this machine has no address but loopback" }, () => {
  const closers: (() => void)[] = [];
  let server: TestApiServer;
  let pod: FakeKubelet;
  before(async () => {
    server = await startApiServer();
    await server.admin("POST", `/api/v1/namespaces/${namespace}/serviceaccounts`, { body: { metadata: { name: "default" } } });
    pod = await startFakeKubelet({ after: (close) => { closers.push(close as () => void); } }, server, answer);
    await registerNode(server.client, pod.address, pod.port);
    await runningPod(server.client, "n", "p", namespace, pod.address);
    await server.client.resource(services).create({ metadata: { name: "web", namespace }, spec: { ports: [{ port: 443, name: "tls" }] }, status: {} });
    await server.client.resource(endpoints).create({ metadata: { name: "web", namespace }, subsets: [{ addresses: [{ ip: pod.address, targetRef: { kind: "Pod", namespace, name: "p" } }], ports: [{ port: pod.port, name: "tls" }] }] });
  });
  after(async () => { closers.forEach((close) => close()); await server.stop(); });

  const ask = (method: string, path: string): Promise<{ readonly status: number; readonly headers: IncomingMessage["headers"]; readonly text: string }> => {
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; headers: IncomingMessage["headers"]; text: string }>();
    const request = httpsRequest({ port: server.port, host: "127.0.0.1", ca: server.ca.cert, ...server.certificate("admin", "system:masters"), method, path, agent: false });
    request.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => { text += piece; }).on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text })).on("error", reject);
    });
    request.on("error", reject).end();
    return promise;
  };
  const ways = (): readonly string[] => [`/api/v1/namespaces/${namespace}/pods/https:p:${pod.port}/proxy`, ...["https:web:tls", "https:web:443"].map((name) => `/api/v1/namespaces/${namespace}/services/${name}/proxy`)];

  test("links of a page lead through the proxy, whatever they were packed in", async () => {
    for (const way of ways()) {
      for (const path of ["/", "/gzip"]) {
        const { status, headers, text } = await ask("GET", `${way}${path}`);
        assert.deepEqual([status, text, headers["content-encoding"]], [200, `<a href="${way}/x">x</a>`, undefined], `${way}${path}`);
      }
    }
  });

  test("all else comes as it was", async () => {
    for (const way of ways()) assert.equal((await ask("GET", `${way}/text`)).text, page);
    const [way = ""] = ways();
    assert.deepEqual([(await ask("HEAD", `${way}/gzip`)).status, (await ask("GET", `${way}/empty`)).status], [200, 304]);
  });

  test("every method goes through, with its query", async () => {
    for (const way of ways()) for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "GET", "HEAD"]) assert.equal((await ask(method, `${way}/some/path%2Fx?method=1&b`)).headers["x-asked"], `${method} /some/path%2Fx?method=1&b`);
  });

  test("without a path, reading leads to the root; writing is the root's", async () => {
    for (const way of ways()) {
      for (const method of ["GET", "HEAD"]) {
        const { status, headers } = await ask(method, `${way}?method=${method}`);
        assert.deepEqual([status, headers.location], [301, `${way}/?method=${method}`]);
      }
      assert.equal((await ask("POST", `${way}?a=1`)).headers["x-asked"], "POST /?a=1");
    }
  });

  test("a redirect within stays within", async () => {
    for (const way of ways()) {
      const { status, headers } = await ask("GET", `${way}/old`);
      assert.deepEqual([status, headers.location], [302, `${way}/new?q=1`]);
    }
  });
});
