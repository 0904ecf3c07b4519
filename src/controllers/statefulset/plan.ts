/** Which pods of a StatefulSet to make and to delete now. Pure. Upstream: pkg/controller/statefulset/stateful_set_control.go updateStatefulSet */
import type { StatefulSet } from "#api/gen/apps-v1.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { isLeaving, isPodAvailable, isTerminal } from "#api/pod.ts";
import { scaled } from "../scaled.ts";
import { newPod, ordinalOf, partitionOf, replicasOf, revisionOf, startOf, type Revisions } from "./identity.ts";

export interface Plan {
  readonly create: readonly Pod[];
  readonly remove: readonly Pod[];
}

/** The set's pods by what becomes of them. */
export interface Places {
  /** In ascending order, one for each ordinal that there should be. */
  readonly replicas: readonly { readonly ordinal: number; readonly pod: Pod | undefined }[];
  /** Beyond the ordinals that there should be, the highest first. */
  readonly condemned: readonly Pod[];
}

const nothing: Plan = { create: [], remove: [] };

export function placesOf(set: StatefulSet, pods: readonly Pod[]): Places {
  const first = startOf(set);
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(set, pod) ?? -1, pod]));
  const replicas = Array.from({ length: replicasOf(set) }, (_, i) => ({ ordinal: first + i, pod: byOrdinal.get(first + i) }));
  const condemned = [...byOrdinal].filter(([ordinal]) => ordinal >= 0 && (ordinal < first || ordinal >= first + replicasOf(set))).sort(([a], [b]) => b - a);
  return { replicas, condemned: condemned.map(([, pod]) => pod) };
}

/** The next step from the pods that there are. A set that is going changes nothing. */
export function plan(set: StatefulSet, revisions: Revisions, pods: readonly Pod[], now: number): Plan {
  if (set.metadata.deletionTimestamp !== undefined) return nothing;
  const serves = (pod: Pod | undefined): boolean => pod !== undefined && isAvailable(set, pod, now);
  const places = placesOf(set, pods);
  return set.spec.podManagementPolicy === "Parallel" ? allAtOnce(set, revisions, places, serves) : oneByOne(set, revisions, places, serves);
}

/** Runs, has been ready for long enough, and stays. Upstream: isUnavailable */
const isAvailable = (set: StatefulSet, pod: Pod, now: number): boolean =>
  pod.status.phase === "Running" && !isLeaving(pod) && isPodAvailable(pod, set.spec.minReadySeconds ?? 0, now);

type Serves = (pod: Pod | undefined) => boolean;

/** Each step waits for the one before: up from the lowest ordinal, down from the highest, and only then an update. */
function oneByOne(set: StatefulSet, revisions: Revisions, { replicas, condemned }: Places, serves: Serves): Plan {
  for (const { ordinal, pod } of replicas) {
    if (pod === undefined) return { create: [newPod(set, revisions, ordinal)], remove: [] };
    if (isTerminal(pod)) return isLeaving(pod) ? nothing : { create: [], remove: [pod] };
    if (!serves(pod)) return nothing;
  }
  const [last, ...lower] = condemned;
  if (last === undefined) return { create: [], remove: outdated(set, revisions, replicas, serves) };
  return isLeaving(last) || (!serves(last) && !lower.every(serves)) ? nothing : { create: [], remove: [last] };
}

function allAtOnce(set: StatefulSet, revisions: Revisions, { replicas, condemned }: Places, serves: Serves): Plan {
  const finished = replicas.flatMap(({ pod }) => (pod !== undefined && isTerminal(pod) ? [pod] : []));
  const leave = new Set([...finished, ...condemned].filter((pod) => !isLeaving(pod)));
  for (const pod of outdated(set, revisions, replicas, serves)) leave.add(pod);
  return { create: replicas.filter(({ pod }) => pod === undefined).map(({ ordinal }) => newPod(set, revisions, ordinal)), remove: [...leave] };
}

/** Pods to delete for an update, the highest first: as many as may be missing, and such as do not serve anyway. */
function outdated(set: StatefulSet, { update }: Revisions, replicas: Places["replicas"], serves: Serves): Pod[] {
  if (set.spec.updateStrategy?.type === "OnDelete") return [];
  let spare = maxUnavailable(set) - replicas.filter(({ pod }) => !serves(pod)).length;
  const leave: Pod[] = [];
  for (const { pod } of replicas.slice(partitionOf(set)).toReversed()) {
    if (pod === undefined || isLeaving(pod) || revisionOf(pod) === update.metadata.name) continue;
    if (serves(pod) && spare-- <= 0) break;
    leave.push(pod);
  }
  return leave;
}

/** Upstream: getStatefulSetMaxUnavailable */
const maxUnavailable = (set: StatefulSet): number => Math.max(1, scaled(set.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, replicasOf(set), Math.floor));
