import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import { refusal, type AdmissionFacts } from "./admission.ts";

const facts = (allocatable: Record<string, string>): AdmissionFacts => ({ others: [], allocatable: { pods: "10", ...allocatable }, labels: {}, nodeName: "n", features: {} as AdmissionFacts["features"] });
const asking = (resource: string, isGiven = false): Pod => ({
  metadata: { name: "p" }, spec: { containers: [{ name: "c", resources: { requests: { [resource]: "1" } } }] },
  status: { ...(isGiven && { extendedResourceClaimStatus: { resourceClaimName: "p-1", requestMappings: [{ containerName: "c", resourceName: resource, requestName: "r" }] } }) },
});

const cases: readonly (readonly [name: string, pod: Pod, allocatable: Record<string, string>, reason: string | undefined])[] = [
  ["what the node has", asking("example.com/gpu"), { "example.com/gpu": "1" }, undefined],
  ["what the node does not count", asking("example.com/gpu"), {}, undefined],
  ["what the node has no more of", asking("example.com/gpu"), { "example.com/gpu": "0" }, "OutOfexample.com/gpu"],
  ["what a claim's devices are instead", asking("example.com/gpu", true), { "example.com/gpu": "0" }, undefined],
  ["devices by the name of their class", asking("deviceclass.resource.kubernetes.io/gpu", true), {}, undefined],
  ["what only a node can have", asking("hugepages-2Mi"), {}, "OutOfhugepages-2Mi"],
];
for (const [name, pod, allocatable, reason] of cases) test(`a pod that asks for ${name}`, () => assert.equal(refusal(pod, facts(allocatable))?.reason, reason));
