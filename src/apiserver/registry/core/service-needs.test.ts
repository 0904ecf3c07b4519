import assert from "node:assert/strict";
import { test } from "node:test";
import type { Service, ServiceSpec } from "#api/gen/core-v1.ts";
import { changeRefusals, objectOf, refusals } from "../fixture.ts";
import { dropUnneeded } from "./service-needs.ts";
import { services } from "./service.ts";

const ports = [{ port: 80, nodePort: 30080 }];
const balanced = { type: "LoadBalancer", clusterIPs: ["10.0.0.1"], clusterIP: "10.0.0.1", externalTrafficPolicy: "Local", healthCheckNodePort: 30090, ports };
const serviceOf = (spec: object): Service => objectOf(services, { spec: structuredClone(spec) });

/** What is left of a balanced Service when its user changes these fields. */
function changed(fields: object): ServiceSpec {
  const [old, next] = [serviceOf(balanced), serviceOf({ ...balanced, ...fields })];
  dropUnneeded(next, old);
  return next.spec;
}

test("a Service that is no longer reached from outside loses what was for that", () => {
  const { externalTrafficPolicy, healthCheckNodePort, allocateLoadBalancerNodePorts, clusterIP, ports: left } = changed({ type: "ClusterIP" });
  assert.deepEqual([externalTrafficPolicy, healthCheckNodePort, allocateLoadBalancerNodePorts, clusterIP, left?.[0]?.nodePort], [undefined, undefined, undefined, "10.0.0.1", undefined]);
});
test("a name elsewhere has no address", () => {
  const { clusterIP, clusterIPs } = changed({ type: "ExternalName", externalName: "a.b" });
  assert.deepEqual([clusterIP, clusterIPs], [undefined, undefined]);
});
test("what the user changed stays, to be refused", () => assert.equal(changed({ type: "ClusterIP", externalTrafficPolicy: "Cluster" }).externalTrafficPolicy, "Cluster"));

// Upstream: pkg/apis/core/validation validateServiceExternalTrafficPolicy
test("the port of health checks belongs to balancers that know where pods are", () => {
  const text = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
  assert.deepEqual(refusals(services, { spec: { ports: [{ port: 80 }], healthCheckNodePort: 30000 } }), [`spec.healthCheckNodePort: Invalid value: 30000: ${text}`]);
  assert.deepEqual(refusals(services, { spec: { ...balanced, healthCheckNodePort: undefined } }), ["spec.healthCheckNodePort: Required value"]);
  assert.deepEqual(changeRefusals(services, { spec: balanced }, { spec: { ...balanced, healthCheckNodePort: 30091 } }), ["spec.healthCheckNodePort: Invalid value: 30091: field is immutable"]);
});
