import assert from "node:assert/strict";
import { test } from "node:test";
import { leases } from "#api/resources.ts";
import { microTimestamp } from "#apimachinery/time.ts";
import { silent } from "#base/log.ts";
import { VirtualClock } from "#base/virtual-clock.ts";
import { eventually } from "#base/waiting.ts";
import { startApiServer } from "../../test/support/api-server.ts";
import { identityLease, isExpired, serverId } from "./identity-lease.ts";

test("a server's id is 128 bits of its name's hash", () => {
  assert.equal(serverId("x"), "apiserver-fvyrmqvxe2yeialcpsu7xlbs6u");
  assert.notEqual(serverId("x"), serverId("y"));
});

test("a lease is expired when its duration has passed, or it has none", () => {
  const lease = (spec: object): Parameters<typeof isExpired>[0] => ({ metadata: { name: "a" }, spec });
  const renewTime = microTimestamp(10_000);
  assert.deepEqual([{ renewTime, leaseDurationSeconds: 5 }, { renewTime, leaseDurationSeconds: 60 }, { renewTime }, {}].map((spec) => isExpired(lease(spec), 20_000)), [true, false, true, true]);
});

test("a server keeps its lease, takes over that of its last life, and removes those of servers that are gone", async (t) => {
  const { client } = await startApiServer(t);
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const all = client.resource(leases);
  const labels = { "apiserver.kubernetes.io/identity": "kube-apiserver" };
  await all.create({ metadata: { name: "gone", namespace: "kube-system", labels }, spec: { holderIdentity: "gone", leaseDurationSeconds: 3600, renewTime: microTimestamp(clock.now()) } });
  await all.create({ metadata: { name: "elected", namespace: "kube-system" }, spec: { holderIdentity: "x", leaseDurationSeconds: 15, renewTime: microTimestamp(clock.now()) } });
  const stop = new AbortController();
  const name = serverId("host/dir");
  const live = (process: string): Promise<void> => identityLease({ client, clock, log: silent, hostname: "host", server: "host/dir", process }).run(stop.signal);
  const first = live("1");
  await eventually(async () => assert.equal((await all.get(name, "kube-system")).spec.holderIdentity, `${name}_1`));
  const second = live("2");
  await eventually(async () => assert.equal((await all.get(name, "kube-system")).spec.holderIdentity, `${name}_2`));
  const { metadata, spec } = await all.get(name, "kube-system");
  assert.deepEqual([metadata.labels, spec.leaseDurationSeconds, spec.renewTime], [{ ...labels, "kubernetes.io/hostname": "host" }, 3600, "2026-01-01T00:00:00.000000Z"]);
  await eventually(async () => {
    clock.set(clock.now() + 3_601_000);
    assert.deepEqual((await all.list({ namespace: "kube-system" })).items.map((lease) => lease.metadata.name).toSorted(), [name, "elected"].toSorted());
  });
  stop.abort();
  await Promise.all([first, second]);
});
