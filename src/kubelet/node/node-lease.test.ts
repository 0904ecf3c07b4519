import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { leases } from "#api/resources.ts";
import { silent } from "#base/log.ts";
import { VirtualClock } from "#base/virtual-clock.ts";
import { FakeClient } from "../fake-client.ts";
import { NodeLease } from "./node-lease.ts";

test("the heartbeat begins before the Node is registered, and is the Node's from then on", async () => {
  const [client, clock, stop] = [new FakeClient(), new VirtualClock(0), new AbortController()];
  let uid: string | undefined;
  const lease = new NodeLease({ client, clock, log: silent, nodeName: "n", nodeUid: () => uid });
  const running = lease.run(stop.signal);
  const owners: unknown[] = [];
  for (const next of ["u1", "u2", undefined]) {
    do await turn(); while (clock.nextMs === undefined); // until it waits for its next beat
    const { metadata } = await client.resource(leases).get("n", "kube-node-lease");
    owners.push(metadata.ownerReferences?.map((owner) => `${owner.kind} ${owner.name} ${owner.uid}`));
    uid = next;
    clock.advance(10_000);
  }
  stop.abort();
  await running;
  assert.deepEqual(owners, [undefined, ["Node n u1"], ["Node n u1"]]);
});
