/** What the server writes into every object's metadata, whatever its kind. */
import { randomUUID } from "node:crypto";
import type { KubeObject } from "#apimachinery/meta.ts";
import { badRequest } from "#apimachinery/status.ts";
import { timestamp } from "#apimachinery/time.ts";
import { apiSchema } from "#api/schema.ts";
import { generateName } from "./names.ts";
import { unchanged } from "./unchanged.ts";
import type { AnyResource } from "./resource.ts";

/** The object must lie where the URL says. Upstream: rest.EnsureObjectNamespaceMatchesRequestNamespace */
export function placeIn(resource: AnyResource, obj: KubeObject, namespace: string): void {
  const { metadata } = obj;
  if (resource.scope === "Cluster") return;
  if (metadata.namespace === undefined || metadata.namespace === "") metadata.namespace = namespace;
  else if (metadata.namespace !== namespace) throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
}

/** Upstream: apiserver/pkg/registry/rest/create.go BeforeCreate */
export function prepareNewMetadata(resource: AnyResource, obj: KubeObject, now: number): void {
  const { metadata } = obj;
  if (metadata.resourceVersion && metadata.resourceVersion !== "0") throw badRequest("resourceVersion should not be set on objects to be created");
  drop(obj);
  delete metadata.resourceVersion;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  metadata.name ||= metadata.generateName ? generateName(metadata.generateName) : ""; // an empty one is refused with the other causes
  metadata.uid = randomUUID();
  metadata.creationTimestamp = timestamp(now);
  if (keepsGeneration(resource)) metadata.generation = 1;
  else delete metadata.generation;
}

/** Takes over what a user may leave out and may not set. Upstream: apiserver/pkg/registry/rest/update.go BeforeUpdate */
export function prepareNextMetadata(next: KubeObject, old: KubeObject): void {
  drop(next);
  const { metadata } = next;
  for (const field of ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"] as const) {
    if (metadata[field] === undefined || metadata[field] === "") take(metadata, old.metadata, field);
  }
  for (const field of ["resourceVersion", "generation"] as const) take(metadata, old.metadata, field);
}

/** +1 when anything but metadata and status has changed; a custom status without a subresource of its own counts as content. */
export function raiseGeneration(resource: AnyResource, next: KubeObject, old: KubeObject): void {
  if (!keepsGeneration(resource)) return;
  const counted = resource.custom !== undefined && resource.subresources?.["status"] === undefined;
  const content = ({ metadata: _m, status, ...rest }: KubeObject & { status?: unknown }): unknown => (counted ? { ...rest, status } : rest);
  if (!unchanged(resource, content(next), content(old))) next.metadata.generation = (old.metadata.generation ?? 0) + 1;
}

const keepsGeneration = (resource: AnyResource): boolean => resource.generation ?? apiSchema.types[resource.schema]?.fields["spec"] !== undefined;

function drop({ metadata }: KubeObject): void {
  delete (metadata as unknown as Record<string, unknown>)["selfLink"];
}

function take<K extends keyof KubeObject["metadata"]>(into: KubeObject["metadata"], from: KubeObject["metadata"], field: K): void {
  if (from[field] === undefined) delete into[field];
  else into[field] = from[field];
}
