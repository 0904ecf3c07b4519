import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node, Pod, Service } from "#api/gen/core-v1.ts";
import type { EndpointSlice } from "#api/gen/discovery-v1.ts";
import { plan, type SlicePlan } from "./plan.ts";

const service = (spec: object = {}, labels: Record<string, string> = {}): Service =>
  ({ metadata: { name: "web", namespace: "shop", uid: "s", labels }, spec: { clusterIP: "10.43.0.9", ipFamilies: ["IPv4"], selector: { app: "web" }, ports: [{ name: "http", port: 80, targetPort: 8080 }], ...spec }, status: {} }) as Service;
const pod = (name: string, rest: { readonly ready?: boolean; readonly spec?: object; readonly status?: object; readonly metadata?: object } = {}): Pod => ({
  metadata: { name, namespace: "shop", uid: name, ...rest.metadata }, spec: { nodeName: "n", containers: [], ...rest.spec },
  status: { phase: "Running", podIPs: [{ ip: ipOf(name) }], conditions: [{ type: "Ready", status: rest.ready === false ? "False" : "True" }], ...rest.status },
}) as unknown as Pod;
const ipOf = (name: string): string => `10.0.${Number(name.slice(1)) >> 8}.${Number(name.slice(1)) & 255}`;
const pods = (count: number, from = 0): Pod[] => Array.from({ length: count }, (_, i) => pod(`p${i + from}`));
const node = (name: string): Node | undefined => (name === "n" ? { metadata: { name, labels: { "topology.kubernetes.io/zone": "z" } }, spec: {}, status: {} } as Node : undefined);
const made = (of: SlicePlan, name = "made"): EndpointSlice[] => of.create.map((slice, i) => ({ ...slice, metadata: { ...slice.metadata, name: `${name}${i}` } }));
const sizes = ({ create, update, remove }: SlicePlan): number[][] => [create, update, remove].map((list) => list.map(({ endpoints = [] }) => endpoints.length));
const leaving = { deletionTimestamp: "2026-01-01T00:00:00Z" };

test("a new service: one slice, found by its labels, owned by the service", () => {
  const [slice] = plan(service({}, { team: "a" }), [pod("p1")], [], node, "2026-01-01T00:00:00Z").create;
  assert.deepEqual(slice, {
    metadata: {
      name: "", generateName: "web-", namespace: "shop", annotations: { "endpoints.kubernetes.io/last-change-trigger-time": "2026-01-01T00:00:00Z" },
      labels: { team: "a", "kubernetes.io/service-name": "web", "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io" },
      ownerReferences: [{ apiVersion: "v1", kind: "Service", name: "web", uid: "s", controller: true, blockOwnerDeletion: true }],
    },
    addressType: "IPv4", ports: [{ name: "http", protocol: "TCP", port: 8080 }],
    endpoints: [{ addresses: ["10.0.0.1"], conditions: { ready: true, serving: true, terminating: false }, targetRef: { kind: "Pod", namespace: "shop", name: "p1", uid: "p1" }, nodeName: "n", zone: "z" }],
  });
});

// Upstream: endpointslice/utils_test.go TestPodToEndpoint
const conditions: readonly [name: string, spec: object, pod: Pod, want: object | undefined][] = [
  ["ready", {}, pod("p1"), { ready: true, serving: true, terminating: false }],
  ["not ready", {}, pod("p1", { ready: false }), { ready: false, serving: false, terminating: false }],
  ["leaving, and serving still", {}, pod("p1", { metadata: leaving }), { ready: false, serving: true, terminating: true }],
  ["published early", { publishNotReadyAddresses: true }, pod("p1", { ready: false, metadata: leaving }), { ready: true, serving: false, terminating: true }],
  ["ended", {}, pod("p1", { status: { phase: "Succeeded" } }), undefined],
  ["without an address", {}, pod("p1", { status: { podIPs: [] } }), undefined],
  ["on a node that is not there", {}, pod("p1", { spec: { nodeName: "gone" } }), undefined],
  ["on a node that is not there, published early", { publishNotReadyAddresses: true }, pod("p1", { spec: { nodeName: "gone" } }), { ready: true, serving: true, terminating: false }],
];
for (const [name, spec, of, want] of conditions) test(`a pod that is ${name}`, () => assert.deepEqual(plan(service(spec), [of], [], node, undefined).create[0]?.endpoints?.[0]?.conditions, want));

