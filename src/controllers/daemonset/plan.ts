/** Which pods of a DaemonSet to make and to delete now, an update aside. Pure. Upstream: pkg/controller/daemon/daemon_controller.go podsShouldBeOnNode */
import type { DaemonSet } from "#api/gen/apps-v1.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { isLeaving, isPodAvailable, isPodReady, isTerminal } from "#api/pod.ts";
import type { Place, Places } from "./places.ts";
import { amounts } from "./rolling.ts";
import { isUpdated } from "./template.ts";

export interface Plan {
  /** Nodes that get a pod. */
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
  /** Ended where they should run: these go as well, the failed ones with growing waits. */
  readonly ended: readonly Ended[];
}
export interface Ended { readonly node: string; readonly pod: Pod }

export function plan(set: DaemonSet, hash: string, { places, lost }: Places, now: number): Plan {
  const allowsSurge = amounts(set, places).maxSurge > 0;
  const staying = places.filter(({ rule }) => rule !== "leave");
  const leaving = places.filter(({ rule }) => rule === "leave").flatMap(({ pods }) => pods.filter((pod) => !isLeaving(pod)));
  const surplus = (place: Place): readonly Pod[] => {
    const running = place.pods.filter((pod) => !isLeaving(pod) && !isTerminal(pod));
    return allowsSurge ? afterSurge(set, hash, running, now) : running.slice(1);
  };
  return {
    create: places.filter(({ rule, pods }) => rule === "run" && pods.length === 0).map(({ node }) => node),
    remove: [...leaving, ...staying.flatMap(surplus), ...lost],
    ended: staying.flatMap(({ node, pods }) => pods.filter((pod) => !isLeaving(pod) && isTerminal(pod)).map((pod) => ({ node, pod }))),
  };
}

/** Two pods may be on a node while the old one serves and the new one does not yet. */
function afterSurge(set: DaemonSet, hash: string, running: readonly Pod[], now: number): readonly Pod[] {
  if (running.length <= 1) return [];
  const fresh = running.find((pod) => isUpdated(set, hash, pod));
  const old = running.find((pod) => !isUpdated(set, hash, pod));
  const others = running.filter((pod) => pod !== fresh && pod !== old);
  if (fresh === undefined || old === undefined) return others;
  return !isPodReady(old) || isPodAvailable(fresh, set.spec.minReadySeconds ?? 0, now) ? [...others, old] : others;
}
