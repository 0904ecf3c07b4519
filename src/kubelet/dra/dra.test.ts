import assert from "node:assert/strict";
import { test } from "node:test";
import type { Container, Pod } from "#api/gen/core-v1.ts";
import type { ResourceClaim } from "#api/gen/resource-v1.ts";
import { podOf } from "../fixture.ts";
import { answersOf, unprepareCalls } from "./calls.ts";
import { ClaimInfos, devicesFor, type ClaimInfo } from "./claim-infos.ts";
import { claimProblem, claimsOf, containerClaims } from "./claims.ts";
import { cdiDevicesOf, factsOf, healthOf } from "./container-claims.ts";
import { DeviceHealths } from "./device-healths.ts";
import { chooseService } from "./dra-driver.ts";
import type { Device } from "./gen/dra-v1.ts";

const pod = (status: Partial<Pod["status"]> = {}, ...resourceClaims: NonNullable<Pod["spec"]["resourceClaims"]>): Pod => ({ ...podOf({ resourceClaims }), status });
const refusal = <T>(run: () => T): T | string => {
  try {
    return run();
  } catch (err) {
    return (err as Error).message;
  }
};
const extended = { resourceClaimName: "made", requestMappings: [{ containerName: "c", resourceName: "example.com/gpu", requestName: "r0" }] };

const named: readonly (readonly [string, Pod, unknown])[] = [
  ["by its name", pod({}, { name: "a", resourceClaimName: "claim" }), [{ name: "claim", generated: false }]],
  ["made from a template", pod({ resourceClaimStatuses: [{ name: "a", resourceClaimName: "p-a-x" }] }, { name: "a", resourceClaimTemplateName: "t" }), [{ name: "p-a-x", generated: true }]],
  ["none was needed", pod({ resourceClaimStatuses: [{ name: "a" }] }, { name: "a", resourceClaimTemplateName: "t" }), []],
  ["not made yet", pod({}, { name: "a", resourceClaimTemplateName: "t" }), "Pod ns/p: ResourceClaim not created yet"],
  ["of a kind that we do not know", pod({}, { name: "a" }), "Pod ns/p, spec.resourceClaim a: none of the supported fields are set"],
  ["of its extended resources", pod({ extendedResourceClaimStatus: extended }), [{ name: "made", generated: false }]],
];
for (const [name, of, want] of named) test(`a pod's claim: ${name}`, () => assert.deepEqual(refusal(() => claimsOf(of)), want));

const claim = ({ status = { allocation: { devices: { results: [] } }, reservedFor: [{ resource: "pods", name: "p", uid: "u" }] }, owner = "u" }: { readonly status?: ResourceClaim["status"]; readonly owner?: string } = {}): ResourceClaim =>
  ({ metadata: { name: "claim", namespace: "ns", uid: "cu", ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "p", uid: owner, controller: true }] }, spec: {}, status });
const problems: readonly (readonly [string, ResourceClaim, boolean, string | undefined])[] = [
  ["reserved and its own", claim(), true, undefined],
  ["another's", claim({ owner: "other" }), true, "ResourceClaim ns/claim was not created for Pod ns/p (Pod is not owner)"],
  ["another's, by name", claim({ owner: "other" }), false, undefined],
  ["not reserved", claim({ status: { allocation: {}, reservedFor: [{ resource: "pods", name: "p", uid: "v" }] } }), false, "pod p (u) is not allowed to use ResourceClaim claim (cu)"],
  ["not allocated", claim({ status: { reservedFor: [{ resource: "pods", name: "p", uid: "u" }] } }), false, "ResourceClaim claim: not allocated"],
];
for (const [name, of, generated, want] of problems) test(`whether a pod may use a claim: ${name}`, () => assert.equal(claimProblem(podOf(), { name: "claim", generated }, of), want));

