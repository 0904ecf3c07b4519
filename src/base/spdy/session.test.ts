import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, connect as dial, type AddressInfo, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { describe, test, type TestContext } from "node:test";
import { constants, createDeflate } from "node:zlib";
import { dictionary } from "./dictionary.ts";
import * as frames from "./frames.ts";
import { HeaderDecoder, HeaderEncoder } from "./header-block.ts";
import { SpdySession, type SessionOptions } from "./session.ts";
import type { SpdyStream } from "./stream.ts";

async function sockets(t: TestContext): Promise<[Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = dial({ port: (server.address() as AddressInfo).port, host: "127.0.0.1", allowHalfOpen: true });
  const [accepted] = (await once(server, "connection")) as [Socket];
  t.after(() => { client.destroy(); accepted.destroy(); server.close(); });
  client.on("error", () => {});
  return [client, accepted];
}

async function sessions(t: TestContext, options: Partial<SessionOptions> = {}): Promise<[SpdySession, SpdySession]> {
  const [a, b] = await sockets(t);
  return [new SpdySession(a, { role: "client" }), new SpdySession(b, { role: "server", onStream: (stream) => { stream.accept(); stream.pipe(stream); }, ...options })];
}

const headers = (entries: Record<string, string> = {}): ReadonlyMap<string, string> => new Map(Object.entries(entries));
const block = (entries: Record<string, string> = {}): Buffer => new HeaderEncoder().encode(headers(entries));

describe("a SPDY session", () => {
  test("carries headers, both ways of data, and each half's end", async (t) => {
    let seen: SpdyStream | undefined;
    const [client] = await sessions(t, { onStream: (stream) => { seen = stream; stream.accept(); stream.pipe(stream); } });
    const stream = client.open(headers({ StreamType: "stdin", port: "80" }));
    await stream.opened;
    assert.deepEqual([...(seen?.headers ?? [])], [["streamtype", "stdin"], ["port", "80"]]);
    stream.end("hello");
    assert.equal(await text(stream), "hello");
  });

  test("keeps many streams apart", async (t) => {
    const [client] = await sessions(t);
    const streams = Array.from({ length: 50 }, () => client.open(headers()));
    streams.forEach((stream, i) => stream.end(`${i}`.repeat(10_000)));
    const echoed = await Promise.all(streams.map((stream) => text(stream)));
    echoed.forEach((got, i) => assert.equal(got, `${i}`.repeat(10_000)));
  });

  test("carries megabytes to a side that keeps no windows, and to one that does", async (t) => {
    for (const announce of [false, true]) {
      const [a, b] = await sockets(t);
      const client = new SpdySession(a, { role: "client" });
      if (announce) b.write(frames.settings([[frames.SETTING_INITIAL_WINDOW, 1000]]));
      new SpdySession(b, { role: "server", onStream: (stream) => { stream.accept(); stream.pipe(stream); } });
      const stream = client.open(headers());
      stream.end(Buffer.alloc(3_000_000, "x"));
      assert.equal((await text(stream)).length, 3_000_000);
    }
  });

  test("stops reading for a slow reader instead of keeping what comes", async (t) => {
    let slow: SpdyStream | undefined;
    const [client] = await sessions(t, { onStream: (stream) => { slow = stream; stream.accept(); } });
    const stream = client.open(headers());
    await stream.opened;
    stream.setMaxListeners(0);
    let sent = 0;
    const chunk = Buffer.alloc(64 * 1024);
    const pump = (async () => { while (sent < 64 * 1024 * 1024) { if (!stream.write(chunk)) await Promise.race([once(stream, "drain"), once(stream, "close")]); if (stream.destroyed) return; sent += chunk.length; } })();
    let before = -1;
    while (before !== sent) { before = sent; await new Promise((resolve) => { setImmediate(() => setImmediate(resolve)); }); await once(AbortSignal.timeout(100), "abort"); }
    assert(sent < 32 * 1024 * 1024, `sent ${sent}`); // what the kernel's buffers hold
    assert((slow?.readableLength ?? 0) <= 512 * 1024);
    stream.destroy();
    await pump;
  });

  test("ends a stream's reading after what came before its reset, and fails its writing", async (t) => {
    const [client] = await sessions(t, { onStream: (stream) => { stream.accept(); stream.write("last words", () => stream.destroy()); } });
    const stream = client.open(headers());
    stream.on("error", () => {});
    assert.equal(await text(stream), "last words");
    await assert.rejects(new Promise<void>((resolve, reject) => { stream.write("x", (err) => (err ? reject(err) : resolve())); }), { name: "SpdyError" });
  });

  test("ends all streams with the connection", async (t) => {
    const [client, server] = await sessions(t, { onStream: (stream) => { stream.accept(); stream.write("x"); } });
    const stream = client.open(headers());
    await stream.opened;
    server.close();
    assert.equal(await text(stream), "x");
    assert.equal(await client.closed, undefined);
    assert.throws(() => client.open(headers()), { name: "SpdyError" });
  });

  test("refuses streams past its limit, and takes new ones when old ones end", async (t) => {
    const [client] = await sessions(t, { maxStreams: 2 });
    const [a, b, c] = [client.open(headers()), client.open(headers()), client.open(headers())];
    await Promise.all([a.opened, b.opened]);
    await assert.rejects(c.opened, /reset by the other side \(3\)/);
    a.end();
    await text(a);
    await client.open(headers()).opened;
  });
});

