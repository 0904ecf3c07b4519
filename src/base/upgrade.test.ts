import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { test } from "node:test";
import { refuseUpgrade } from "./upgrade.ts";

test("a refused connection ends although nobody read what the client sent ahead", { timeout: 10_000 }, async (t) => {
  const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  client.write("x".repeat(100_000));
  const [socket] = await once(server, "connection") as [Socket];
  refuseUpgrade(socket, "no");
  const [answer] = await once(client, "data") as [Buffer];
  assert.equal(answer.toString(), "no");
  if (!socket.destroyed) await once(socket, "close");
});
