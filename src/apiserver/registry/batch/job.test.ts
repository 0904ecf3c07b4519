import assert from "node:assert/strict";
import { test } from "node:test";
import type { Job, JobSpec } from "#api/gen/batch-v1.ts";
import { cells, changed, made, refusals, texts } from "../fixture.ts";
import { jobs } from "./job.ts";

const template = { spec: { containers: [{ name: "work", image: "work:1" }], restartPolicy: "Never" } };
const jobOf = (spec: object = {}, metadata: object = {}): Job => made(jobs, { metadata, spec: { template, ...spec } });
const indexed = { completionMode: "Indexed", completions: 3 };
const rule = (fields: object): object => ({ podFailurePolicy: { rules: [{ action: "Ignore", ...fields }] } });
const success = (fields: object): object => ({ ...indexed, successPolicy: { rules: [fields] } });

test("a Job runs one pod, six times at most, and knows it by its own uid", () => {
  const { spec, metadata } = jobOf();
  const { selector, template: made, ...rest } = spec;
  assert.deepEqual(rest, { completions: 1, parallelism: 1, backoffLimit: 6, completionMode: "NonIndexed", suspend: false, podReplacementPolicy: "TerminatingOrFailed", manualSelector: false } satisfies Partial<JobSpec>);
  const labels = { "controller-uid": "u", "job-name": "x", "batch.kubernetes.io/controller-uid": "u", "batch.kubernetes.io/job-name": "x" };
  assert.deepEqual([selector, made.metadata?.labels, metadata.labels], [{ matchLabels: { "batch.kubernetes.io/controller-uid": "u" } }, labels, labels]);
});

test("a policy on failures waits for the end of a pod; with a limit for each index there is none for all", () => {
  const { spec } = jobOf({ ...indexed, ...rule({ onPodConditions: [{ type: "DisruptionTarget" }] }), backoffLimitPerIndex: 1 });
  assert.deepEqual([spec.podReplacementPolicy, spec.backoffLimit, spec.podFailurePolicy?.rules[0]?.onPodConditions?.[0]?.status], ["Failed", 2 ** 31 - 1, "True"]);
});

