/** How many of which, step by step. Pure. Upstream: pkg/controller/deployment/rolling.go, util/deployment_util.go */
import type { Deployment, ReplicaSet } from "#api/gen/apps-v1.ts";
import { scaled } from "../scaled.ts";
import { millis } from "../time.ts";
import { maxReplicasAnnotation } from "./names.ts";

/** A set and the size that it should have now. */
export interface Resize { readonly set: ReplicaSet; readonly replicas: number }

const size = ({ spec }: ReplicaSet): number => spec.replicas ?? 0;
const total = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, set) => sum + size(set), 0);
const available = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, { status }) => sum + (status.availableReplicas ?? 0), 0);
const isRolling = ({ spec }: Deployment): boolean => spec.strategy?.type !== "Recreate";

/** Pods above the wanted number that a rollout may have; shares are rounded up. */
export function maxSurge(deployment: Deployment): number {
  return isRolling(deployment) ? scaled(deployment.spec.strategy?.rollingUpdate?.maxSurge ?? "25%", deployment.spec.replicas ?? 1, Math.ceil) : 0;
}

/** Pods below the wanted number that may be missing; shares are rounded down, and never both are 0. */
export function maxUnavailable(deployment: Deployment): number {
  const replicas = deployment.spec.replicas ?? 1;
  if (!isRolling(deployment) || replicas === 0) return 0;
  const found = scaled(deployment.spec.strategy?.rollingUpdate?.maxUnavailable ?? "25%", replicas, Math.floor);
  return Math.min(replicas, found === 0 && maxSurge(deployment) === 0 ? 1 : found);
}

/** What the new set's size should be now. Upstream: NewRSNewReplicas */
export function newSize(deployment: Deployment, sets: readonly ReplicaSet[], current: number): number {
  const wanted = deployment.spec.replicas ?? 1;
  if (!isRolling(deployment)) return wanted;
  const room = wanted + maxSurge(deployment) - total(sets);
  return room <= 0 ? current : current + Math.min(room, wanted - current);
}

/** Old sets that can shrink without too few being available: broken pods first, then the oldest sets. */
export function shrinkOld(deployment: Deployment, fresh: ReplicaSet, old: readonly ReplicaSet[]): Resize[] {
  const wanted = deployment.spec.replicas ?? 1;
  const least = wanted - maxUnavailable(deployment);
  const sizes = new Map(old.map((set) => [set, size(set)]));
  const byAge = old.toSorted((a, b) => millis(a.metadata.creationTimestamp) - millis(b.metadata.creationTimestamp));
  const missingNew = size(fresh) - (fresh.status.availableReplicas ?? 0);
  let removable = total([fresh, ...old]) - least - missingNew;
  if (removable <= 0) return [];
  for (const set of byAge) {
    const broken = Math.min(removable, size(set) - (set.status.availableReplicas ?? 0));
    if (broken <= 0) continue;
    sizes.set(set, size(set) - broken);
    removable -= broken;
  }
  let spare = available([fresh, ...old]) - least;
  for (const set of byAge) {
    const now = sizes.get(set) ?? 0;
    const less = Math.min(Math.max(spare, 0), now);
    sizes.set(set, now - less);
    spare -= less;
  }
  return [...sizes].filter(([set, replicas]) => replicas !== size(set)).map(([set, replicas]) => ({ set, replicas }));
}

/** Spreads a change of the Deployment's size over its sets while a rollout is under way. Upstream: deployment/sync.go scale */
export function proportional(deployment: Deployment, fresh: ReplicaSet | undefined, old: readonly ReplicaSet[]): Resize[] {
  const wanted = deployment.spec.replicas ?? 1;
  const active = [...(fresh ? [fresh] : []), ...old].filter((set) => size(set) > 0);
  const [only] = active.length === 0 ? (fresh ? [fresh] : old.slice(-1)) : active;
  if (active.length <= 1) return only === undefined || size(only) === wanted ? [] : [{ set: only, replicas: wanted }];
  if (!isRolling(deployment)) return [];
  const allowed = wanted > 0 ? wanted + maxSurge(deployment) : 0;
  const toAdd = allowed - total(active);
  if (toAdd === 0) return [];
  const ordered = active.toSorted((a, b) => size(b) - size(a) || (toAdd > 0 ? newerFirst(a, b) : -newerFirst(a, b)));
  let left = toAdd;
  const sizes = ordered.map((set) => {
    const share = left === 0 ? 0 : clampTowards(fraction(set, deployment, allowed), left);
    left -= share;
    return { set, replicas: Math.max(0, size(set) + share) };
  });
  const [first, ...rest] = sizes;
  const even = first === undefined ? [] : [{ set: first.set, replicas: Math.max(0, first.replicas + left) }, ...rest];
  return even.filter(({ set, replicas }) => replicas !== size(set));
}

const newerFirst = (a: ReplicaSet, b: ReplicaSet): number => millis(b.metadata.creationTimestamp) - millis(a.metadata.creationTimestamp);
const clampTowards = (value: number, limit: number): number => (limit > 0 ? Math.min(Math.max(value, 0), limit) : Math.max(Math.min(value, 0), limit));

/** A set's share of the change, by its share of what the Deployment was. Upstream: getReplicaSetFraction */
function fraction(set: ReplicaSet, deployment: Deployment, allowed: number): number {
  if ((deployment.spec.replicas ?? 1) === 0) return -size(set);
  const before = Number(set.metadata.annotations?.[maxReplicasAnnotation] ?? 0) || (deployment.status.replicas ?? 0);
  return before === 0 ? 0 : Math.round((size(set) * allowed) / before) - size(set);
}
