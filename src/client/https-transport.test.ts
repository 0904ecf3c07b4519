import assert from "node:assert/strict";
import http2, { type Http2SecureServer, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { systemClock } from "#base/clock.ts";
import { issue, newCa, type KeyPair } from "#base/pki.ts";
import { httpsTransport, type HttpsOptions } from "./https-transport.ts";
import { readText, TransportError } from "./transport.ts";

const ca = newCa("test-ca", systemClock.now());
const serverCert = issue(ca, { commonName: "server", ips: ["127.0.0.1"], usages: ["server"], days: 1 }, systemClock.now());
const clientCert = issue(ca, { commonName: "admin", usages: ["client"], days: 1 }, systemClock.now());

type Answer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

class Server {
  readonly sessions = new Set<ServerHttp2Session>();
  opened = 0;
  #http: Http2SecureServer;

  constructor(answer: Answer, { cert, key }: KeyPair = serverCert, maxConcurrentStreams = 100) {
    this.#http = http2.createSecureServer({ cert, key, ca: ca.cert, requestCert: true, rejectUnauthorized: false, settings: { maxConcurrentStreams } });
    this.#http.on("session", (session) => { this.opened++; this.sessions.add(session); session.on("close", () => this.sessions.delete(session)).on("error", () => {}); });
    this.#http.on("stream", (stream, headers) => { stream.on("error", () => {}); answer(stream, headers); });
  }

  async listen(port = 0): Promise<number> {
    await new Promise<void>((resolve) => { this.#http.listen(port, "127.0.0.1", resolve); });
    return (this.#http.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const session of this.sessions) session.destroy();
    await new Promise((resolve) => { this.#http.close(resolve); });
  }
}

async function start(t: TestContext, answer: Answer, options: Partial<HttpsOptions> = {}, maxConcurrentStreams?: number) {
  const server = new Server(answer, serverCert, maxConcurrentStreams);
  const port = await server.listen();
  const transport = httpsTransport({ server: `https://127.0.0.1:${port}`, ca: ca.cert, ...options });
  t.after(async () => { transport.close(); await server.close(); });
  return { server, port, transport };
}

const echo: Answer = (stream, headers) => {
  const body: Buffer[] = [];
  stream.on("data", (piece: Buffer) => body.push(piece)).on("end", () => {
    stream.respond({ ":status": 200 });
    stream.end(JSON.stringify({ method: headers[":method"], path: headers[":path"], authorization: headers.authorization, agent: headers["user-agent"], body: Buffer.concat(body).toString() }));
  });
};

describe("the HTTPS transport", () => {
  test("sends method, path, body, token and agent over one connection", async (t) => {
    const { transport, server } = await start(t, echo, { token: "abc", userAgent: "seedpod/test" });
    for (let i = 0; i < 20; i++) {
      const answer = await transport({ method: "POST", path: "/a?b=c", body: Buffer.from("hello") });
      assert.deepEqual(JSON.parse(await readText(answer.body)), { method: "POST", path: "/a?b=c", authorization: "Bearer abc", agent: "seedpod/test", body: "hello" });
    }
    assert.equal(server.opened, 1);
  });

  test("shows its client certificate", async (t) => {
    const { transport } = await start(t, (stream) => {
      const peer = (stream.session?.socket as unknown as { getPeerCertificate(): { subject?: { CN?: string } } } | undefined)?.getPeerCertificate();
      stream.respond({ ":status": 200 });
      stream.end(peer?.subject?.CN ?? "nobody");
    }, clientCert);
    assert.equal(await readText((await transport({ method: "GET", path: "/" })).body), "admin");
  });

  test("does not talk to a server that its authority did not sign", async () => {
    const stranger = new Server(echo, issue(newCa("other", systemClock.now()), { commonName: "x", ips: ["127.0.0.1"], usages: ["server"], days: 1 }, systemClock.now()));
    const port = await stranger.listen();
    const transport = httpsTransport({ server: `https://127.0.0.1:${port}`, ca: ca.cert });
    await assert.rejects(transport({ method: "GET", path: "/" }), TransportError);
    transport.close();
    await stranger.close();
  });

  test("says that nothing was sent when nobody listens", async () => {
    const gone = new Server(echo);
    const port = await gone.listen();
    await gone.close();
    const transport = httpsTransport({ server: `https://127.0.0.1:${port}`, ca: ca.cert });
    await assert.rejects(transport({ method: "POST", path: "/" }), (err) => err instanceof TransportError && !err.sent);
    transport.close();
  });

  test("streams pieces as they come and ends the request when the reader stops", async (t) => {
    const closed = Promise.withResolvers<void>();
    const { transport } = await start(t, (stream) => {
      stream.respond({ ":status": 200 });
      stream.write("one");
      stream.on("close", () => closed.resolve());
    });
    const { body } = await transport({ method: "GET", path: "/watch" });
    for await (const piece of body) {
      assert.equal(Buffer.from(piece).toString(), "one");
      break;
    }
    await closed.promise;
  });

  test("an abort rejects with its reason, before and after the answer began", async (t) => {
    const { transport } = await start(t, (stream, headers) => { if (headers[":path"] === "/begun") { stream.respond({ ":status": 200 }); stream.write("x"); } });
    const early = new AbortController();
    const waiting = transport({ method: "GET", path: "/silent", signal: early.signal });
    setImmediate(() => early.abort(new Error("no patience")));
    await assert.rejects(waiting, /no patience/);
    const late = new AbortController();
    const { body } = await transport({ method: "GET", path: "/begun", signal: late.signal });
    setImmediate(() => late.abort(new Error("enough")));
    await assert.rejects(Array.fromAsync(body), /enough/);
  });

  test("reconnects after the server was replaced", async () => {
    const first = new Server(echo);
    const port = await first.listen();
    const transport = httpsTransport({ server: `https://127.0.0.1:${port}`, ca: ca.cert });
    await transport({ method: "GET", path: "/" }).then((a) => readText(a.body));
    await first.close();
    const second = new Server(echo);
    await second.listen(port);
    assert.equal((await transport({ method: "GET", path: "/again" }).then((a) => readText(a.body))).includes("/again"), true);
    transport.close();
    await second.close();
  });

  test("a cut answer is an error, not an end", async (t) => {
    const { transport, server } = await start(t, (stream) => { stream.respond({ ":status": 200 }); stream.write("half"); });
    const { body } = await transport({ method: "GET", path: "/" });
    setImmediate(() => { for (const session of server.sessions) session.destroy(); });
    await assert.rejects(Array.fromAsync(body), TransportError);
  });

  test("opens another connection when one is full of watches", async (t) => {
    const { transport, server } = await start(t, (stream) => { stream.respond({ ":status": 200 }); stream.write("."); }, {}, 10);
    const stop = new AbortController();
    await transport({ method: "GET", path: "/", signal: stop.signal }); // now it knows the server's limit
    await Promise.all(Array.from({ length: 34 }, () => transport({ method: "GET", path: "/", signal: stop.signal })));
    assert.equal(server.opened, 4);
    stop.abort();
  });

  test("gives up a peer that is gone without a word", async (t) => {
    const { port } = await start(t, () => {});
    const carried: Socket[] = [];
    const wire = createServer((near) => {
      const far = connect(port, "127.0.0.1");
      near.pipe(far).pipe(near).on("error", () => {});
      carried.push(near.on("error", () => {}), far.on("error", () => {}));
    });
    await new Promise<void>((resolve) => { wire.listen(0, "127.0.0.1", resolve); });
    const transport = httpsTransport({ server: `https://127.0.0.1:${(wire.address() as AddressInfo).port}`, ca: ca.cert, pingMs: 60 });
    const waiting = transport({ method: "POST", path: "/" });
    await systemClock.sleep(200, AbortSignal.timeout(5_000)); // pings keep an idle connection
    for (const socket of carried) socket.unpipe().pause();
    await assert.rejects(waiting, TransportError);
    transport.close();
    for (const socket of carried) socket.destroy();
    wire.close();
  });
});