// Upstream: pkg/apis/batch/validation ValidateJob
const cases: readonly { readonly name: string; readonly spec: object; readonly want: readonly string[] }[] = [
  { name: "what does", spec: {}, want: [] },
  { name: "counts below zero", spec: { parallelism: -1, backoffLimit: -1 }, want: ["spec.parallelism: Invalid value: -1: must be greater than or equal to 0", "spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0"] },
  { name: "pods that run for ever", spec: { template: { spec: { ...template.spec, restartPolicy: undefined } } }, want: ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'] },
  { name: "a policy on failures over restarted containers", spec: { ...rule({ onPodConditions: [{ type: "A" }] }), template: { spec: { ...template.spec, restartPolicy: "OnFailure" } } }, want: ['spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified'] },
  { name: "a selector of its own making", spec: { selector: { matchLabels: { a: "b" } } }, want: [
    'spec.selector: Invalid value: {"matchLabels":{"batch.kubernetes.io/controller-uid":"u","a":"b"}}: `selector` not auto-generated',
    'spec.template.metadata.labels: Invalid value: {"controller-uid":"u","job-name":"x","batch.kubernetes.io/controller-uid":"u","batch.kubernetes.io/job-name":"x"}: `selector` does not match template `labels`',
  ] },
  { name: "a label that is the server's to give", spec: { template: { ...template, metadata: { labels: { "job-name": "y" } } } }, want: [
    `spec.template.metadata.labels[job-name]: Invalid value: {"controller-uid":"u","job-name":"y","batch.kubernetes.io/controller-uid":"u","batch.kubernetes.io/job-name":"x"}: must be 'x'`,
  ] },
  { name: "a selector that cannot be read, beside other faults", spec: { parallelism: -1, selector: { matchExpressions: [{ key: "a", operator: "Like" }] } }, want: [
    "spec.parallelism: Invalid value: -1: must be greater than or equal to 0",
    'spec.selector.matchExpressions[0].operator: Invalid value: "Like": not a valid selector operator',
  ] },
  { name: "a manual selector", spec: { manualSelector: true, selector: { matchLabels: { a: "b" } }, template: { ...template, metadata: { labels: { a: "b" } } } }, want: [] },
  { name: "indexes without a number", spec: { completionMode: "Indexed", parallelism: 1 }, want: ["spec.completions: Required value: when completion mode is Indexed"] },
  { name: "too many at once", spec: { ...indexed, parallelism: 100_001 }, want: ["spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed"] },
  { name: "a limit for each index without indexes", spec: { backoffLimitPerIndex: 1, maxFailedIndexes: 1 }, want: ["spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode", "spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode"] },
  { name: "failed indexes without a limit for each", spec: { ...indexed, maxFailedIndexes: 4 }, want: ["spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified", "spec.maxFailedIndexes: Invalid value: 4: must be less than or equal to completions"] },
  { name: "very many indexes", spec: { completionMode: "Indexed", completions: 100_001, backoffLimitPerIndex: 1, parallelism: 10_001 }, want: [
    "spec.maxFailedIndexes: Required value: must be specified when completions is above 100000",
    "spec.parallelism: Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index",
  ] },
  { name: "a manager without a domain", spec: { managedBy: "me" }, want: ['spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")'] },
  { name: "a rule without a reason", spec: rule({}), want: ["spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required"] },
  { name: "a rule with an unknown action", spec: rule({ action: "Wait", onPodConditions: [{ type: "A" }] }), want: ['spec.podFailurePolicy.rules[0].action: Unsupported value: "Wait": supported values: "Count", "FailIndex", "FailJob", "Ignore"'] },
  { name: "a rule on indexes without a limit for them", spec: rule({ action: "FailIndex", onPodConditions: [{ type: "A" }] }), want: ['spec.podFailurePolicy.rules[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set'] },
  { name: "exit codes out of order, of nobody", spec: rule({ onExitCodes: { operator: "In", containerName: "other", values: [5, 0, 5] } }), want: [
    'spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: "other": must be one of the container or initContainer names in the pod template',
    "spec.podFailurePolicy.rules[0].onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator",
    "spec.podFailurePolicy.rules[0].onExitCodes.values[2]: Duplicate value: 5",
    "spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [5,0,5]: must be ordered",
  ] },
  { name: "no exit codes, no operator", spec: rule({ onExitCodes: { values: [] } }), want: ['spec.podFailurePolicy.rules[0].onExitCodes.operator: Required value: valid values: ["In" "NotIn"]', "spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: []: at least one value is required"] },
  { name: "success without indexes", spec: { successPolicy: { rules: [{ succeededCount: 1 }] } }, want: ['spec.successPolicy: Invalid value: {"rules":[{"succeededCount":1}]}: requires indexed completion mode'] },
  { name: "success beyond the indexes", spec: success({ succeededIndexes: "0-3" }), want: ['spec.successPolicy.rules[0].succeededIndexes: Invalid value: "0-3": error parsing succeededIndexes: too large index: "3"'] },
  { name: "success of more than is named", spec: success({ succeededIndexes: "0,2", succeededCount: 4 }), want: [
    "spec.successPolicy.rules[0].succeededCount: Invalid value: 4: must be less than or equal to 3 (the number of specified completions)",
    "spec.successPolicy.rules[0].succeededCount: Invalid value: 4: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)",
  ] },
  { name: "success of nothing", spec: success({}), want: ["spec.successPolicy.rules[0]: Required value: at least one of succeededCount or succeededIndexes must be specified"] },
  { name: "pods replaced before they have failed", spec: { ...rule({ onPodConditions: [{ type: "A" }] }), podReplacementPolicy: "TerminatingOrFailed" }, want: ['spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"'] },
];
for (const { name, spec, want } of cases) test(`refused or not: ${name}`, () => assert.deepEqual(refusals(jobs, jobOf(spec)), want));

test("the pods of an indexed Job must have names for hosts", () => {
  const name = "a".repeat(62);
  assert.deepEqual(refusals(jobs, jobOf(indexed, { name })), [`metadata.name: Invalid value: "${name}": will not able to create pod with invalid DNS label: ${name}-2`]);
});

const updateOf = (old: Job, change: (job: Job) => void): readonly string[] => texts(jobs.validateUpdate?.(changed(jobs, old, change), old));

test("a Job keeps its number of completions, unless it is indexed and grows with its parallelism", () => {
  assert.deepEqual(updateOf(jobOf(), ({ spec }) => { spec.completions = 2; }), ["spec.completions: Invalid value: 2: field is immutable"]);
  assert.deepEqual(updateOf(jobOf(indexed), ({ spec }) => { spec.completions = 5; }), ["spec.completions: Invalid value: 5: can only be modified in tandem with spec.parallelism"]);
  assert.deepEqual(updateOf(jobOf(indexed), ({ spec }) => { spec.completions = spec.parallelism = 5; }), []);
});

test("a Job that has never run may still be sent elsewhere, and nothing else", () => {
  const move = ({ spec }: Job): void => { spec.template.spec = { ...spec.template.spec, containers: spec.template.spec?.containers ?? [], nodeSelector: { disk: "ssd" }, tolerations: [{ operator: "Exists" }] }; };
  assert.deepEqual(updateOf(jobOf({ suspend: true }), move), []);
  assert.match(updateOf(jobOf(), move)[0] ?? "", /^spec.template: Invalid value: .*: field is immutable$/);
  assert.match(updateOf(jobOf({ suspend: true }), ({ spec }) => { spec.template.spec = { ...spec.template.spec, containers: [{ name: "work", image: "work:2" }] }; })[0] ?? "", /^spec.template: .*: field is immutable$/);
});

test("how it stands, in a line", () => {
  const at = "2026-01-01T00:00:00Z";
  const now = Date.parse("2026-01-01T00:00:09Z");
  const shown = (job: Job, status: object): readonly unknown[] => cells(jobs, { ...job, status: { startTime: at, ...status } }, now).slice(1, 4);
  assert.deepEqual(shown(jobOf(), {}), ["Running", "0/1", "9s"]);
  assert.deepEqual(shown(jobOf(), { succeeded: 1, completionTime: "2026-01-01T00:00:03Z", conditions: [{ type: "Complete", status: "True" }] }), ["Complete", "1/1", "3s"]);
  assert.deepEqual(shown(jobOf({ parallelism: 3 }), { conditions: [{ type: "FailureTarget", status: "True" }] }), ["FailureTarget", "0/1 of 3", "9s"]);
});
