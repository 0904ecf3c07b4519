/** R17: a server that is told to stop answers what it has accepted. `SEEDPOD_SHUTDOWN` multiplies the crowd. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { leases } from "#api/resources.ts";
import { ensureBootstrapObjects } from "#apiserver/authz/bootstrap.ts";
import { kinds } from "#apiserver/registry/kinds.ts";
import { newApiServer } from "#apiserver/server.ts";
import { systemClock } from "#base/clock.ts";
import { silent } from "#base/log.ts";
import { newSigningKey } from "#base/pki.ts";
import { pause } from "#base/waiting.ts";
import { newClient } from "#client/http-client.ts";
import { inProcess } from "#client/in-process-transport.ts";
import { openSqliteStore } from "#storage/sqlite/store.ts";
import { textOf } from "../support/https.ts";
import { startLoneServer, type LoneServer } from "../support/lone-server.ts";

const scale = Number(process.env["SEEDPOD_SHUTDOWN"] ?? 1);
const [requests, watches] = [Math.round(200 * scale), Math.round(500 * scale)];
const maps = "/api/v1/namespaces/default/configmaps";

describe("SIGTERM", () => {
  let server: LoneServer;
  before(async () => { server = await startLoneServer(); });
  after(() => server.remove());

  test(`with ${requests} requests and ${watches} watches open: none that was accepted is dropped, and it ends within 10 s`, async () => {
    const { admin } = server;
    const following = await Promise.all(Array.from({ length: watches }, () => admin.open("GET", `${maps}?watch=1`)));
    assert.ok(following.every(({ statusCode }) => statusCode === 200));
    const ends = following.map((message) => textOf(message));
    // each is accepted (its head and half its body are there) and can only be answered after the signal
    const waiting = await Promise.all(Array.from({ length: requests }, (_, i) => admin.begin("POST", maps, JSON.stringify({ metadata: { name: `at-the-end-${i}` }, data: { k: "x".repeat(2000) } }))));
    await pause(300);
    const began = systemClock.now();
    const stopped = server.process.stop();
    await pause(300);
    const answers = await Promise.all(waiting.map(({ finish }) => finish()));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [201]);
    const texts = await Promise.all(ends);
    await stopped;
    assert.ok(systemClock.now() - began < 10_000, `${systemClock.now() - began} ms`);
    assert.equal(server.process.exitCode, 0);
    assert.ok(texts.every((text) => text === "" || text.endsWith("}\n")), "each watch ends between two events");
  });
});

test("who asks within the process is answered until it has ended, though nobody is connected", async (t) => {
  const store = await openSqliteStore({ path: ":memory:" });
  t.after(() => store.close());
  const api = newApiServer({ store, clock: systemClock, log: silent, kinds, issuer: "https://issuer.example", serviceCidr: "10.43.0.0/16", serviceAccountKeys: { signing: newSigningKey() } });
  const [stopping, others] = [new AbortController(), Promise.withResolvers<void>()];
  const running = api.run(stopping.signal, others.promise);
  await api.ready;
  const client = newClient(inProcess(api.handler, { name: "admin", groups: ["system:masters"] }));
  await ensureBootstrapObjects(client, systemClock.now());
  const lease = await client.resource(leases).create({ metadata: { name: "leader", namespace: "kube-system" }, spec: { holderIdentity: "me" } });
  stopping.abort();
  await pause(300);
  const given = await client.resource(leases).update({ ...lease, spec: {} });
  others.resolve();
  await running;
  assert.equal(given.spec.holderIdentity, undefined);
});
