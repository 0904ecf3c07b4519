import type { Pod, PodCondition, PodStatus, ResourceStatus } from "#api/gen/core-v1.ts";
import type { Allocation } from "../resources/allocation.ts";
import type { StartFailure } from "./container-statuses.ts";
import { uidOf } from "../names.ts";
import { ownConditions, resizeConditions } from "./pod-conditions.ts";
import type { PodContext } from "../pods/pod-context.ts";
import type { Phase } from "../pods/pod-phases.ts";
import { podStatus } from "./pod-status.ts";

/** What a pod's worker knows of it. */
export interface WorkerState {
  readonly pod: Pod;
  readonly allocation: Allocation;
  readonly phase: Phase;
  readonly failures: ReadonlyMap<string, StartFailure>;
  readonly failed: { readonly reason: string; readonly message: string; readonly condition?: string } | undefined;
}

/** Computes a pod's status from what is now, tells the probes what runs, and hands the status on. Rejects with `RuntimeError`. */
export async function publishStatus({ cache, statuses, probes, devices, claims, node, clock }: PodContext, read: () => WorkerState): Promise<void> {
  const runtime = await cache.get(uidOf(read().pod));
  const { pod, allocation, phase, failures, failed } = read(); // as they are after the wait
  if (phase === "syncing" || phase === "terminating") probes.observe(pod, runtime);
  const over = phase === "terminated" || phase === "finished";
  const resize = { actual: allocation.actual(pod), given: pod, pending: allocation.pending, error: allocation.error, underway: allocation.underway ?? (allocation.isUnder(pod, runtime) ? pod.metadata.generation : undefined) };
  const deviceHealth = (container: string): ResourceStatus[] => [...devices.health(uidOf(pod), container), ...claims.health(pod, container)];
  const facts = { runtime, deviceHealth, holdsClaims: claims.holds(uidOf(pod)), resize, failures, probes, runtimeName: node.runtimeName, recursiveReadOnly: node.features.recursiveReadOnly, now: clock.now(), hostIps: node.addresses, over };
  statuses.set(pod, podStatus({ ...pod, status: merged(pod.status, statuses.get(pod)) }, failed === undefined ? facts : { ...facts, failed }));
}

/** What the kubelet said last, with what others have written since. */
function merged(server: PodStatus, own: PodStatus): PodStatus {
  const foreign = (server.conditions ?? []).filter(({ type }) => !ownConditions.has(type));
  const mine = (own.conditions ?? []).filter(({ type }) => ownConditions.has(type));
  const missing = (server.conditions ?? []).filter((c: PodCondition) => ownConditions.has(c.type) && !resizeConditions.has(c.type) && !mine.some(({ type }) => type === c.type));
  return { ...own, conditions: [...mine, ...missing, ...foreign], ...(server.qosClass !== undefined && { qosClass: server.qosClass }) };
}
