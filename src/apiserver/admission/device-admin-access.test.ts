import assert from "node:assert/strict";
import { test } from "node:test";
import type { AdmissionAttributes } from "./attributes.ts";
import { deviceAdminAccess } from "./device-admin-access.ts";
import { outcome, requestFor } from "./fixture.ts";

const words = "admin access to devices requires the `resource.kubernetes.io/admin-access: true` label on the containing namespace";
const requests = (adminAccess: boolean): object => ({ devices: { requests: [{ name: "a", exactly: { deviceClassName: "c" } }, { name: "b", exactly: { deviceClassName: "c", adminAccess } }] } });
const claim = (adminAccess: boolean): object => ({ metadata: { name: "x" }, spec: requests(adminAccess), status: {} });
const holding = (adminAccess: boolean): object => ({ ...claim(true), status: { allocation: { devices: { results: [{ request: "b", driver: "d", pool: "p", device: "e", adminAccess }] } } } });

function told(plural: string, object: object, labels: object = {}, given: Partial<AdmissionAttributes> = {}): Promise<string | undefined> {
  return outcome(deviceAdminAccess, requestFor(plural, { namespaces: [{ metadata: { name: "default", labels } }] }, given), object);
}

test("admin access needs a label on the namespace", async () => {
  const label = { "resource.kubernetes.io/admin-access": "true" };
  const template = { metadata: { name: "x" }, spec: { spec: requests(true) } };
  assert.equal(await told("resourceclaims", claim(true)), `ResourceClaim.resource.k8s.io "x" is invalid: spec.devices.requests[1].adminAccess: Forbidden: ${words}`);
  assert.equal(await told("resourceclaimtemplates", template), `ResourceClaimTemplate.resource.k8s.io "x" is invalid: spec.devices.requests[1].adminAccess: Forbidden: ${words}`);
  assert.deepEqual([await told("resourceclaims", claim(false)), await told("resourceclaims", claim(true), label), await told("resourceclaimtemplates", template, label)], [undefined, undefined, undefined]);
});

test("so does a device that is given with it, unless one was before", async () => {
  const write = { operation: "UPDATE", subresource: "status" } as const;
  assert.match(await told("resourceclaims", holding(true), {}, { ...write, oldObject: claim(true) as never }) ?? "", /status\.allocation\.devices\.results\[0\]\.adminAccess: Forbidden/);
  assert.equal(await told("resourceclaims", holding(true), {}, { ...write, oldObject: holding(true) as never }), undefined);
  assert.equal(await told("resourceclaims", holding(false), {}, { ...write, oldObject: claim(true) as never }), undefined);
});
