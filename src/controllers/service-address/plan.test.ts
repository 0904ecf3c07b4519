import assert from "node:assert/strict";
import { test } from "node:test";
import type { Service } from "#api/gen/core-v1.ts";
import type { IPAddress } from "#api/gen/networking-v1.ts";
import { apiSchema } from "#api/schema.ts";
import { decode } from "#apimachinery/decode.ts";
import { addressesOf, plan } from "./plan.ts";

const serviceOf = (name: string): Service => ({ metadata: { name, namespace: "default" }, spec: { clusterIPs: ["10.0.0.1"] }, status: {} });
const recorded = plan("10.0.0.1", serviceOf("web"), undefined);
const address = recorded.action === "create" ? recorded.address : undefined;
const byHand: IPAddress = { metadata: { name: "10.0.0.1" }, spec: { parentRef: { resource: "gateways", name: "g" } } };

test("an address of a Service is recorded as upstream does", () => assert.deepEqual(address, {
  metadata: { name: "10.0.0.1", labels: { "ipaddress.kubernetes.io/ip-family": "IPv4", "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io" } },
  spec: { parentRef: { resource: "services", namespace: "default", name: "web" } },
}));
test("a record that is right stays", () => assert.equal(plan("10.0.0.1", serviceOf("web"), address).action, "none"));
test("a record of nobody goes", () => assert.equal(plan("10.0.0.1", undefined, address).action, "delete"));
test("a record of another Service goes, to be made again", () => assert.equal(plan("10.0.0.1", serviceOf("db"), address).action, "delete"));
test("what somebody made by hand is left alone", () => {
  assert.equal(plan("10.0.0.1", undefined, byHand).action, "none");
  assert.equal(plan("10.0.0.1", serviceOf("web"), byHand).action, "none");
});
test("a headless Service has no address", () => assert.deepEqual(addressesOf({ spec: { clusterIPs: ["None"] } }), []));
test("a record that went through the server is still right", () => {
  const stored = decode(apiSchema, "networking/v1.IPAddress", structuredClone(address)).object as unknown as IPAddress;
  assert.equal(plan("10.0.0.1", serviceOf("web"), stored).action, "none");
});
