/** The way to the kubelets: who may go it, where it ends, and that nothing else goes through. */
import assert from "node:assert/strict";
import { request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import { after, before, describe, test, type TestContext } from "node:test";
import { connect as tlsConnect } from "node:tls";
import type { KeyPair } from "#base/pki.ts";
import { startApiServer, type TestApiServer } from "../../support/api-server.ts";
import { machineAddress, registerNode, runningPod, startFakeKubelet, type FakeKubelet } from "../../support/fake-kubelet.ts";

const webSocket = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==", "sec-websocket-protocol": "v5.channel.k8s.io" };
const spdy = { connection: "Upgrade", upgrade: "SPDY/3.1", "x-stream-protocol-version": "v4.channel.k8s.io" };
const own = "default-one";

describe("the way to the kubelets", { skip: machineAddress() === undefined && "this machine has no address but loopback" }, () => {
  let server: TestApiServer;
  let ways = 0;
  const pairs = new Map<string, KeyPair>();
  const certificate = (user: string, ...groups: readonly string[]): KeyPair => {
    const pair = pairs.get(user) ?? server.certificate(user, ...groups);
    pairs.set(user, pair);
    return pair;
  };
  /** A node with a pod of its own behind `answer`. */
  const behind = async (t: TestContext, answer: Parameters<typeof startFakeKubelet>[2], upgrade?: (socket: Socket) => void): Promise<{ readonly kubelet: FakeKubelet; readonly node: string; readonly pod: string }> => {
    const kubelet = await startFakeKubelet(t, server, answer, upgrade);
    const [node, pod] = [`n${++ways}`, `p${ways}`];
    await registerNode(server.client, kubelet.address, kubelet.port, node);
    await runningPod(server.client, node, pod, own, kubelet.address);
    return { kubelet, node, pod };
  };
  const allow = async (user: string, ...rules: readonly object[]): Promise<void> => {
    const groups = "/apis/rbac.authorization.k8s.io/v1";
    await server.admin("POST", `${groups}/clusterroles`, { body: { metadata: { name: user }, rules } });
    await server.admin("POST", `${groups}/clusterrolebindings`, { body: { metadata: { name: user }, roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: user }, subjects: [{ kind: "User", name: user }] } });
  };
  /** The status line's code of what may be an upgrade. */
  const upgraded = (user: string, method: string, path: string, headers: Readonly<Record<string, string>>, ...groups: readonly string[]): Promise<{ readonly status: number; readonly location: string | undefined }> => {
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; location: string | undefined }>();
    const request = httpsRequest({ port: server.port, host: "127.0.0.1", ca: server.ca.cert, ...certificate(user, ...groups), method, path, headers, agent: false });
    request.on("response", (response) => { resolve({ status: response.statusCode ?? 0, location: response.headers.location }); response.resume(); });
    request.on("upgrade", (response, socket) => { resolve({ status: response.statusCode ?? 0, location: undefined }); socket.destroy(); });
    request.on("error", reject).end();
    return promise;
  };
  before(async () => {
    server = await startApiServer();
    await server.admin("POST", "/api/v1/namespaces", { body: { metadata: { name: own } } });
    await server.admin("POST", `/api/v1/namespaces/${own}/serviceaccounts`, { body: { metadata: { name: "default" } } });
  });
  after(() => server.stop());

  test("row 1: an upgrade that the backend refuses leaves no way to it (CVE-2018-1002105)", async (t) => {
    const { kubelet, node, pod } = await behind(t, (_, response) => response.writeHead(400).end("no"), (socket) => socket.write("HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\nno"));
    for (const path of [`/api/v1/namespaces/${own}/pods/${pod}/exec?command=id&stdout=1`, `/api/v1/namespaces/${own}/pods/${pod}/portforward?ports=80`, `/api/v1/nodes/${node}/proxy/anything`]) {
      kubelet.seen.length = 0;
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const socket = tlsConnect({ port: server.port, host: "127.0.0.1", ca: server.ca.cert, ...certificate("admin", "system:masters"), servername: "localhost", ALPNProtocols: ["http/1.1"] });
      let text = "";
      socket.setEncoding("utf8").on("data", (piece: string) => { text += piece; }).on("close", () => resolve(text)).on("error", reject);
      const head = (target: string): string => `GET ${target} HTTP/1.1\r\nhost: localhost\r\n${Object.entries(webSocket).map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
      socket.write(`${head(path)}GET /secret HTTP/1.1\r\nhost: kubelet\r\n\r\n`);
      socket.write("GET /secret HTTP/1.1\r\nhost: kubelet\r\n\r\n");
      assert.match(await promise, /^HTTP\/1\.1 4\d\d [^]*$/);
      assert.equal(text.match(/HTTP\/1\.1 /g)?.length, 1, text);
      assert.equal(kubelet.seen.length, 1, kubelet.seen.join());
    }
  });

  test("what a kubelet says instead of an upgrade reaches the client in its words: kubectl puts them behind \"unable to upgrade connection\"", async (t) => {
    const words = 'container not found ("c")';
    const { pod } = await behind(t, (_, response) => response.writeHead(500).end(words), (socket) => socket.end(`HTTP/1.1 500 Refused\r\ncontent-length: ${words.length}\r\n\r\n${words}`));
    for (const headers of [webSocket, spdy]) {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      const path = `/api/v1/namespaces/${own}/pods/${pod}/exec?command=id&stdout=1`;
      const request = httpsRequest({ port: server.port, host: "127.0.0.1", ca: server.ca.cert, ...certificate("admin", "system:masters"), path, headers, agent: false });
      request.on("response", (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (piece: string) => { text += piece; }).on("end", () => resolve([response.statusCode, response.headers["content-type"], text]));
      });
      request.on("error", reject).end();
      assert.deepEqual(await promise, [500, "text/plain; charset=utf-8", words]);
    }
  });

  test("a kubelet or pod that nobody can reach is told of in upstream's words", async (t) => {
    const { kubelet, node, pod } = await behind(t, (_, response) => response.end());
    const { port } = kubelet;
    await kubelet.close();
    const [base, refused] = [`/api/v1/namespaces/${own}/pods`, `dial tcp ${kubelet.address}:${port}: connect: connection refused`];
    const said = async (path: string): Promise<unknown> => {
      const { status, text } = await server.admin("GET", path);
      const { reason, message } = JSON.parse(text) as { reason?: string; message?: string };
      return { status, reason, message };
    };
    assert.deepEqual(await said(`${base}/${pod}/log?tailLines=1`), { status: 500, reason: undefined, message: `Get "https://${kubelet.address}:${port}/containerLogs/${own}/${pod}/c?tailLines=1": ${refused}` });
    assert.deepEqual(await said(`${base}/https:${pod}:${port}/proxy/x`), { status: 503, reason: "ServiceUnavailable", message: `error trying to reach service: ${refused}` });
    assert.deepEqual(await said(`/api/v1/nodes/${node}/proxy/x`), { status: 503, reason: "ServiceUnavailable", message: `error trying to reach service: ${refused}` });
    assert.equal((await upgraded("admin", "GET", `${base}/${pod}/exec?command=id&stdout=1`, webSocket, "system:masters")).status, 500);
  });

  test("row 2: a kubelet's or pod's redirect is neither followed nor handed on (CVE-2018-1002102, CVE-2020-8559, CVE-2022-3172)", async (t) => {
    const canary = await startFakeKubelet(t, server, (_, response) => response.end("canary"));
    const target = `https://${canary.address}:${canary.port}/stolen`;
    for (const code of [301, 302, 307, 308]) {
      const { kubelet, node, pod } = await behind(t, (_, response) => response.writeHead(code, { location: target }).end(), (socket) => socket.write(`HTTP/1.1 ${code} Found\r\nlocation: ${target}\r\ncontent-length: 0\r\n\r\n`));
      const pods = `/api/v1/namespaces/${own}/pods`;
      for (const [path, headers] of [
        [`${pods}/${pod}/log`, {}], [`${pods}/${pod}/exec?command=id&stdout=1`, webSocket], [`${pods}/${pod}/exec?command=id&stdout=1`, spdy], [`${pods}/${pod}/attach?stdout=1`, webSocket], [`${pods}/${pod}/portforward?ports=80`, spdy],
        [`/api/v1/nodes/${node}/proxy/pods`, {}], [`/api/v1/nodes/${node}/proxy/pods`, webSocket], [`${pods}/https:${pod}:${kubelet.port}/proxy/x`, {}], [`${pods}/https:${pod}:${kubelet.port}/proxy/x`, webSocket],
      ] as const) {
        kubelet.seen.length = 0;
        const { status, location } = await upgraded("admin", "GET", path, headers, "system:masters");
        assert.equal(location, undefined, path);
        assert.ok(status >= 300 && status !== 101, `${path}: ${status}`);
        assert.equal(kubelet.seen.length, 1, `${path}: ${kubelet.seen.join()}`);
      }
    }
    assert.deepEqual(canary.seen, []);
  });

  test("row 15: loopback and link-local addresses, however they are written, are no nodes and no pods (CVE-2020-8562, CVE-2022-3294)", async () => {
    const addresses = ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.8.8.8", "localhost", "0.0.0.0", "0", "::1", "::", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "::ffff:7f00:1", "169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "ff02::1", "224.0.0.1", "255.255.255.255", "metadata.example.com"];
    for (const [i, address] of addresses.entries()) {
      await registerNode(server.client, address, server.port, `odd${i}`);
      await runningPod(server.client, `odd${i}`, `odd${i}`, own);
      for (const path of [`/api/v1/nodes/odd${i}/proxy/version`, `/api/v1/namespaces/${own}/pods/odd${i}/log`]) {
        const { status, text } = await server.admin("GET", path);
        assert.equal(status, 400, `${address}: ${text}`);
        assert.match(text, /address not allowed/);
      }
      for (const sub of ["exec?command=id&stdout=1", "portforward?ports=80"]) assert.equal((await upgraded("admin", "GET", `/api/v1/namespaces/${own}/pods/odd${i}/${sub}`, webSocket, "system:masters")).status, 400, address);
    }
  });

  test("row 27: who may only get nodes/proxy runs nothing through it", async (t) => {
    const { kubelet, node, pod } = await behind(t, (_, response) => response.end("{}"), (socket) => socket.end("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"));
    await allow("reader", { verbs: ["get"], apiGroups: [""], resources: ["nodes/proxy"] });
    const [proxy, command] = [`/api/v1/nodes/${node}/proxy`, `/${own}/${pod}/c?command=id&output=1`];
    assert.equal((await upgraded("reader", "GET", `${proxy}/pods`, {})).status, 200);
    kubelet.seen.length = 0;
    const paths = ["/exec", "//exec", "/%65xec", "/./exec", "/pods/../exec", "/pods/%2e%2e/exec", "/EXEC", "/attach", "/portForward", "/run", "/exec/../exec"];
    for (const path of paths) for (const headers of [webSocket, spdy, {}]) assert.equal((await upgraded("reader", "GET", `${proxy}${path}${command}`, headers)).status, 403, path);
    for (const path of ["/exec", "/run"]) assert.equal((await upgraded("reader", "POST", `${proxy}${path}${command}`, spdy)).status, 403, path);
    assert.deepEqual(kubelet.seen, []);
  });

  test("row 28: get is not enough for exec, attach and port-forward, over WebSocket, SPDY or none", async (t) => {
    const { kubelet, pod } = await behind(t, (_, response) => response.end(), (socket) => socket.end("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"));
    const subresources = ["exec", "attach", "portforward"];
    await allow("getter", { verbs: ["get", "list", "watch"], apiGroups: [""], resources: ["pods", ...subresources.map((sub) => `pods/${sub}`)] });
    await allow("creator", { verbs: ["create"], apiGroups: [""], resources: subresources.map((sub) => `pods/${sub}`) });
    for (const sub of subresources) {
      const path = `/api/v1/namespaces/${own}/pods/${pod}/${sub}?command=id&stdout=1&ports=80`;
      for (const method of ["GET", "POST"]) for (const headers of [webSocket, spdy, {}]) assert.equal((await upgraded("getter", method, path, headers)).status, 403, `${method} ${sub}`);
      assert.deepEqual(kubelet.seen, []);
      assert.equal((await upgraded("creator", "GET", path, webSocket)).status, 101, sub);
      kubelet.seen.length = 0;
    }
  });
});
