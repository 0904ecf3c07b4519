/** What a Deployment says of itself. Pure. Upstream: pkg/controller/deployment/sync.go calculateStatus, progress.go */
import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from "#api/gen/apps-v1.ts";
import { getCondition } from "#api/conditions.ts";
import { timestamp } from "#apimachinery/time.ts";
import { millis } from "../time.ts";
import { revisionAnnotation } from "./names.ts";
import { maxUnavailable } from "./rolling.ts";
import { revisionOf } from "./sets.ts";

/** Longer than any deadline: upstream's word for none. */
const noDeadline = 2_147_483_647;

/** A condition with its times: the transition stays while the status does, the update while the reason does. */
export function conditionOf(old: DeploymentCondition | undefined, type: "Available" | "Progressing" | "ReplicaFailure", status: DeploymentCondition["status"], reason: string, message: string, now: number): DeploymentCondition {
  const at = timestamp(now);
  if (old?.status === status && old.reason === reason) return old;
  return { type, status, lastUpdateTime: at, lastTransitionTime: old?.status === status ? (old.lastTransitionTime ?? at) : at, reason, message };
}

/** In the place of its type's, so that what is said already is no change. */
export const withCondition = (conditions: readonly DeploymentCondition[], condition: DeploymentCondition): DeploymentCondition[] =>
  conditions.some(({ type }) => type === condition.type) ? conditions.map((old) => (old.type === condition.type ? condition : old)) : [...conditions, condition];

/** Counts of all sets, and whether enough pods are available. */
export function statusOf(deployment: Deployment, sets: readonly ReplicaSet[], fresh: ReplicaSet | undefined, now: number): DeploymentStatus {
  const sum = (count: (set: ReplicaSet) => number | undefined): number => sets.reduce((total, set) => total + (count(set) ?? 0), 0);
  const counts = {
    replicas: sum(({ status }) => status.replicas), updatedReplicas: fresh?.status.replicas ?? 0,
    readyReplicas: sum(({ status }) => status.readyReplicas), availableReplicas: sum(({ status }) => status.availableReplicas), terminatingReplicas: sum(({ status }) => status.terminatingReplicas),
    unavailableReplicas: Math.max(0, sum(({ spec }) => spec.replicas) - sum(({ status }) => status.availableReplicas)),
  };
  const old = deployment.status.conditions ?? [];
  const enough = counts.availableReplicas >= (deployment.spec.replicas ?? 1) - maxUnavailable(deployment);
  const available = enough
    ? conditionOf(getCondition(old, "Available"), "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", now)
    : conditionOf(getCondition(old, "Available"), "Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", now);
  return {
    observedGeneration: deployment.metadata.generation ?? 0, ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    ...(deployment.status.collisionCount !== undefined && { collisionCount: deployment.status.collisionCount }),
    conditions: withCondition(old, available),
  };
}

/** Every pod is of the new template, serves, and no other is left. Upstream: DeploymentComplete */
export const isComplete = ({ spec, metadata }: Deployment, status: DeploymentStatus): boolean =>
  status.updatedReplicas === (spec.replicas ?? 1) && status.replicas === (spec.replicas ?? 1) && status.availableReplicas === (spec.replicas ?? 1) && (status.observedGeneration ?? 0) >= (metadata.generation ?? 0)
  || ((spec.replicas ?? 1) === 0 && (status.replicas ?? 0) === 0 && (status.observedGeneration ?? 0) >= (metadata.generation ?? 0));

const hasProgressed = ({ status: old }: Deployment, next: DeploymentStatus): boolean =>
  (next.updatedReplicas ?? 0) > (old.updatedReplicas ?? 0)
  || (next.replicas ?? 0) - (next.updatedReplicas ?? 0) < (old.replicas ?? 0) - (old.updatedReplicas ?? 0)
  || (next.readyReplicas ?? 0) > (old.readyReplicas ?? 0)
  || (next.availableReplicas ?? 0) > (old.availableReplicas ?? 0);