test("a container names claims of its pod, or requests of them, and has extended resources of its own", () => {
  const of = pod({ extendedResourceClaimStatus: extended, resourceClaimStatuses: [{ name: "b" }] }, { name: "a", resourceClaimName: "x" }, { name: "b", resourceClaimTemplateName: "t" });
  const container = (name: string, resources: Container["resources"] = {}): Container => ({ name, resources });
  const got = (c: Container): string[] => containerClaims(of, c).map((each) => `${each.claim} ${each.request} ${each.label}`);
  assert.deepEqual(got(container("c", { claims: [{ name: "a", request: "r" }, { name: "a" }, { name: "b" }], requests: { "example.com/gpu": "1" } })), ["x r claim:a/r", "x  claim:a", "made r0 "]);
  assert.deepEqual(got(container("c", { requests: { "example.com/gpu": "0" } })), []);
  assert.deepEqual(got(container("d", { requests: { "example.com/gpu": "1" } })), []);
});

const info = (name: string, drivers: Record<string, Device[]>): ClaimInfo => ({ namespace: "ns", name, uid: `uid-${name}`, pods: ["u"], drivers });
test("a request has its own devices and those of no request; its alternatives are its own", () => {
  const of = info("x", { d: [{ deviceName: "1", requestNames: ["r"] }, { deviceName: "2", requestNames: ["s/first"] }], e: [{ deviceName: "3" }] });
  const got = (request: string): string => devicesFor(of, request).map(({ driver, deviceName }) => `${driver}${deviceName}`).join(" ");
  assert.deepEqual(["", "r", "s", "s/first", "t"].map(got), ["d1 d2 e3", "d1 e3", "d2 e3", "d2 e3", "e3"]);
});

test("a container's devices are those of its requests; while a claim is not there nothing is told of it, but nothing starts", () => {
  const infos = new Map([["ns/x", info("x", { d: [{ poolName: "p", deviceName: "1", requestNames: ["r"], cdiDeviceIds: ["v/c=1", "v/c=all"] }, { poolName: "p", deviceName: "2" }] })]]);
  const asking = (...claims: readonly { readonly name: string; readonly request?: string }[]): Container => ({ name: "c", resources: { claims: [...claims] } });
  const known = pod({}, { name: "a", resourceClaimName: "x" });
  assert.deepEqual([cdiDevicesOf(infos, known, asking({ name: "a", request: "r" })), cdiDevicesOf(infos, known, asking({ name: "a", request: "s" })), cdiDevicesOf(infos, known, asking())], [["v/c=1", "v/c=all"], [], []]);
  assert.deepEqual(factsOf(infos, known, asking({ name: "a", request: "r" }, { name: "a" })).map(({ namespace, name, devices }) => [namespace, name, devices.length]), [["ns", "x", 2]]);
  assert.deepEqual(healthOf(infos, known, asking({ name: "a", request: "r" }), ({ deviceName }) => ({ health: deviceName === "1" ? "Healthy" : "Unknown" })), [
    { name: "claim:a/r", resources: [{ resourceID: "v/c=1", health: "Healthy" }, { resourceID: "d/p/2", health: "Unknown" }] },
  ]);
  for (const [unknown, why] of [[pod({}, { name: "a", resourceClaimTemplateName: "t" }), /not created yet/], [pod({}, { name: "a", resourceClaimName: "y" }), /unable to get claim info for ResourceClaim y in namespace ns/]] as const) {
    assert.deepEqual([factsOf(infos, unknown, asking({ name: "a" })), healthOf(infos, unknown, asking({ name: "a" }), () => ({ health: "Healthy" }))], [[], []]);
    assert.throws(() => cdiDevicesOf(infos, unknown, asking({ name: "a" })), why);
  }
});

