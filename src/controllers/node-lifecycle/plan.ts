/** What the cluster says of a node that has fallen silent. Upstream: pkg/controller/nodelifecycle/node_lifecycle_controller.go */
import type { Node, NodeCondition, Taint } from "#api/gen/core-v1.ts";
import type { Lease } from "#api/gen/coordination-v1.ts";
import { getCondition } from "#api/conditions.ts";
import { timestamp } from "#apimachinery/time.ts";
import type { Limits } from "./settings.ts";

const notReady = "node.kubernetes.io/not-ready";
const unreachable = "node.kubernetes.io/unreachable";
const unschedulable = "node.kubernetes.io/unschedulable";
const watched = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"] as const;
/** Conditions that keep pods away, and what they say by taint. Upstream: nodeConditionToTaintKeyStatusMap */
const byCondition: readonly { readonly type: string; readonly status: string; readonly key: string }[] = [
  { type: "Ready", status: "False", key: notReady },
  { type: "Ready", status: "Unknown", key: unreachable },
  { type: "MemoryPressure", status: "True", key: "node.kubernetes.io/memory-pressure" },
  { type: "DiskPressure", status: "True", key: "node.kubernetes.io/disk-pressure" },
  { type: "NetworkUnavailable", status: "True", key: "node.kubernetes.io/network-unavailable" },
  { type: "PIDPressure", status: "True", key: "node.kubernetes.io/pid-pressure" },
];
const ours: ReadonlySet<string> = new Set([...byCondition.map(({ key }) => key), unschedulable]);

/**
 * When the node last gave a sign: its lease was renewed or its status changed, as this process saw it. The node's own
 * clock is not asked, so that a clock that jumps makes nobody silent.
 */
export class Signs {
  readonly #seen = new Map<string, { readonly mark: string; readonly at: number }>();

  /** Notes what is visible now; returns when that was first seen, in ms. */
  lastOf(node: Node, lease: Lease | undefined, now: number): number {
    const heartbeat = getCondition(node.status.conditions, "Ready")?.status === "Unknown" ? "" : (getCondition(node.status.conditions, "Ready")?.lastHeartbeatTime ?? "");
    const mark = `${node.metadata.uid ?? ""} ${lease?.spec.renewTime ?? ""} ${heartbeat}`;
    const known = this.#seen.get(node.metadata.name);
    if (known?.mark === mark) return known.at;
    this.#seen.set(node.metadata.name, { mark, at: now });
    return now;
  }

  /** The mark that was made when the node was declared Unknown must not count as a sign. */
  forget(name: string): void {
    this.#seen.delete(name);
  }

  /** Everybody gets their time anew. */
  clear(): void {
    this.#seen.clear();
  }
}

/** The node's conditions with Unknown where it has fallen silent; undefined when nothing is to be changed. */
export function silenced({ metadata, status }: Node, silentMs: number, limits: Limits, now: number): NodeCondition[] | undefined {
  const conditions = status.conditions ?? [];
  const ready = getCondition(conditions, "Ready");
  const grace = ready === undefined ? limits.startupGraceMs : limits.graceMs;
  if (silentMs <= grace || (ready?.status === "Unknown" && watched.every((type) => getCondition(conditions, type)?.status === "Unknown"))) return undefined;
  const at = timestamp(now);
  const changed = watched.map((type): NodeCondition => {
    const old = getCondition(conditions, type);
    if (old === undefined) return { type, status: "Unknown", reason: "NodeStatusNeverUpdated", message: "Kubelet never posted node status.", lastHeartbeatTime: metadata.creationTimestamp ?? at, lastTransitionTime: at };
    if (old.status === "Unknown") return old;
    return { ...old, status: "Unknown", reason: "NodeStatusUnknown", message: "Kubelet stopped posting node status.", lastTransitionTime: at };
  });
  return [...conditions.filter(({ type }) => !(watched as readonly string[]).includes(type)), ...changed];
}

/** Whether the node's pods are being driven away. */
export const isEvicting = ({ spec }: Node): boolean => spec.taints?.some(({ key, effect }) => effect === "NoExecute" && drivesAway(key)) === true;
const drivesAway = (key: string): boolean => key === notReady || key === unreachable;

/** The taints that a node should have, those of others kept; undefined when it has them. @param evict whether its pods may be driven away */
export function taintsOf({ spec, status }: Node, evict: boolean, now: number): Taint[] | undefined {
  const old = spec.taints ?? [];
  const wanted: { readonly key: string; readonly effect: Taint["effect"] }[] = byCondition
    .filter(({ type, status: when }) => getCondition(status.conditions, type)?.status === when)
    .flatMap(({ key }) => [{ key, effect: "NoSchedule" as const }, ...(evict && drivesAway(key) ? [{ key, effect: "NoExecute" as const }] : [])]);
  if (spec.unschedulable === true) wanted.push({ key: unschedulable, effect: "NoSchedule" });
  const same = (a: { readonly key: string; readonly effect: string }, b: { readonly key: string; readonly effect: string }): boolean => a.key === b.key && a.effect === b.effect;
  const managed = (t: Taint): boolean => ours.has(t.key) && (t.effect === "NoSchedule" || (t.effect === "NoExecute" && drivesAway(t.key)));
  const kept = old.filter((t) => !managed(t) || wanted.some((w) => same(w, t)));
  const missing = wanted.filter((w) => !old.some((t) => same(t, w))).map((w): Taint => ({ ...w, ...(w.effect === "NoExecute" && { timeAdded: timestamp(now) }) }));
  return missing.length === 0 && kept.length === old.length ? undefined : [...kept, ...missing];
}
