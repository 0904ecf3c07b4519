import type { Pod } from "#api/gen/core-v1.ts";
import { isTerminal } from "#api/pod.ts";

/** None of its containers runs or ever will. Upstream: isPodDone */
export const isDone = (pod: Pod): boolean => isTerminal(pod) || (pod.metadata.deletionTimestamp !== undefined && (pod.spec.nodeName ?? "") === "");
