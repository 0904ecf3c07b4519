/** How objects are counted for quotas. Upstream: apiserver/pkg/quota/v1/interfaces.go Evaluator */
import type { ScopedResourceSelectorRequirement } from "../gen/core-v1.ts";
import type { ResourceList } from "../resource-list.ts";
import type { GroupResource, KubeObject } from "#apimachinery/meta.ts";

/** How objects of one resource are counted. Pure. */
export interface Evaluator<T extends KubeObject = KubeObject> {
  readonly resource: GroupResource;
  /** Whether it gives an amount for this name in a quota. */
  counts(name: string): boolean;
  /** @param now milliseconds since 1970 */
  usage(object: T, now: number): ResourceList;
  inScope(requirement: ScopedResourceSelectorRequirement, object: T): boolean;
  /** What an object must say because one of these resources is counted; undefined when it says enough. */
  unsaid?(names: readonly string[], object: T): string | undefined;
  /** An update of the object may cost more, by this subresource (empty: of the object itself). */
  chargesUpdate?(subresource: string): boolean;
}
