import assert from "node:assert/strict";
import { test } from "node:test";
import { now, podOf, rolling, setOf } from "./fixture.ts";
import { plan } from "./plan.ts";

interface Case { readonly name: string; readonly spec?: object; readonly rest?: object; readonly pods: readonly string[]; readonly create?: readonly string[]; readonly remove?: readonly string[] }

const parallel = { podManagementPolicy: "Parallel" };
const strategy = (rollingUpdate: object): object => ({ updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0, ...rollingUpdate } } });
const onDelete = { updateStrategy: { type: "OnDelete" } };

// Upstream: pkg/controller/statefulset/stateful_set_control_test.go
const cases: readonly Case[] = [
  { name: "the lowest ordinal comes first", pods: [], create: ["web-0 new"] },
  { name: "the next comes when the one before serves", pods: ["0"], create: ["web-1 new"] },
  { name: "none comes while the one before is not ready", pods: ["0 u"] },
  { name: "none comes while the one before is pending", pods: ["0 p"] },
  { name: "a hole is filled first", pods: ["1", "2"], create: ["web-0 new"] },
  { name: "a name is free when its pod is gone, not when it is leaving", pods: ["0 l", "1", "2"] },
  { name: "ready is not yet available", spec: { minReadySeconds: 10 }, pods: ["0 y"] },
  { name: "a failed pod goes, and its successor comes later", pods: ["0", "1 f", "2"], remove: ["web-1"] },
  { name: "a succeeded pod goes as well", pods: ["0", "1 s"], remove: ["web-1"] },
  { name: "a failed pod that is leaving is waited for", pods: ["0", "1 fl"] },
  { name: "nothing is missing", pods: ["0", "1", "2"] },
  { name: "ordinals start where they are told to", spec: { ordinals: { start: 5 } }, pods: ["5"], create: ["web-6 new"] },
  { name: "pods below the start go", spec: { replicas: 1, ordinals: { start: 2 } }, pods: ["0", "1", "2"], remove: ["web-1"] },
  { name: "the highest goes first", spec: { replicas: 1 }, pods: ["0", "1", "2"], remove: ["web-2"] },
  { name: "the next goes when the one above is gone", spec: { replicas: 1 }, pods: ["0", "1", "2 l"] },
  { name: "a pod that stays must serve before one goes", spec: { replicas: 1 }, pods: ["0 u", "1", "2"] },
  { name: "none goes while a lower one does not serve", spec: { replicas: 0 }, pods: ["0 u", "1 u"] },
  { name: "the only one that does not serve goes", spec: { replicas: 0 }, pods: ["0", "1 u"], remove: ["web-1"] },
  { name: "a set that is going changes nothing", rest: { metadata: { name: "web", deletionTimestamp: "2026-01-01T00:00:00Z" } }, pods: ["0"] },
  { name: "an update begins with the highest", pods: ["0 o", "1 o", "2 o"], remove: ["web-2"] },
  { name: "and goes on when it serves again", pods: ["0 o", "1 o", "2"], remove: ["web-1"] },
  { name: "and not before", pods: ["0 o", "1 o", "2 u"] },
  { name: "a deleted pod comes back at the new revision", pods: ["0 o", "2"], create: ["web-1 new"] },
  { name: "below the partition nothing changes", spec: strategy({ partition: 2 }), pods: ["0 o", "1 o", "2"] },
  { name: "below the partition pods come back as they were", spec: strategy({ partition: 2 }), pods: ["0 o", "2"], create: ["web-1 old"] },
  { name: "the partition counts from the start", spec: { ...strategy({ partition: 1 }), ordinals: { start: 4 } }, pods: [], create: ["web-4 old"] },
  { name: "OnDelete waits for deletions", spec: onDelete, pods: ["0 o", "1 o", "2 o"] },
  { name: "and then takes the new revision", spec: onDelete, pods: ["0 o", "2 o"], create: ["web-1 new"] },
  { name: "two may be missing", spec: strategy({ maxUnavailable: 2 }), pods: ["0 o", "1 o", "2 o"], remove: ["web-2", "web-1"] },
  { name: "a share is rounded down, to one at least", spec: strategy({ maxUnavailable: "30%" }), pods: ["0 o", "1 o", "2 o"], remove: ["web-2"] },
  { name: "in parallel all come at once", spec: parallel, pods: ["1 u"], create: ["web-0 new", "web-2 new"] },
  { name: "in parallel all go at once", spec: { ...parallel, replicas: 0 }, pods: ["0", "1 u", "2 l"], remove: ["web-1", "web-0"] },
  { name: "in parallel a failed pod goes while others come", spec: parallel, pods: ["0 f"], create: ["web-1 new", "web-2 new"], remove: ["web-0"] },
  { name: "in parallel an update still keeps to what may be missing", spec: parallel, pods: ["0 o", "1 o", "2 u"] },
  { name: "what does not serve costs nothing to update", spec: parallel, pods: ["0 o", "1 o", "2 ou"], remove: ["web-2"] },
];
for (const { name, spec = {}, rest = {}, pods, create = [], remove = [] } of cases) {
  test(name, () => {
    const steps = plan(setOf(spec, rest), rolling, pods.map(podOf), now);
    const made = steps.create.map(({ metadata }) => `${metadata.name} ${metadata.labels?.["controller-revision-hash"]?.slice(4)}`);
    assert.deepEqual([made, steps.remove.map(({ metadata }) => metadata.name)], [create, remove]);
  });
}
