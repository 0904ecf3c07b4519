import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "#base/clock.ts";
import type { AdmissionAttributes } from "./attributes.ts";
import { deviceAdminAccess } from "./device-admin-access.ts";
import { deviceTaintTimes } from "./device-taint-times.ts";
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

test("a taint says since when, its driver's word first", async () => {
  const taints = [{ key: "sick", effect: "NoExecute" }, { key: "old", effect: "NoSchedule", timeAdded: "2020-01-01T00:00:00Z" }];
  const slice = { metadata: { name: "s" }, spec: { devices: [{ name: "a" }, { name: "b", taints }] } };
  assert.equal(await outcome(deviceTaintTimes({ ...systemClock, now: () => 0 }), requestFor("resourceslices"), slice), undefined);
  assert.deepEqual(taints.map((taint) => taint.timeAdded), ["1970-01-01T00:00:00Z", "2020-01-01T00:00:00Z"]);
});

test("so does a device that is given with it, unless one was before", async () => {
  const write = { operation: "UPDATE", subresource: "status" } as const;
  assert.match(await told("resourceclaims", holding(true), {}, { ...write, oldObject: claim(true) as never }) ?? "", /status\.allocation\.devices\.results\[0\]\.adminAccess: Forbidden/);
  assert.equal(await told("resourceclaims", holding(true), {}, { ...write, oldObject: holding(true) as never }), undefined);
  assert.equal(await told("resourceclaims", holding(false), {}, { ...write, oldObject: claim(true) as never }), undefined);
});
