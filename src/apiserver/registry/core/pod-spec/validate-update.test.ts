import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import { validatePodUpdate } from "./validate-update.ts";

const podOf = (spec: object, annotations: Record<string, string> = {}): Pod => ({ metadata: { name: "web", annotations }, spec: { containers: [{ name: "web", image: "nginx:1" }], ...spec }, status: {} }) as unknown as Pod;
const problems = (next: object, old: object): readonly string[] => validatePodUpdate(podOf(next), podOf(old)).map(({ field, message }) => `${field}: ${message}`);

const only = "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
const toleration = { key: "a", operator: "Exists", effect: "NoExecute" };
const required = (nodes: string[]): object => ({ nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: nodes }] }] } } });

const cases: readonly { readonly name: string; readonly old: object; readonly next: object; readonly want: readonly string[] }[] = [
  { name: "an image may change", old: {}, next: { containers: [{ name: "web", image: "nginx:2" }] }, want: [] },
  { name: "a container may not come", old: {}, next: { containers: [{ name: "web", image: "nginx:1" }, { name: "b", image: "b" }] }, want: ["spec.containers: Forbidden: pod updates may not add or remove containers"] },
  { name: "the node may not change", old: { nodeName: "a" }, next: { nodeName: "b" }, want: [`${only}\n-nodeName: "a"\n+nodeName: "b"`] },
  { name: "a command may not change", old: {}, next: { containers: [{ name: "web", image: "nginx:1", command: ["x"] }] }, want: [`${only}\n+containers[0].command: ["x"]`] },
  { name: "a deadline may become shorter", old: { activeDeadlineSeconds: 10 }, next: { activeDeadlineSeconds: 5 }, want: [] },
  { name: "a deadline may not become longer", old: { activeDeadlineSeconds: 5 }, next: { activeDeadlineSeconds: 10 }, want: ["spec.activeDeadlineSeconds: Invalid value: 10: must be less than or equal to previous value"] },
  { name: "a deadline may not vanish", old: { activeDeadlineSeconds: 5 }, next: {}, want: ["spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value"] },
  { name: "a toleration may come", old: {}, next: { tolerations: [toleration] }, want: [] },
  { name: "a toleration's seconds may change", old: { tolerations: [toleration] }, next: { tolerations: [{ ...toleration, tolerationSeconds: 5 }] }, want: [] },
  { name: "a toleration may not go", old: { tolerations: [toleration] }, next: {}, want: ["spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds"] },
  { name: "a gate may go", old: { schedulingGates: [{ name: "a" }] }, next: {}, want: [] },
  { name: "a gate may not come", old: {}, next: { schedulingGates: [{ name: "a" }] }, want: ["spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'a'"] },
  { name: "a gated pod may be narrowed to labels", old: { schedulingGates: [{ name: "a" }], nodeSelector: { x: "1" } }, next: { schedulingGates: [{ name: "a" }], nodeSelector: { x: "1", y: "2" } }, want: [] },
  { name: "a gated pod may be narrowed to nodes", old: { schedulingGates: [{ name: "a" }] }, next: { schedulingGates: [{ name: "a" }], affinity: required(["n"]) }, want: [] },
  { name: "a negative grace may become 1", old: { terminationGracePeriodSeconds: -1 }, next: { terminationGracePeriodSeconds: 1 }, want: [] },
];
for (const { name, old, next, want } of cases) test(name, () => assert.deepEqual(problems(next, old), want));

test("a pod does not become a mirror pod", () => {
  const [cause] = validatePodUpdate(podOf({}, { "kubernetes.io/config.mirror": "x" }), podOf({}));
  assert.deepEqual(cause && [cause.field, cause.message], ["metadata.annotations[kubernetes.io/config.mirror]", "Forbidden: may not add mirror pod annotation"]);
});
