import assert from "node:assert/strict";
import { test } from "node:test";
import type { PodFailurePolicyRule, SuccessPolicyRule } from "#api/gen/batch-v1.ts";
import type { PodStatus } from "#api/gen/core-v1.ts";
import { rule } from "./failure-policy.ts";
import { exited, newJob, newPod } from "./fixture.ts";
import { IndexSet } from "./index-set.ts";
import { metRule } from "./success-policy.ts";

const onCodes = (action: PodFailurePolicyRule["action"], operator: "In" | "NotIn", values: number[], containerName?: string): PodFailurePolicyRule =>
  ({ action, onExitCodes: { operator, values, ...(containerName !== undefined && { containerName }) } });
const onDisruption = (action: PodFailurePolicyRule["action"]): PodFailurePolicyRule => ({ action, onPodConditions: [{ type: "DisruptionTarget", status: "True" }] });
const disrupted: PodStatus = { phase: "Failed", conditions: [{ type: "DisruptionTarget", status: "True" }] };
const fatal = (message: string): object => ({ action: "FailJob", counts: true, message });

// Upstream: pkg/controller/job/pod_failure_policy_test.go
const failures: readonly { readonly name: string; readonly rules: PodFailurePolicyRule[]; readonly status: PodStatus; readonly want: object }[] = [
  { name: "without a rule it counts", rules: [], status: exited(3), want: { action: undefined, counts: true } },
  { name: "a code of the list fails the Job", rules: [onCodes("FailJob", "In", [2, 3])], status: exited(3), want: fatal("Container c for pod default/p failed with exit code 3 matching FailJob rule at index 0") },
  { name: "a code beside the list does not", rules: [onCodes("FailJob", "In", [2])], status: exited(3), want: { action: undefined, counts: true } },
  { name: "any other code", rules: [onCodes("FailIndex", "NotIn", [2])], status: exited(3), want: { action: "FailIndex", counts: true } },
  { name: "success is no other code", rules: [onCodes("FailJob", "NotIn", [2])], status: exited(0), want: { action: undefined, counts: true } },
  { name: "another container's code", rules: [onCodes("FailJob", "In", [3], "other")], status: exited(3), want: { action: undefined, counts: true } },
  { name: "a disruption is ignored", rules: [onCodes("FailJob", "In", [3]), onDisruption("Ignore")], status: disrupted, want: { action: "Ignore", counts: false } },
  { name: "a disruption fails the Job", rules: [onDisruption("FailJob")], status: disrupted, want: fatal("Pod default/p has condition DisruptionTarget matching FailJob rule at index 0") },
  { name: "the first rule that matches decides", rules: [onCodes("Count", "In", [3]), onCodes("FailJob", "In", [3])], status: exited(3), want: { action: "Count", counts: true } },
];
for (const { name, rules, status, want } of failures) test(`failure policy: ${name}`, () => assert.deepEqual(rule(newJob({ podFailurePolicy: { rules } }), newPod("p", status)), want));

// Upstream: pkg/controller/job/success_policy_test.go
const successes: readonly { readonly name: string; readonly rules: SuccessPolicyRule[]; readonly succeeded: string; readonly want: string | undefined }[] = [
  { name: "nothing has succeeded", rules: [{ succeededCount: 1 }], succeeded: "", want: undefined },
  { name: "enough have succeeded", rules: [{ succeededCount: 2 }], succeeded: "1,4", want: "Matched rules at index 0" },
  { name: "one of the named is missing", rules: [{ succeededIndexes: "0-2" }], succeeded: "0,2-9", want: undefined },
  { name: "all of the named have succeeded", rules: [{ succeededIndexes: "0-2" }], succeeded: "0-4", want: "Matched rules at index 0" },
  { name: "enough of the named have succeeded", rules: [{ succeededIndexes: "0-2", succeededCount: 2 }], succeeded: "0,2", want: "Matched rules at index 0" },
  { name: "the second rule is met", rules: [{ succeededIndexes: "9" }, { succeededCount: 1 }], succeeded: "3", want: "Matched rules at index 1" },
];
for (const { name, rules, succeeded, want } of successes) {
  test(`success policy: ${name}`, () => assert.equal(metRule(newJob({ completionMode: "Indexed", completions: 10, successPolicy: { rules } }), IndexSet.parse(succeeded, 10)), want));
}
