import type { KubeObject, ObjectMeta } from "#apimachinery/meta.ts";
import { timestamp } from "#apimachinery/time.ts";
import type { AnyResource } from "./resource.ts";

/** How a user wants an object to go. Upstream: metav1.DeleteOptions */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: "Orphan" | "Background" | "Foreground";
  readonly orphanDependents?: boolean;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

/** `remove`: take it out of the store. `mark`: the object was changed and must be written. `pending`: nothing to do, it is on its way. */
export type DeletionStep = "remove" | "mark" | "pending";

const orphan = "orphan";
const foreground = "foregroundDeletion";

/**
 * Decides the first step of a deletion and changes `obj` accordingly.
 * Upstream: apiserver/pkg/registry/rest/delete.go BeforeDelete, registry/generic/registry/store.go Delete
 */
export function planDeletion(resource: AnyResource, obj: KubeObject, options: DeleteOptions, now: number): DeletionStep {
  const graceful = applyGrace(resource, obj, options, now);
  if (graceful === "pending") return "pending";
  const finalizers = collectorFinalizers(resource, obj.metadata.finalizers ?? [], options);
  const held = resource.heldBack?.(obj) ?? false;
  const begun = obj.metadata.deletionTimestamp !== undefined && graceful === "none";
  if (finalizers.length > 0) obj.metadata.finalizers = finalizers;
  else delete obj.metadata.finalizers;
  if (graceful === "none" && finalizers.length === 0 && !held) return "remove";
  if (graceful === "none") markNow(obj.metadata, now);
  if (!begun) resource.markDeleting?.(obj);
  return mayGo(resource, obj) ? "remove" : "mark";
}

/** True when nothing holds back an object whose deletion has begun. Upstream: ShouldDeleteDuringUpdate */
export const mayGo = (resource: AnyResource, { metadata, ...rest }: KubeObject): boolean =>
  metadata.deletionTimestamp !== undefined
  && (metadata.deletionGracePeriodSeconds ?? 0) === 0
  && (metadata.finalizers ?? []).length === 0
  && !(resource.heldBack?.({ metadata, ...rest }) ?? false);

function applyGrace(resource: AnyResource, obj: KubeObject, options: DeleteOptions, now: number): "none" | "set" | "pending" {
  const { metadata } = obj;
  const asked = resource.gracePeriod?.(obj, options.gracePeriodSeconds);
  if (asked === undefined) return "none";
  if (metadata.deletionTimestamp === undefined) {
    setDeletion(metadata, now + asked * 1000, asked);
    return "set";
  }
  const current = metadata.deletionGracePeriodSeconds;
  if (current === undefined) return "none";
  if (options.gracePeriodSeconds === undefined || asked >= current) return current === 0 && (metadata.finalizers ?? []).length === 0 ? "none" : "pending";
  metadata.deletionTimestamp = timestamp(Date.parse(metadata.deletionTimestamp) - (current - asked) * 1000);
  metadata.deletionGracePeriodSeconds = asked;
  return "set";
}

function markNow(metadata: ObjectMeta, now: number): void {
  if (metadata.deletionTimestamp === undefined) setDeletion(metadata, now, 0);
  else metadata.deletionGracePeriodSeconds = 0;
}

function setDeletion(metadata: ObjectMeta, at: number, grace: number): void {
  metadata.deletionTimestamp = timestamp(at);
  metadata.deletionGracePeriodSeconds = grace;
  if ((metadata.generation ?? 0) > 0) metadata.generation = (metadata.generation ?? 0) + 1;
}

/** Upstream: apiserver/pkg/registry/generic/registry/store.go deletionFinalizersForGarbageCollection */
function collectorFinalizers(resource: AnyResource, current: readonly string[], options: DeleteOptions): string[] {
  const asked = options.orphanDependents === undefined ? options.propagationPolicy : options.orphanDependents ? "Orphan" : "Background";
  const policy = asked ?? (current.includes(orphan) ? "Orphan" : current.includes(foreground) ? "Foreground" : resource.orphansByDefault === true ? "Orphan" : "Background");
  const kept = current.filter((f) => f !== orphan && f !== foreground);
  if (policy === "Orphan") return [...kept, orphan];
  return policy === "Foreground" ? [...kept, foreground] : kept;
}

