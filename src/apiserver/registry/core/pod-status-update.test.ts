import assert from "node:assert/strict";
import { test } from "node:test";
import type { Container, ContainerStatus, Pod, PodSpec } from "#api/gen/core-v1.ts";
import { validatePodStatus } from "./pod-status-update.ts";

const c = (name: string, more: Partial<Container> = {}): Container => ({ name, image: "i", ...more });
const rule = (action: string): Partial<Container> => ({ restartPolicy: "Never", restartPolicyRules: [{ action, exitCodes: { operator: "In", values: [42] } }] });
const status = (name: string, state: ContainerStatus["state"]): ContainerStatus => ({ name, image: "i", imageID: "", ready: false, restartCount: 0, ...(state && { state }) });
const pod = (spec: Partial<PodSpec>, more: Pod["status"]): Pod => ({ metadata: { name: "p" }, spec: { restartPolicy: "Never", containers: [c("a"), c("b")], ...spec }, status: more });
const [ended, failed, waits] = [{ terminated: { exitCode: 0 } }, { terminated: { exitCode: 1 } }, { waiting: {} }];
const refusal = (list: string): string => `status.${list}[0].state: Forbidden: may not be transitioned to non-terminated state`;

for (const { name, spec = {}, list = "containerStatuses", before = ended, want = [] } of [
  { name: "not where it never restarts", want: [refusal("containerStatuses")] },
  { name: "not where it has succeeded and only failures restart", spec: { restartPolicy: "OnFailure" as const }, want: [refusal("containerStatuses")] },
  { name: "where it failed and failures restart", spec: { restartPolicy: "OnFailure" as const }, before: failed },
  { name: "where it always restarts", spec: { restartPolicy: "Always" as const } },
  { name: "where a rule of its own may restart it", spec: { containers: [c("a", rule("Restart")), c("b")] } },
  { name: "not where a rule restarts another alone", spec: { containers: [c("a"), c("b", rule("Restart"))] }, want: [refusal("containerStatuses")] },
  { name: "where a rule of another restarts all", spec: { containers: [c("a"), c("b", rule("RestartAllContainers"))] } },
  { name: "an init container, where a rule restarts all", spec: { initContainers: [c("a")], containers: [c("b", rule("RestartAllContainers"))] }, list: "initContainerStatuses" as const },
  { name: "no ephemeral container, whatever the rules", spec: { restartPolicy: "Always" as const, containers: [c("b", rule("RestartAllContainers"))] }, list: "ephemeralContainerStatuses" as const, want: [refusal("ephemeralContainerStatuses")] },
])
  test(`a container that has ended may be told to come again: ${name}`, () => {
    const causes = validatePodStatus(pod(spec, { [list]: [status("a", waits)] }), pod(spec, { [list]: [status("a", before)] }));
    assert.deepEqual(causes.map(({ field, message }) => `${field}: ${message}`), want);
  });