test("a claim is used by pods until the last has gone; what was prepared before a restart is prepared anew", () => {
  const infos = new ClaimInfos();
  const used = claim({ status: { allocation: { devices: { results: [{ request: "r", driver: "d", pool: "p", device: "1" }, { request: "s", driver: "d", pool: "p", device: "2" }] } } } });
  assert.deepEqual(infos.use(used, "u"), { namespace: "ns", name: "claim", uid: "cu", pods: ["u"], drivers: { d: [] } });
  infos.give("ns/claim", "d", [{ deviceName: "1" }]);
  infos.prepared("ns/claim");
  assert.deepEqual(infos.use(used, "v").pods, ["u", "v"]);
  infos.leave("ns/claim", "u");
  const restarted = new ClaimInfos(infos.checkpoint);
  assert.deepEqual([restarted.of("u"), restarted.of("v")[0]?.drivers, infos.isPrepared("ns/claim"), restarted.isPrepared("ns/claim")], [[], { d: [{ deviceName: "1" }] }, true, false]);
  assert.throws(() => restarted.use({ ...used, metadata: { ...used.metadata, uid: "new" } }, "w"), { message: "old ResourceClaim with same name claim and different UID cu still exists (previous pod force-deleted?!)" });
});

test("a driver answers for each claim, and for no other", async () => {
  const answers: readonly (readonly [Record<string, { readonly error?: string }>, string | undefined])[] = [
    [{ "uid-a": {}, "uid-b": {} }, undefined],
    [{ "uid-a": {} }, "M skipped 1 ResourceClaims"],
    [{ "uid-a": {}, "uid-b": { error: "broken" } }, "M failed for ResourceClaim b: broken"],
    [{ "uid-a": {}, "uid-z": {} }, "M returned result for unknown claim UID uid-z"],
  ];
  for (const [answer, want] of answers) {
    const asked = answersOf("M", [info("a", {}), info("b", {})], async () => answer);
    if (want === undefined) assert.equal(await asked, answer);
    else await assert.rejects(asked, { message: want });
  }
  await assert.rejects(answersOf("M", [info("a", {})], () => Promise.reject(new Error("gone"))), { message: "M: gone" });
  const calls = unprepareCalls([info("a", { d: [], e: [] }), info("b", { d: [] })]).map(({ driver, infos }) => `${driver} ${infos.map(({ name }) => name).join()}`);
  assert.deepEqual(calls, ["d a,b", "e a"]);
});

test("the first service of a plugin that we know is used", () => {
  const choose = (...supported: string[]): string => refusal(() => chooseService("d", "/s", supported));
  const invalid = "invalid supported gRPC versions of DRA driver plugin d at endpoint /s: ";
  assert.deepEqual([choose("v1.DRAPlugin", "v1beta1.DRAPlugin"), choose("v2.DRAPlugin", "v1beta1.DRAPlugin"), choose(), choose("v1alpha4.Node", "toString")], [
    "k8s.io.kubelet.pkg.apis.dra.v1.DRAPlugin", "k8s.io.kubelet.pkg.apis.dra.v1beta1.DRAPlugin", `${invalid}empty list of supported gRPC services (aka supported versions)`,
    `${invalid}none of services supported by the plugin (["v1alpha4.Node" "toString"]) are supported by the kubelet (["v1.DRAPlugin" "v1beta1.DRAPlugin"])`,
  ]);
});

test("the health of a device is known as long as it is said", () => {
  const healths = new DeviceHealths();
  const device = { poolName: "p", deviceName: "1" };
  assert.deepEqual(healths.update("d", [{ device, health: "HEALTHY" }, { device: { poolName: "p", deviceName: "2" } }], 0), ["p/1"]);
  assert.deepEqual(healths.update("d", [{ device, health: "HEALTHY" }], 20_000), []);
  assert.deepEqual([healths.of("d", "p/1", 50_000), healths.of("d", "p/1", 50_001), healths.of("e", "p/1", 0)], [{ health: "Healthy" }, { health: "Unknown" }, { health: "Unknown" }]);
  assert.deepEqual(healths.update("d", [{ device, health: "UNHEALTHY", message: "x".repeat(2_000), healthCheckTimeoutSeconds: "100" }], 60_000), ["p/1"]);
  assert.deepEqual(healths.of("d", "p/1", 160_000), { health: "Unhealthy", message: `${"x".repeat(1_021)}...` });
  healths.forget("d");
  assert.deepEqual(healths.of("d", "p/1", 60_000), { health: "Unknown" });
});