describe("a hostile peer", () => {
  const attacks: { name: string; bytes: () => Buffer }[] = [
    { name: "another version", bytes: () => Buffer.from([0x80, 2, 0, 1, 0, 0, 0, 0]) },
    { name: "a huge control frame", bytes: () => Buffer.from([0x80, 3, 0, 1, 0, 0xff, 0xff, 0xff]) },
    { name: "a cut header block", bytes: () => frames.synStream(1, block({ a: "b" }).subarray(0, 12)) },
    { name: "a broken header block", bytes: () => frames.synStream(1, Buffer.from("no zlib here")) },
    { name: "an even stream id", bytes: () => frames.synStream(2, block()) },
    { name: "a short SYN_STREAM", bytes: () => Buffer.from([0x80, 3, 0, 1, 0, 0, 0, 1, 0]) },
    { name: "settings that promise more than they hold", bytes: () => { const f = frames.settings([[7, 1]]); f.writeUInt32BE(1_000_000, 8); return f; } },
    { name: "a short RST_STREAM", bytes: () => Buffer.from([0x80, 3, 0, 3, 0, 0, 0, 0]) },
    { name: "a header block that claims four billion headers", bytes: () => { const b = block(); b.fill(0xff, b.length - 4); return frames.synStream(1, b); } },
  ];
  for (const { name, bytes } of attacks) {
    test(`that sends ${name} is cut off`, async (t) => {
      const [client, accepted] = await sockets(t);
      const session = new SpdySession(accepted, { role: "server", onStream: (stream) => stream.accept() });
      client.resume();
      client.write(bytes());
      assert.equal((await session.closed)?.name, "SpdyError");
      assert.equal(accepted.destroyed, true);
    });
  }

  test("that sends a bomb of compressed headers is cut off", async (t) => {
    const [client, accepted] = await sockets(t);
    const session = new SpdySession(accepted, { role: "server", onStream: (stream) => stream.accept() });
    client.write(frames.synStream(1, await deflated(Buffer.alloc(30 * 1024 * 1024))));
    assert.equal((await session.closed)?.name, "SpdyError");
  });

  test("that repeats a stream id is cut off, that sends to unknown streams is borne", async (t) => {
    const [client, accepted] = await sockets(t);
    let streams = 0;
    const session = new SpdySession(accepted, { role: "server", onStream: (stream) => { streams++; stream.accept(); } });
    const encoder = new HeaderEncoder();
    client.write(Buffer.concat([frames.dataHead(99, 3, true), Buffer.from("abc"), frames.reset(77, 1), frames.windowUpdate(55, 10), frames.ping(1), Buffer.from([0x80, 3, 0, 99, 0, 0, 0, 1, 7])]));
    client.write(frames.synStream(3, encoder.encode(headers())));
    client.write(frames.synStream(3, encoder.encode(headers())));
    assert.equal((await session.closed)?.name, "SpdyError");
    assert.equal(streams, 1);
  });
});

async function deflated(plain: Buffer): Promise<Buffer> {
  const deflate = createDeflate({ dictionary: Buffer.from(dictionary), flush: constants.Z_SYNC_FLUSH });
  const out: Buffer[] = [];
  deflate.on("data", (chunk: Buffer) => out.push(chunk));
  await new Promise((resolve) => { deflate.write(plain, resolve); });
  return Buffer.concat(out);
}

test("header blocks of a compressing peer are read, one after the other", async (t) => {
  const deflate = createDeflate({ dictionary: Buffer.from(dictionary), flush: constants.Z_SYNC_FLUSH });
  const decoder = new HeaderDecoder();
  t.after(() => decoder.close());
  for (const value of ["error", "stdin", "stdout"]) {
    const out: Buffer[] = [];
    const keep = (chunk: Buffer): void => void out.push(chunk);
    deflate.on("data", keep);
    const plain = Buffer.from([0, 0, 0, 1, 0, 0, 0, 10, ...Buffer.from("streamtype"), 0, 0, 0, value.length, ...Buffer.from(value)]);
    await new Promise((resolve) => { deflate.write(plain, resolve); });
    deflate.off("data", keep);
    assert.deepEqual([...(await decoder.decode(Buffer.concat(out)))], [["streamtype", value]]);
  }
});
