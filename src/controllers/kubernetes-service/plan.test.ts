import assert from "node:assert/strict";
import { test } from "node:test";
import { endpointsOf, serviceOf, sliceOf } from "./plan.ts";

const place = { serviceIP: "10.43.0.1", address: "192.0.2.7", port: 6443 };

// Upstream: pkg/controlplane/controller/kubernetesservice/controller_test.go
test("the Service has its address, and 443 leads to the server's port", () => {
  const { spec, metadata } = serviceOf(place);
  assert.deepEqual([metadata.namespace, metadata.name, metadata.labels], ["default", "kubernetes", { component: "apiserver", provider: "kubernetes" }]);
  assert.deepEqual([spec.clusterIP, spec.ports], ["10.43.0.1", [{ name: "https", protocol: "TCP", port: 443, targetPort: 6443 }]]);
});

test("behind it is the server, told once: the mirror passes over the Endpoints", () => {
  assert.deepEqual(endpointsOf(place), {
    metadata: { name: "kubernetes", namespace: "default", labels: { "endpointslice.kubernetes.io/skip-mirror": "true" } },
    subsets: [{ addresses: [{ ip: "192.0.2.7" }], ports: [{ name: "https", port: 6443, protocol: "TCP" }] }],
  });
  const slice = sliceOf(place);
  assert.deepEqual([slice.metadata.labels, slice.endpoints], [{ "kubernetes.io/service-name": "kubernetes" }, [{ addresses: ["192.0.2.7"], conditions: { ready: true } }]]);
});
