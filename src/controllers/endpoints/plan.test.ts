import assert from "node:assert/strict";
import { test } from "node:test";
import type { Endpoints, Pod, Service } from "#api/gen/core-v1.ts";
import { plan } from "./plan.ts";
import { mostAddresses, truncate } from "./subsets.ts";

const service = (spec: object = {}, labels: Record<string, string> = {}): Service =>
  ({ metadata: { name: "web", namespace: "shop", labels }, spec: { clusterIP: "10.43.0.9", ipFamilies: ["IPv4"], selector: { app: "web" }, ports: [{ name: "http", port: 80, targetPort: 8080 }], ...spec }, status: {} }) as Service;
const pod = (name: string, ip: string, rest: { readonly ready?: boolean; readonly spec?: object; readonly status?: object; readonly metadata?: object } = {}): Pod => ({
  metadata: { name, namespace: "shop", uid: name, ...rest.metadata }, spec: { nodeName: "n", containers: [{ name: "c", ports: [{ name: "web", containerPort: 8081 }] }], ...rest.spec },
  status: { phase: "Running", podIP: ip, podIPs: [{ ip }], conditions: [{ type: "Ready", status: rest.ready === false ? "False" : "True" }], ...rest.status },
}) as unknown as Pod;
const ref = (name: string): object => ({ kind: "Pod", namespace: "shop", name, uid: name });
const address = (name: string, ip: string): object => ({ ip, nodeName: "n", targetRef: ref(name) });
const http = { name: "http", port: 8080, protocol: "TCP" };

// Upstream: pkg/controller/endpoint/endpoints_controller_test.go, pkg/api/v1/endpoints/util_test.go
const cases: readonly { readonly name: string; readonly service?: Service; readonly pods: readonly Pod[]; readonly want: readonly object[] }[] = [
  { name: "no pods, no subsets", pods: [], want: [] },
  { name: "ready and not ready apart", pods: [pod("b", "10.0.0.2", { ready: false }), pod("a", "10.0.0.1")], want: [{ addresses: [address("a", "10.0.0.1")], notReadyAddresses: [address("b", "10.0.0.2")], ports: [http] }] },
  { name: "what has no address, has ended or leaves is left out", pods: [pod("a", "", { status: { podIPs: [] } }), pod("b", "10.0.0.2", { status: { phase: "Failed" } }), pod("c", "10.0.0.3", { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } })], want: [] },
  { name: "published early: ready or not, leaving or not", service: service({ publishNotReadyAddresses: true }), pods: [pod("a", "10.0.0.1", { ready: false, metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } })], want: [{ addresses: [address("a", "10.0.0.1")], ports: [http] }] },
  { name: "ports of the same addresses share a subset", service: service({ ports: [{ name: "http", port: 80, targetPort: 8080 }, { name: "dns", port: 53, protocol: "UDP", targetPort: 53 }] }), pods: [pod("a", "10.0.0.1")], want: [{ addresses: [address("a", "10.0.0.1")], ports: [{ name: "dns", port: 53, protocol: "UDP" }, http] }] },
  {
    name: "a named port may lead elsewhere in each pod", service: service({ ports: [{ name: "http", port: 80, targetPort: "web" }] }),
    pods: [pod("a", "10.0.0.1"), pod("b", "10.0.0.2", { spec: { containers: [{ name: "c", ports: [{ name: "web", containerPort: 9090 }] }] } }), pod("none", "10.0.0.3", { spec: { containers: [] } })],
    want: [{ addresses: [address("a", "10.0.0.1")], ports: [{ ...http, port: 8081 }] }, { addresses: [address("b", "10.0.0.2")], ports: [{ ...http, port: 9090 }] }],
  },
  { name: "a port is found by its protocol too", service: service({ ports: [{ port: 80, protocol: "UDP", targetPort: "web" }] }), pods: [pod("a", "10.0.0.1")], want: [] },
  { name: "a sidecar's port counts", service: service({ ports: [{ port: 80, targetPort: "s" }] }), pods: [pod("a", "10.0.0.1", { spec: { initContainers: [{ name: "i", restartPolicy: "Always", ports: [{ name: "s", containerPort: 7 }] }] } })], want: [{ addresses: [address("a", "10.0.0.1")], ports: [{ port: 7, protocol: "TCP" }] }] },
  { name: "headless without ports", service: service({ clusterIP: "None", ports: [] }), pods: [pod("a", "10.0.0.1", { spec: { hostname: "h", subdomain: "web" } })], want: [{ addresses: [{ ...address("a", "10.0.0.1"), hostname: "h" }] }] },
  { name: "the address of the service's family", service: service({ ipFamilies: ["IPv6"] }), pods: [pod("a", "10.0.0.1", { status: { podIPs: [{ ip: "10.0.0.1" }, { ip: "fd00::1" }] } })], want: [{ addresses: [address("a", "fd00::1")], ports: [http] }] },
];
for (const { name, service: of = service(), pods, want } of cases) test(name, () => assert.deepEqual(plan(of, pods, undefined, undefined)?.subsets, want));

test("what is said already is not said again; labels and the trigger's time follow", () => {
  const first = plan(service({}, { team: "a" }), [pod("a", "10.0.0.1")], undefined, "2026-01-01T00:00:00Z");
  assert(first !== undefined);
  assert.deepEqual(first.metadata.labels, { team: "a", "endpoints.kubernetes.io/managed-by": "endpoint-controller" });
  assert.deepEqual(first.metadata.annotations, { "endpoints.kubernetes.io/last-change-trigger-time": "2026-01-01T00:00:00Z" });
  assert.equal(plan(service({}, { team: "a" }), [pod("a", "10.0.0.1")], first, undefined), undefined);
  const headless = plan(service({ clusterIP: "None" }), [pod("a", "10.0.0.1")], first, undefined);
  assert.deepEqual([headless?.metadata.labels?.["service.kubernetes.io/headless"], headless?.metadata.annotations], ["", {}]);
});

test("more than a thousand addresses: ready ones stay, by shares", () => {
  const ips = (count: number): { readonly ip: string }[] => Array.from({ length: count }, (_, i) => ({ ip: `10.0.${i >> 8}.${i & 255}` }));
  const subsets: NonNullable<Endpoints["subsets"]> = [{ addresses: ips(300), notReadyAddresses: ips(900) }, { addresses: ips(300), notReadyAddresses: ips(300) }];
  const kept = truncate(subsets).subsets.map(({ addresses = [], notReadyAddresses = [] }) => [addresses.length, notReadyAddresses.length]);
  assert.deepEqual(kept, [[300, 300], [300, 100]]);
  assert.deepEqual(truncate([{ addresses: ips(mostAddresses + 1), notReadyAddresses: ips(1) }]).subsets.map(({ addresses = [], notReadyAddresses = [] }) => [addresses.length, notReadyAddresses.length]), [[1000, 0]]);
});
