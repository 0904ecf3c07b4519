import assert from "node:assert/strict";
import { test } from "node:test";
import type { Container } from "#api/gen/core-v1.ts";
import type { DeviceClass } from "#api/gen/resource-v1.ts";
import { classesByResource, extendedDemandOf } from "./extended-resources.ts";
import { pod } from "./testing.ts";

const deviceClass = (name: string, extendedResourceName?: string, creationTimestamp = "2026-01-01T00:00:00Z"): DeviceClass => ({ metadata: { name, creationTimestamp }, spec: { ...(extendedResourceName && { extendedResourceName }) } });
const classes = [deviceClass("b", "acme.io/gpu"), deviceClass("a", "acme.io/gpu"), deviceClass("old", "acme.io/gpu", "2025-01-01T00:00:00Z"), deviceClass("nic")];

test("a resource is of the newest class that names it, and each class has one of its own", () => {
  assert.deepEqual([...classesByResource(classes)].map(([name, { metadata }]) => `${name} ${metadata.name}`).sort(), [
    "acme.io/gpu a", "deviceclass.resource.kubernetes.io/a a", "deviceclass.resource.kubernetes.io/b b", "deviceclass.resource.kubernetes.io/nic nic", "deviceclass.resource.kubernetes.io/old old",
  ]);
});

const nic = "deviceclass.resource.kubernetes.io/nic";
const container = (name: string, gpus: number, more: Partial<Container> = {}, others: Record<string, string> = {}): Container => ({ name, image: "app:1", resources: { requests: { cpu: "1", ...(gpus > 0 && { "acme.io/gpu": String(gpus) }), ...others } }, ...more });

// Upstream: dynamicresources extendeddynamicresources_test.go
const cases: readonly { readonly name: string; readonly init?: readonly Container[]; readonly containers: readonly Container[]; readonly requests: readonly string[]; readonly mappings: readonly string[] }[] = [
  { name: "each container its own", containers: [container("x", 1), container("y", 2), container("z", 0)], requests: ["container-0-request-0 a 1", "container-1-request-0 a 2"], mappings: ["x acme.io/gpu container-0-request-0", "y acme.io/gpu container-1-request-0"] },
  { name: "two resources", containers: [container("x", 1, {}, { [nic]: "1" })], requests: ["container-0-request-0 a 1", "container-0-request-2 nic 1"], mappings: ["x acme.io/gpu container-0-request-0", `x ${nic} container-0-request-2`] },
  { name: "an init container uses what comes later", init: [container("i", 1)], containers: [container("x", 2)], requests: ["container-1-request-0 a 2"], mappings: ["x acme.io/gpu container-1-request-0", "i acme.io/gpu container-1-request-0"] },
  { name: "and more of its own", init: [container("i", 3)], containers: [container("x", 2)], requests: ["container-0-request-0 a 1", "container-1-request-0 a 2"], mappings: ["x acme.io/gpu container-1-request-0", "i acme.io/gpu container-1-request-0", "i acme.io/gpu container-0-request-0"] },
  { name: "init containers use the largest share in turn", init: [container("i", 1), container("j", 3)], containers: [container("x", 0)], requests: ["container-1-request-0 a 3"], mappings: ["i acme.io/gpu container-1-request-0", "j acme.io/gpu container-1-request-0"] },
  { name: "a sidecar keeps its own; a later init container cannot use it", init: [container("s", 1, { restartPolicy: "Always" }), container("i", 1)], containers: [container("x", 0)], requests: ["container-0-request-0 a 1", "container-1-request-0 a 1"], mappings: ["s acme.io/gpu container-0-request-0", "i acme.io/gpu container-1-request-0"] },
];
for (const { name, init = [], containers, requests, mappings } of cases) {
  test(name, () => {
    const demand = extendedDemandOf(pod({ name: "p", initContainers: [...init], containers: [...containers] }), ["acme.io/gpu", nic], classesByResource(classes));
    assert.deepEqual(demand.claim.spec.devices?.requests?.map((one) => `${one.name} ${one.exactly?.deviceClassName ?? ""} ${one.exactly?.count ?? 0}`), requests);
    assert.deepEqual(demand.mappings.map(({ containerName, resourceName, requestName }) => `${containerName} ${resourceName} ${requestName}`), mappings);
  });
}
