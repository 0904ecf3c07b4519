import type { PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import type { Lister } from "#client/lister.ts";
import { fits, rejected, skip, type Plugin } from "../framework.ts";

const inUse = rejected("node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod");

/** What-if needs the number of users to change with the pods that come and go. */
interface Users { count: number; readonly claims: ReadonlySet<string> }

/** A claim for one pod alone is used by one pod. Upstream: pkg/scheduler/framework/plugins/volumerestrictions */
export const volumeRestrictions = (claims: Lister<PersistentVolumeClaim>): Plugin<Users> => ({
  name: "VolumeRestrictions",
  wakesOn: ["pod/gone", "claim/changed"],
  preFilter(pod, { nodes }) {
    const exclusive = new Set<string>();
    for (const key of pod.claims) if (claims.get(key)?.spec.accessModes?.includes("ReadWriteOncePod") === true) exclusive.add(key);
    if (exclusive.size === 0) return skip;
    let count = 0;
    for (const node of nodes) for (const key of exclusive) count += node.claims.get(key) ?? 0;
    return { state: { count, claims: exclusive } };
  },
  filter: (_pod, _node, users) => (users.count > 0 ? inUse : fits),
  clone: (users) => ({ ...users }),
  addPod: (users, _pod, other) => { users.count += other.claims.filter((key) => users.claims.has(key)).length; },
  removePod: (users, _pod, other) => { users.count -= other.claims.filter((key) => users.claims.has(key)).length; },
});
