import assert from "node:assert/strict";
import { test } from "node:test";
import type { AllocatedDeviceStatus, ResourceClaimStatus } from "#api/gen/resource-v1.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import type { Authorizer } from "../authz/authorizer.ts";
import type { AdmissionAttributes } from "./attributes.ts";
import { claimStatusPermission } from "./claim-status-permission.ts";
import { outcome, requestFor } from "./fixture.ts";

const may = (...allowed: readonly string[]): Authorizer => ({ authorize: async ({ verb, subresource = "", namespace = "", name = "" }) => ({ allowed: allowed.includes(`${verb} ${subresource} ${namespace}/${name}`), reason: "" }) });
const claim = (status: ResourceClaimStatus): KubeObject => ({ metadata: { name: "x", namespace: "default" }, spec: {}, status }) as KubeObject;
const allocation = { nodeSelector: { nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In" as const, values: ["a"] }] }] } };
const user = (node?: string): AdmissionAttributes["user"] => ({ name: "system:serviceaccount:kube-system:driver", groups: [], ...(node && { extra: { "authentication.kubernetes.io/node-name": [node] } }) });
const written = (authorizer: Authorizer, old: ResourceClaimStatus, next: ResourceClaimStatus, given: Partial<AdmissionAttributes> = {}): Promise<string | undefined> =>
  outcome(claimStatusPermission(authorizer), requestFor("resourceclaims", {}, { operation: "UPDATE", subresource: "status", user: user(), oldObject: claim(old), ...given }), claim(next));

const refused = (field: string, text: string): string => `ResourceClaim.resource.k8s.io "x" is invalid: ${field}: Forbidden: ${text}`;
const cannot = (verb: string, subresource: string, name: string, where: string): string => `resourceclaims.resource.k8s.io ${name}is forbidden: User "system:serviceaccount:kube-system:driver" cannot ${verb} resource "resourceclaims/${subresource}" in API group "resource.k8s.io" ${where}`;

test("which devices a claim has, and who uses it, needs a permission of its own", async () => {
  const words = refused("status", `changing status.allocation or status.reservedFor requires resource="resourceclaims/binding", verb="update" permission: ${cannot("update", "binding", "", "at the cluster scope")}`);
  assert.equal(await written(may(), {}, { allocation }), words);
  assert.equal(await written(may(), { allocation }, { allocation, reservedFor: [{ resource: "pods", name: "p", uid: "u" }] }), words);
  assert.equal(await written(may("update binding /"), {}, { allocation }), undefined);
  assert.match(await written(may("update binding /"), {}, { allocation }, { verb: "patch" }) ?? "", /verb="patch"/);
});

const device = (driver: string, data = {}): AllocatedDeviceStatus => ({ driver, pool: "p", device: "d", data });
// Upstream: pkg/registry/resource/resourceclaim/authorization_test.go
const cases: readonly { readonly name: string; readonly may: readonly string[]; readonly next?: readonly AllocatedDeviceStatus[]; readonly old?: readonly AllocatedDeviceStatus[]; readonly on?: string; readonly fails?: readonly string[] }[] = [
  { name: "nothing changes", may: [], old: [device("one")], next: [device("one")] },
  { name: "the driver on the claim's node", may: ["associated-node:update driver default/one"], next: [device("one")], on: "a" },
  { name: "a driver that may everywhere", may: ["arbitrary-node:update driver default/one"], next: [device("one")], on: "a" },
  { name: "a driver on another node", may: ["associated-node:update driver default/one"], next: [device("one")], on: "b", fails: ["arbitrary-node:update"] },
  { name: "a driver of no node", may: ["associated-node:update driver default/one"], next: [device("one")], fails: ["arbitrary-node:update"] },
  { name: "another driver's device", may: ["associated-node:update driver default/two"], next: [device("one")], on: "a", fails: ["associated-node:update", "arbitrary-node:update"] },
  { name: "another driver's device, taken away", may: [], old: [device("one")], fails: ["arbitrary-node:update"] },
  { name: "its own beside another's", may: ["associated-node:update driver default/one"], old: [device("one"), device("two")], next: [device("one", { a: 1 }), device("two")], on: "a" },
];
for (const { name, may: allowed, next = [], old = [], on, fails } of cases) {
  test(name, async () => {
    const verb = fails?.[0] ?? "";
    const words = fails === undefined ? undefined : refused("status.devices", `changing status.devices requires resource="resourceclaims/driver", verb="[${fails.join(" ")}]" permission: ${cannot(verb, "driver", `"one" `, `in the namespace "default"`)}`);
    assert.equal(await written(may(...allowed), { allocation, devices: [...old] }, { allocation, devices: [...next] }, { user: user(on) }), words);
  });
}
