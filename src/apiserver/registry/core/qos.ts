import type { Pod, ResourceRequirements } from "#api/gen/core-v1.ts";
import { quantityOf } from "../common/checks.ts";

type QosClass = NonNullable<Pod["status"]["qosClass"]>;
const counted = ["cpu", "memory"] as const;

/** From requests and limits of cpu and memory alone; limits have become requests before. Upstream: pkg/apis/core/helper/qos ComputePodQOS */
export function qosClass({ spec }: Pod): QosClass {
  const holders = spec.resources === undefined ? [...(spec.initContainers ?? []), ...spec.containers] : [spec];
  const asks = ({ resources }: { readonly resources?: ResourceRequirements }, list: "requests" | "limits", name: string): boolean =>
    (quantityOf(resources?.[list]?.[name])?.sign ?? 0) > 0;
  if (!holders.some((holder) => counted.some((name) => asks(holder, "requests", name) || asks(holder, "limits", name)))) return "BestEffort";
  const full = holders.every((holder) => counted.every((name) => {
    const limit = quantityOf(holder.resources?.limits?.[name]);
    return asks(holder, "limits", name) && limit !== undefined && quantityOf(holder.resources?.requests?.[name])?.cmp(limit) === 0;
  }));
  return full ? "Guaranteed" : "Burstable";
}
