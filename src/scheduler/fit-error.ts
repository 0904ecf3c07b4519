import type { Rejection } from "./framework.ts";

export interface FitError {
  readonly nodes: number;
  /** What `preFilter` said, for all nodes at once. */
  readonly preFilter?: Rejection | undefined;
  readonly rejections: ReadonlyMap<string, Rejection>;
  /** For each node that is not among `rejections`. */
  readonly others?: Rejection | undefined;
  readonly postFilter?: string;
}

/** `0/3 nodes are available: 1 Insufficient cpu, 2 …` in upstream's words and order. Upstream: pkg/scheduler/framework/types.go FitError */
export function fitErrorMessage({ nodes, preFilter, rejections, others, postFilter = "" }: FitError): string {
  const parts = [`0/${nodes} nodes are available:`];
  if (preFilter !== undefined) parts.push(`${preFilter.reasons.join(", ")}.`);
  else {
    const counted = countReasons(nodes, rejections, others);
    if (counted.length > 0) parts.push(`${counted.join(", ")}.`);
  }
  if (postFilter !== "") parts.push(postFilter);
  return parts.join(" ");
}

function countReasons(nodes: number, rejections: ReadonlyMap<string, Rejection>, others: Rejection | undefined): string[] {
  const counts = new Map<string, number>();
  const count = (rejection: Rejection, times: number): void => {
    for (const reason of rejection.reasons) counts.set(reason, (counts.get(reason) ?? 0) + times);
  };
  for (const rejection of rejections.values()) count(rejection, 1);
  if (others !== undefined && nodes > rejections.size) count(others, nodes - rejections.size);
  return [...counts].map(([reason, times]) => `${times} ${reason}`).sort();
}
