import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import type { DeviceFact } from "../devices/device-manager.ts";
import type { ClaimFact } from "../dra/container-claims.ts";
import { containerDevices, podResources } from "./answers.ts";

const fact = (id: string, near?: readonly string[]): DeviceFact => ({ resource: "example.com/gpu", id, near });
const entry = (id: string, node?: string): object => ({ resourceName: "example.com/gpu", deviceIds: [id], ...(node !== undefined && { topology: { nodes: [{ ID: node }] } }) });

for (const { name, facts, entries } of [
  { name: "nothing of nothing", facts: [], entries: [] },
  { name: "each device for itself", facts: [fact("a"), fact("b")], entries: [entry("a"), entry("b")] },
  { name: "a device near two NUMA nodes twice", facts: [fact("a", ["0", "1"]), fact("b", ["1"])], entries: [entry("a", "0"), entry("a", "1"), entry("b", "1")] },
  { name: "nothing of a device that is near no node, as upstream", facts: [fact("a", [])], entries: [] },
]) test(`devices are told: ${name}`, () => assert.deepEqual(containerDevices(facts), entries));

test("sidecars and app containers are told, those that come and go are not", () => {
  const container = (name: string, more: object = {}): object => ({ name, image: "x", ...more });
  const spec = { initContainers: [container("once"), container("beside", { restartPolicy: "Always" })], containers: [container("main")], ephemeralContainers: [container("look")] };
  const pod = { metadata: { name: "p", namespace: "n", uid: "u" }, spec, status: {} } as unknown as Pod;
  const of = (uid: string, name: string): readonly DeviceFact[] => (uid === "u" && name !== "main" ? [fact(`of-${name}`)] : []);
  const claim: ClaimFact = { namespace: "n", name: "c", devices: [{ driver: "d", poolName: "p", deviceName: "x", cdiDeviceIds: ["v/c=x"], shareId: "s" }, { driver: "d", poolName: "p", deviceName: "y" }] };
  const claims = (_: unknown, { name }: { readonly name: string }): readonly ClaimFact[] => (name === "main" ? [claim] : []);
  const claimResources = [{ cdiDevices: [{ name: "v/c=x" }], driverName: "d", poolName: "p", deviceName: "x", shareId: "s" }, { cdiDevices: [], driverName: "d", poolName: "p", deviceName: "y" }];
  assert.deepEqual(podResources(pod, { of }, { of: claims }), {
    name: "p", namespace: "n",
    containers: [{ name: "beside", devices: [entry("of-beside")], dynamicResources: [] }, { name: "main", devices: [], dynamicResources: [{ claimName: "c", claimNamespace: "n", claimResources }] }],
  });
});
