/** Why a pod was evicted, in upstream's words. Upstream: pkg/kubelet/eviction/helpers.go evictionMessage */
import { Quantity } from "#apimachinery/quantity.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import type { ContainerUse, PodUse } from "./ranking.ts";
import { meanings, type Observations, type Scarce } from "./signals.ts";
import { quantityOf, type Threshold } from "./thresholds.ts";

export interface EvictionWords {
  /** Evicted where left out. */
  readonly reason?: "Preempting";
  /** Of the condition DisruptionTarget, instead of the pod's. */
  readonly condition?: string;
  readonly message: string;
  /** Of the event. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** @param due the thresholds that are passed @param use undefined when the pod was not measured */
export function evictionWords(resource: Scarce, pod: Pod, due: readonly Threshold[], observations: Observations, use: PodUse | undefined): EvictionWords {
  const heavy = pod.spec.containers.flatMap((container) => {
    const held = heldBy(resource, use?.containers.get(container.name));
    const request = Quantity.parse(container.resources?.requests?.[resource] ?? "0");
    return held !== undefined && held.cmp(request) > 0 ? [{ name: container.name, held: held.toString(), request: request.toString() }] : [];
  });
  const parts = heavy.map(({ name, held, request }) => `Container ${name} was using ${held}, request is ${request}, has larger consumption of ${resource}. `);
  return {
    message: [`The node was low on resource: ${resource}. `, thresholdWords(resource, due, observations), ...parts].join(""),
    annotations: { starved_resource: resource, ...(use && { offending_containers: heavy.map((c) => c.name).join(","), offending_containers_usage: heavy.map((c) => c.held).join(",") }) },
  };
}

function thresholdWords(resource: Scarce, due: readonly Threshold[], observations: Observations): string {
  const threshold = due.find(({ signal }) => meanings[signal].resource === resource);
  const seen = threshold && observations.get(threshold.signal);
  if (threshold === undefined || seen === undefined) return "";
  return `Threshold quantity: ${printed(resource, quantityOf(threshold.least, seen)).toString()}, available: ${printed(resource, seen.available).toString()}. `;
}

function heldBy(resource: Scarce, use: ContainerUse | undefined): Quantity | undefined {
  if (use === undefined || resource === "pids" || resource === "inodes") return undefined;
  return printed(resource, resource === "memory" ? use.memory : use.written.bytes + use.logs.bytes);
}

/** Bytes as `12Mi` where that is exact, counts as `12k`. */
const printed = (resource: Scarce, amount: number): Quantity =>
  Quantity.parse(amount % 1_024 === 0 && (resource === "memory" || resource === "ephemeral-storage") ? `${amount / 1_024}Ki` : String(amount));

/** Of a pod that is not let in. */
export const admissionMessage = (conditions: readonly string[]): string => `The node had condition: [${conditions.join(" ")}]. `;