/** Whether a roll-out that does not get on is told to have failed. */
export const hasDeadline = ({ spec }: Deployment): boolean => (spec.progressDeadlineSeconds ?? 600) !== noDeadline;

/** The Deployment with the revision of its new set, and the word that it has one. Upstream: getNewReplicaSet, SetDeploymentRevision */
export function noted(deployment: Deployment, fresh: ReplicaSet, created: boolean, now: number): Deployment {
  const metadata = { ...deployment.metadata, annotations: { ...deployment.metadata.annotations, [revisionAnnotation]: String(revisionOf(fresh)) } };
  const { conditions = [] } = deployment.status;
  const old = getCondition(conditions, "Progressing");
  if (!hasDeadline(deployment) || (!created && old !== undefined)) return { ...deployment, metadata };
  const [reason, message] = created ? ["NewReplicaSetCreated", `Created new replica set "${fresh.metadata.name}"`] : ["FoundNewReplicaSet", `Found new replica set "${fresh.metadata.name}"`];
  return { ...deployment, metadata, status: { ...deployment.status, conditions: withCondition(conditions, conditionOf(old, "Progressing", "True", reason, message, now)) } };
}

/** The status with its Progressing condition, and when the deadline must be looked at. Upstream: syncRolloutStatus */
export function progressed(deployment: Deployment, status: DeploymentStatus, fresh: ReplicaSet | undefined, now: number): { readonly status: DeploymentStatus; readonly againMs: number | undefined } {
  if (!hasDeadline(deployment)) return { status: { ...status, conditions: (status.conditions ?? []).filter(({ type }) => type !== "Progressing") }, againMs: undefined };
  const conditions = status.conditions ?? [];
  const old = getCondition(conditions, "Progressing");
  const about = fresh === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${fresh.metadata.name}"`;
  const set = (value: DeploymentCondition["status"], reason: string, message: string): DeploymentCondition[] => withCondition(conditions, conditionOf(old, "Progressing", value, reason, message, now));
  const settled = (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && old?.reason === "NewReplicaSetAvailable";
  if (settled) return { status, againMs: undefined };
  if (isComplete(deployment, status)) return { status: { ...status, conditions: set("True", "NewReplicaSetAvailable", `${about} has successfully progressed.`) }, againMs: undefined };
  const deadlineMs = (deployment.spec.progressDeadlineSeconds ?? 600) * 1000;
  if (hasProgressed(deployment, status)) {
    const next = { type: "Progressing" as const, status: "True" as const, reason: "ReplicaSetUpdated", message: `${about} is progressing.`, lastUpdateTime: timestamp(now), lastTransitionTime: old?.status === "True" ? (old.lastTransitionTime ?? timestamp(now)) : timestamp(now) };
    return { status: { ...status, conditions: withCondition(conditions, next) }, againMs: deadlineMs };
  }
  if (old === undefined || old.reason === "DeploymentPaused") return { status, againMs: undefined };
  const leftMs = millis(old.lastUpdateTime) + deadlineMs - now;
  if (old.reason === "ProgressDeadlineExceeded") return { status, againMs: undefined };
  if (leftMs > 0) return { status, againMs: leftMs };
  return { status: { ...status, conditions: set("False", "ProgressDeadlineExceeded", `${about} has timed out progressing.`) }, againMs: undefined };
}

/** A failure of the newest set to make pods is the Deployment's too. */
export function withFailure(status: DeploymentStatus, sets: readonly ReplicaSet[], now: number): DeploymentStatus {
  const failure = sets.flatMap((set) => set.status.conditions ?? []).find((c) => c.type === "ReplicaFailure" && c.status === "True");
  const conditions = status.conditions ?? [];
  if (failure === undefined) return { ...status, conditions: conditions.filter(({ type }) => type !== "ReplicaFailure") };
  const old = getCondition(status.conditions, "ReplicaFailure");
  return { ...status, conditions: withCondition(conditions, conditionOf(old, "ReplicaFailure", "True", failure.reason ?? "", failure.message ?? "", now)) };
}
