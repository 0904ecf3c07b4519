import assert from "node:assert/strict";
import { test } from "node:test";
import { lacking, neededBy, neededFor } from "./declared-features.ts";
import type { Container, Node, PodSpec } from "./gen/core-v1.ts";

const c = (more: Partial<Container> = {}): Container => ({ name: "c", image: "i", ...more });
const spec = (more: Partial<PodSpec> = {}): PodSpec => ({ containers: [c()], ...more });
const cpu = (amount: string): Pick<Container, "resources"> => ({ resources: { requests: { cpu: amount } } });
const rules = (action: string): Partial<Container> => ({ restartPolicy: "Never", restartPolicyRules: [{ action, exitCodes: { operator: "In", values: [1] } }] });

for (const { name, pod, needs } of [
  { name: "nothing", pod: spec(), needs: [] },
  { name: "a rule for its own container", pod: spec({ containers: [c(rules("Restart"))] }), needs: [] },
  { name: "a rule for all containers", pod: spec({ containers: [c(rules("RestartAllContainers"))] }), needs: ["RestartAllContainersOnContainerExits"] },
  { name: "such a rule of an init container", pod: spec({ initContainers: [c(rules("RestartAllContainers"))] }), needs: ["RestartAllContainersOnContainerExits"] },
]) test(`a pod needs of its node: ${name}`, () => assert.deepEqual(neededBy(pod), needs));

for (const { name, old, next, needs } of [
  { name: "a container's resources", old: spec(), next: spec({ containers: [c(cpu("1"))] }), needs: [] },
  { name: "the pod's own resources", old: spec(cpu("1")), next: spec(cpu("2")), needs: ["InPlacePodLevelResourcesVerticalScaling"] },
  { name: "a sidecar's", old: spec({ initContainers: [c({ restartPolicy: "Always", ...cpu("1") })] }), next: spec({ initContainers: [c({ restartPolicy: "Always", ...cpu("2") })] }), needs: [] },
  { name: "an init container's", old: spec({ initContainers: [c(cpu("1"))] }), next: spec({ initContainers: [c(cpu("2"))] }), needs: ["InPlacePodVerticalScalingInitContainers"] },
]) test(`a change needs of the node: ${name}`, () => assert.deepEqual(neededFor(next, old), needs));

test("what a node does not say it has it has not", () => {
  const node = (declaredFeatures?: string[]): Node => ({ metadata: { name: "n" }, spec: {}, status: declaredFeatures === undefined ? {} : { declaredFeatures } });
  assert.deepEqual([lacking(node(), ["A", "B"]), lacking(node(["B"]), ["A", "B"]), lacking(node(["A", "B"]), ["A", "B"])], [["A", "B"], ["A"], []]);
});
