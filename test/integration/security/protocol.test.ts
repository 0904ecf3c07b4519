/** What a connection or a path may do to the server: nothing. */
import assert from "node:assert/strict";
import { once } from "node:events";
import http2 from "node:http2";
import net from "node:net";
import tls from "node:tls";
import { after, before, describe, test } from "node:test";
import { pause } from "#base/waiting.ts";
import { startApiServer, type TestApiServer } from "../../support/api-server.ts";
import { megabyte, memory } from "../../support/memory.ts";

const resets = 100_000;

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}
const path = Buffer.from("/api/v1/namespaces");
const headers = Buffer.concat([Buffer.from([0x82, 0x87, 0x04, path.length]), path, Buffer.from([0x01, 1, 0x78])]); // GET, https, the path, an authority
const cancel = Buffer.from([0, 0, 0, 8]);

/** The error code of the last GOAWAY among frames. */
function goawayIn(bytes: Buffer): number | undefined {
  let code: number | undefined;
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) if (bytes[at + 3] === 7) code = bytes.readUInt32BE(at + 13);
  return code;
}

describe("connections and paths", () => {
  let server: TestApiServer;
  before(async () => { server = await startApiServer(); });
  after(() => server.stop());
  const alive = async (): Promise<void> => assert.equal((await server.admin("GET", "/livez")).text, "ok");
  const secure = (options: tls.ConnectionOptions): tls.TLSSocket => {
    const { cert, key } = server.certificate("admin", "system:masters");
    return tls.connect({ host: "127.0.0.1", port: server.port, ca: server.ca.cert, cert, key, ...options }).on("error", () => {});
  };

  /** Opens streams and takes them back, as fast as the socket takes frames, until the server ends the connection. */
  const resetRapidly = async (most: number): Promise<{ readonly sent: number; readonly goaway: number | undefined }> => {
    const socket = secure({ ALPNProtocols: ["h2"] });
    const received: Buffer[] = [];
    socket.on("data", (piece: Buffer) => received.push(piece));
    const closed = once(socket, "close");
    await once(socket, "secureConnect");
    socket.write(Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), frame(4, 0, 0, Buffer.alloc(0))]));
    let sent = 0;
    while (sent < most && socket.writable) {
      const frames: Buffer[] = [];
      for (let i = 0; i < 50 && sent < most; i++, sent++) frames.push(frame(1, 5, 2 * sent + 1, headers), frame(3, 0, 2 * sent + 1, cancel));
      await new Promise<void>((resolve) => socket.write(Buffer.concat(frames), () => resolve()));
    }
    socket.end();
    await closed;
    return { sent, goaway: goawayIn(Buffer.concat(received)) };
  };

  test("row 11: rapid resets end their connection and nothing else (CVE-2023-44487)", async () => {
    for (let i = 0; i < 5; i++) await resetRapidly(100_000); // warm
    const before = memory();
    for (let sent = 0; sent < resets;) {
      const one = await resetRapidly(100_000); // more than a connection is let
      assert.equal(one.goaway, http2.constants.NGHTTP2_ENHANCE_YOUR_CALM);
      sent += one.sent;
    }
    const { held, resident } = memory();
    assert.ok(held - before.held < 8 * megabyte, `${Math.round((held - before.held) / megabyte)} MB are held`);
    assert.ok(resident - before.resident < 512 * megabyte); // pages that the allocator keeps for the next time
    await alive();
  });

  test("row 11: garbage in the place of TLS, of HTTP/2, of HTTP/1.1, and odd server names", async () => {
    const plain = net.connect(server.port, "127.0.0.1").on("error", () => {});
    plain.end("GET / HTTP/1.1\r\n\r\n");
    for (const servername of ["x".repeat(250), "*.*", "a..b", "localhost\u00e9"]) {
      try {
        secure({ servername }).end();
      } catch {
        // the client's own library refuses it
      }
    }
    const frames = [Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), Buffer.from([0xff, 0xff, 0xff, 0x04, 0xff, 0, 0, 0, 0, 1, 2, 3]), Buffer.alloc(4096, 0xff)];
    const h2 = secure({ ALPNProtocols: ["h2"] });
    for (const frame of frames) h2.write(frame);
    const h1 = secure({ ALPNProtocols: ["http/1.1"] });
    h1.write("NOPE\r\n\r\n\0\0\0");
    const long = secure({ ALPNProtocols: ["http/1.1"] });
    long.write(`GET / HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(100_000)}\r\n\r\n`);
    await pause(200);
    for (const socket of [plain, h2, h1, long]) socket.destroy();
    await alive();
  });

  test("row 12: the scope is the resource's, not the URL's (CVE-2019-11247)", async () => {
    for (const path of ["/api/v1/namespaces/default/nodes", "/api/v1/namespaces/default/nodes/n", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/clusterroles/cluster-admin", "/api/v1/configmaps/x"]) {
      for (const method of ["GET", "PUT", "PATCH", "DELETE"]) {
        const { status, text } = await server.admin(method, path, { body: {}, type: method === "PATCH" ? "application/merge-patch+json" : "application/json" });
        assert.ok(status === 404 || status === 405, `${method} ${path}: ${status} ${text}`);
      }
    }
  });

  test("row 13: no path leads out of its resource (CVE-2022-3162, CVE-2015-5305)", async () => {
    const segments = ["..%2f..%2fsecrets", "%2e%2e", "..", ".", "a%2fb", "%00", "a%00b", "%", "%zz", "%c0%ae%c0%ae", "a%0ab", "%25", "%5c..%5c"];
    for (const segment of segments) {
      for (const path of [`/api/v1/namespaces/default/configmaps/${segment}`, `/api/v1/namespaces/${segment}/configmaps/x`, `/api/v1/namespaces/default/pods/x/${segment}`, `/apis/${segment}/v1/deployments`]) {
        for (const method of ["GET", "PUT", "PATCH", "DELETE", "POST"]) {
          const { status, text } = await server.admin(method, path, { body: { metadata: { name: "x" } }, type: method === "PATCH" ? "application/merge-patch+json" : "application/json" });
          assert.ok([400, 404, 405].includes(status), `${method} ${path}: ${status} ${text}`);
        }
      }
    }
    for (const path of ["//api/v1/namespaces", "/api//v1/namespaces", "/api/v1//namespaces", "/api/v1/namespaces//configmaps/x", "/api/v1/namespaces/default/configmaps//x", "/../api/v1/secrets"]) {
      const { status } = await server.admin("GET", path);
      assert.ok([400, 404].includes(status), `${path}: ${status}`);
    }
    await alive();
  });
});
