/** Conditions of any kind: one entry per type. Upstream: apimachinery/pkg/api/meta/conditions.go */
import { timestamp } from "#apimachinery/time.ts";

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

/** The condition of this type, if the object has it. */
export const getCondition = <C extends Condition>(conditions: readonly C[] | undefined, type: string): C | undefined => conditions?.find((c) => c.type === type);

/** Whether a condition of this type is "True". */
export const isTrue = (conditions: readonly Condition[] | undefined, type: string): boolean => getCondition(conditions, type)?.status === "True";

/**
 * A new list in which `next` stands for its type, in its old place. `lastTransitionTime` moves only with the status.
 * @param now milliseconds since 1970
 */
export function setCondition<C extends Condition>(conditions: readonly C[] | undefined, next: C, now: number): C[] {
  const list = [...(conditions ?? [])];
  const at = list.findIndex((c) => c.type === next.type);
  const old = list[at];
  const kept = old?.status === next.status ? old.lastTransitionTime : undefined;
  const entry = { ...next, lastTransitionTime: kept ?? next.lastTransitionTime ?? timestamp(now) };
  if (at < 0) return [...list, entry];
  list[at] = entry;
  return list;
}
