import assert from "node:assert/strict";
import { test } from "node:test";
import type { Endpoints, Service } from "#api/gen/core-v1.ts";
import { isMirrored, plan } from "./plan.ts";

const endpoints = (subsets: Endpoints["subsets"], metadata: object = {}): Endpoints => ({ metadata: { name: "db", namespace: "shop", uid: "e", ...metadata }, subsets: subsets ?? [] });
const service = (spec: object): Service => ({ metadata: { name: "db", namespace: "shop" }, spec, status: {} }) as Service;
const pg = { name: "pg", port: 5432, protocol: "TCP" } as const;

test("a slice for each family, with the labels and notes of the Endpoints", () => {
  const { create } = plan(endpoints([{ addresses: [{ ip: "10.1.2.3", hostname: "a" }, { ip: "fd00::1" }], notReadyAddresses: [{ ip: "10.1.2.4" }], ports: [pg] }], {
    labels: { team: "a" }, annotations: { note: "x", "kubectl.kubernetes.io/last-applied-configuration": "{}", "endpoints.kubernetes.io/last-change-trigger-time": "t" },
  }), []);
  assert.deepEqual(create.map(({ addressType, ports, endpoints: list }) => [addressType, ports, list]), [
    ["IPv4", [pg], [{ addresses: ["10.1.2.3"], conditions: { ready: true }, hostname: "a" }, { addresses: ["10.1.2.4"], conditions: { ready: false } }]],
    ["IPv6", [pg], [{ addresses: ["fd00::1"], conditions: { ready: true } }]],
  ]);
  const { labels, annotations, generateName, ownerReferences } = create[0]?.metadata ?? {};
  assert.deepEqual([labels, annotations, generateName, ownerReferences?.[0]?.kind], [
    { team: "a", "kubernetes.io/service-name": "db", "endpointslice.kubernetes.io/managed-by": "endpointslicemirroring-controller.k8s.io" }, { note: "x" }, "db-", "Endpoints",
  ]);
});

test("what is mirrored already is left; what is empty goes; a change is one write", () => {
  const first = plan(endpoints([{ addresses: [{ ip: "10.1.2.3" }], ports: [pg] }]), []).create.map((slice) => ({ ...slice, metadata: { ...slice.metadata, name: "db-x" } }));
  const next = (ip: string): readonly number[] => {
    const { create, update, remove } = plan(endpoints(ip === "" ? [] : [{ addresses: [{ ip }], ports: [pg] }]), first);
    return [create.length, update.length, remove.length];
  };
  assert.deepEqual([next("10.1.2.3"), next("10.1.2.9"), next("")], [[0, 0, 0], [0, 1, 0], [0, 0, 1]]);
});

test("what is no address, and what is too much, is counted", () => {
  const many = Array.from({ length: 1001 }, (_, i) => ({ ip: `10.0.${i >> 8}.${i & 255}` }));
  const { create, invalid, skipped } = plan(endpoints([{ addresses: [{ ip: "ten" }, ...many], ports: [pg] }]), []);
  assert.deepEqual([create[0]?.endpoints?.length, invalid, skipped], [1000, 1, 2]);
});

// Upstream: pkg/controller/endpointslicemirroring/endpointslicemirroring_controller_test.go TestShouldMirror
const cases: readonly [name: string, Endpoints, Service | undefined, boolean][] = [
  ["of a service without a selector", endpoints([]), service({}), true],
  ["of a service with one", endpoints([]), service({ selector: { a: "b" } }), false],
  ["of no service", endpoints([]), undefined, false],
  ["that are taken out", endpoints([], { labels: { "endpointslice.kubernetes.io/skip-mirror": "true" } }), service({}), false],
  ["of an election", endpoints([], { annotations: { "control-plane.alpha.kubernetes.io/leader": "x" } }), service({}), false],
];
for (const [name, object, of, want] of cases) test(`Endpoints ${name}`, () => assert.equal(isMirrored(object, of), want));
