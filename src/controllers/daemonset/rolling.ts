/** How an update goes over the nodes. Pure. Upstream: pkg/controller/daemon/update.go rollingUpdate */
import type { DaemonSet } from "#api/gen/apps-v1.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { isLeaving, isPodAvailable } from "#api/pod.ts";
import { scaled } from "../scaled.ts";
import type { Place } from "./places.ts";
import type { Plan } from "./plan.ts";
import { isUpdated } from "./template.ts";

type Step = Pick<Plan, "create" | "remove">;

/** A node during an update. */
interface Progress { readonly node: string; readonly fresh: Pod | undefined; readonly old: Pod | undefined; /** There are more pods than it should have. */ readonly crowded: boolean }

/** Of the nodes that should run a pod, rounded up; never both are 0. Upstream: updatedDesiredNodeCounts */
export function amounts({ spec: { updateStrategy } }: DaemonSet, places: readonly Place[]): { readonly maxUnavailable: number; readonly maxSurge: number } {
  const wanted = places.filter(({ rule }) => rule === "run").length;
  const maxSurge = scaled(updateStrategy?.rollingUpdate?.maxSurge ?? 0, wanted, Math.ceil);
  const maxUnavailable = scaled(updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, wanted, Math.ceil);
  return { maxSurge, maxUnavailable: wanted > 0 && maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable };
}

/** The pods to replace now. */
export function roll(set: DaemonSet, hash: string, places: readonly Place[], now: number): Step {
  if (set.spec.updateStrategy?.type === "OnDelete") return { create: [], remove: [] };
  const { maxSurge, maxUnavailable } = amounts(set, places);
  const nodes = places.filter(({ rule, pods }) => rule === "run" || pods.length > 0).map((place) => progressOf(set, hash, place));
  const serves = (pod: Pod): boolean => isPodAvailable(pod, set.spec.minReadySeconds ?? 0, now);
  return maxSurge > 0 ? surge(nodes, maxSurge, serves) : replace(nodes, maxUnavailable, serves);
}

/** Upstream: findUpdatedPodsOnNode */
function progressOf(set: DaemonSet, hash: string, { node, pods }: Place): Progress {
  const [fresh, old] = [true, false].map((updated) => pods.filter((pod) => !isLeaving(pod) && isUpdated(set, hash, pod) === updated));
  return { node, fresh: fresh?.[0], old: old?.[0], crowded: (fresh?.length ?? 0) > 1 || (old?.length ?? 0) > 1 };
}

/** Old pods go before new ones come: such as do not serve at once, others while few enough are missing. */
function replace(nodes: readonly Progress[], maxUnavailable: number, serves: (pod: Pod) => boolean): Step {
  const outdated = nodes.flatMap(({ fresh, old, crowded }) => (!crowded && fresh === undefined && old !== undefined ? [old] : []));
  const missing = nodes.filter(({ fresh, old, crowded }) => crowded || (fresh === undefined ? old === undefined : old !== undefined || !serves(fresh))).length;
  const spare = Math.max(0, maxUnavailable - missing);
  return { create: [], remove: [...outdated.filter((pod) => !serves(pod)), ...outdated.filter(serves).slice(0, spare)] };
}

/** New pods come beside old ones: where the old one does not serve at once, elsewhere a few at a time. */
function surge(nodes: readonly Progress[], maxSurge: number, serves: (pod: Pod) => boolean): Step {
  const orderly = nodes.filter(({ old, crowded }) => !crowded && old !== undefined);
  const both = orderly.filter(({ fresh }) => fresh !== undefined);
  const waiting = both.filter(({ fresh }) => fresh !== undefined && !serves(fresh)).length + nodes.filter(({ crowded }) => crowded).length;
  const candidates = orderly.filter(({ fresh }) => fresh === undefined);
  const free = candidates.filter(({ old }) => old !== undefined && !serves(old));
  const costly = candidates.filter(({ old }) => old !== undefined && serves(old)).slice(0, Math.max(0, maxSurge - waiting));
  return { create: [...free, ...costly].map(({ node }) => node), remove: both.flatMap(({ fresh, old }) => (fresh !== undefined && old !== undefined && serves(fresh) ? [old] : [])) };
}