test("a hostname under a headless service; both families", () => {
  const of = pod("p1", { spec: { nodeName: "n", hostname: "h", subdomain: "web" }, status: { podIPs: [{ ip: "10.0.0.1" }, { ip: "fd00::1" }] } });
  const { create } = plan(service({ clusterIP: "None", ports: [], ipFamilies: ["IPv4", "IPv6"] }), [of], [], node, undefined);
  assert.deepEqual(create.map(({ addressType, ports, endpoints }) => [addressType, ports, endpoints?.map(({ addresses, hostname }) => [addresses, hostname])]), [
    ["IPv4", [], [[["10.0.0.1"], "h"]]], ["IPv6", [], [[["fd00::1"], "h"]]],
  ]);
  assert.equal(create[0]?.metadata.labels?.["service.kubernetes.io/headless"], "");
});

test("no endpoints: one empty slice, made once", () => {
  const first = plan(service(), [], [], node, undefined);
  assert.deepEqual(sizes(first), [[0], [], []]);
  assert.deepEqual(sizes(plan(service(), [], made(first), node, undefined)), [[], [], []]);
  assert.deepEqual(sizes(plan(service(), pods(1), made(first), node, undefined)), [[], [1], []], "it is used for the first endpoint");
});

// Upstream: endpointslice/reconciler_test.go
const changes: readonly { readonly name: string; readonly before: readonly Pod[]; readonly after: readonly Pod[]; readonly service?: Service; readonly want: number[][] }[] = [
  { name: "nothing new", before: pods(3), after: pods(3).toReversed(), want: [[], [], []] },
  { name: "a hundred to a slice", before: [], after: pods(250), want: [[100, 50], [100], []] },
  { name: "one more goes where there is room", before: pods(150), after: pods(151), want: [[], [51], []] },
  { name: "one more where there is none", before: pods(100), after: pods(101), want: [[1], [], []] },
  { name: "what is written anyway is filled first", before: pods(150), after: pods(150, 1), want: [[], [100], []] },
  { name: "a slice that is empty goes", before: pods(101), after: pods(100), want: [[], [], [1]] },
  { name: "a pod that changed", before: pods(2), after: [pod("p0", { ready: false }), pod("p1")], want: [[], [2], []] },
  { name: "other ports: the slice is used again", before: pods(2), after: pods(2), service: service({ ports: [{ name: "http", port: 80, targetPort: 9 }] }), want: [[], [2], []] },
  { name: "other labels", before: pods(2), after: pods(2), service: service({}, { a: "b" }), want: [[], [2], []] },
  { name: "another family", before: pods(2), after: pods(2), service: service({ ipFamilies: ["IPv6"] }), want: [[0], [], [2]] },
];
for (const { name, before, after, service: then = service(), want } of changes) {
  test(name, () => assert.deepEqual(sizes(plan(then, after, made(plan(service(), before, [], node, undefined)), node, undefined)), want));
}

test("slices of a service of the same name that is gone are not taken over", () => {
  const [slice] = made(plan(service(), pods(1), [], node, undefined));
  const foreign = { ...slice, metadata: { ...slice?.metadata, ownerReferences: [{ apiVersion: "v1", kind: "Service", name: "web", uid: "older" }] } } as EndpointSlice;
  assert.deepEqual(sizes(plan(service(), pods(1), [foreign], node, undefined)), [[1], [], [1]]);
});
