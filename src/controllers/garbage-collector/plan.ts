/** Who goes with whom. Pure. Upstream: pkg/controller/garbagecollector/garbagecollector.go attemptToDeleteItem */
import type { KubeObject, OwnerReference } from "#apimachinery/meta.ts";

export const orphanFinalizer = "orphan";
export const foregroundFinalizer = "foregroundDeletion";

/** An owner as it is now: there, there but waiting for its dependents to go first, or gone. */
export type OwnerState = "solid" | "waiting" | "absent";

export type Plan =
  | { readonly action: "keep" }
  /** Its owners are gone (or wait for it): it goes too. */
  | { readonly action: "delete"; readonly policy: "Background" | "Foreground" | "Orphan" }
  /** The same, in a circle: what it owns waits for it already, so it stops holding its owners first. */
  | { readonly action: "unblock" }
  /** Another owner holds it: only the references to those that are gone are taken away. */
  | { readonly action: "release"; readonly owners: readonly OwnerReference[] }
  /** It is being deleted and its dependents shall stay: they are set free first. */
  | { readonly action: "orphan" }
  /** It is being deleted after its dependents. `ready`: none that blocks is left. */
  | { readonly action: "foreground"; readonly ready: boolean };

/**
 * What to do about one object.
 * @param dependents objects that name it as an owner
 */
export function plan(object: KubeObject, dependents: readonly KubeObject[], stateOf: (owner: OwnerReference) => OwnerState): Plan {
  if (isAtRest(object)) return { action: "keep" };
  const { metadata } = object;
  const finalizers = metadata.finalizers ?? [];
  if (metadata.deletionTimestamp !== undefined) {
    if (finalizers.includes(orphanFinalizer)) return { action: "orphan" };
    if (finalizers.includes(foregroundFinalizer)) return { action: "foreground", ready: !dependents.some((d) => blocks(d, metadata.uid)) };
    return { action: "keep" };
  }
  const owners = metadata.ownerReferences ?? [];
  const by = Map.groupBy(owners, stateOf);
  const [solid = [], waiting = [], absent = []] = [by.get("solid"), by.get("waiting"), by.get("absent")];
  if (solid.length > 0) return waiting.length + absent.length === 0 ? { action: "keep" } : { action: "release", owners: [...absent, ...waiting] };
  if (waiting.length > 0 && dependents.some(awaitsItsOwn) && owners.some((o) => o.blockOwnerDeletion === true)) return { action: "unblock" };
  if (waiting.length > 0 && dependents.length > 0) return { action: "delete", policy: "Foreground" };
  return { action: "delete", policy: finalizers.includes(orphanFinalizer) ? "Orphan" : finalizers.includes(foregroundFinalizer) ? "Foreground" : "Background" };
}

/** Nothing is to be done about it, whatever becomes of others: nobody owns it, and it stays. */
export const isAtRest = ({ metadata }: KubeObject): boolean => metadata.deletionTimestamp === undefined && (metadata.ownerReferences ?? []).length === 0;

/** It is being deleted, after its own dependents. */
export const awaitsItsOwn = ({ metadata }: KubeObject): boolean => metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes(foregroundFinalizer) === true;

const blocks = ({ metadata }: KubeObject, uid: string | undefined): boolean => metadata.ownerReferences?.some((o) => o.uid === uid && o.blockOwnerDeletion === true) === true;
