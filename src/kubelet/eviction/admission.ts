import type { Pod } from "#api/gen/core-v1.ts";
import { tolerated } from "#api/taints.ts";
import type { Refusal } from "../pods/admission.ts";
import { isCritical, qosOf } from "../resources/resources.ts";
import { admissionMessage } from "./messages.ts";
import type { PressureCondition } from "./signals.ts";

/** Whom a node that runs short lets in: who is critical, and where only memory is short also who asks for some. Upstream: pkg/kubelet/eviction/eviction_manager.go Admit */
export function pressureRefusal(pod: Pod, conditions: readonly PressureCondition[]): Refusal | undefined {
  if (conditions.length === 0 || isCritical(pod)) return undefined;
  const onlyMemory = conditions.every((condition) => condition === "MemoryPressure");
  if (onlyMemory && (qosOf(pod) !== "BestEffort" || tolerated({ key: "node.kubernetes.io/memory-pressure", effect: "NoSchedule" }, pod.spec.tolerations))) return undefined;
  return { reason: "Evicted", message: admissionMessage(conditions) };
}
