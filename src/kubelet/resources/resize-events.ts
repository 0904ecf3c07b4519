/** What is told of a resize. Upstream: pkg/kubelet/events/resize.go */
import { Quantity } from "#apimachinery/quantity.ts";
import type { Container, Pod, ResourceRequirements } from "#api/gen/core-v1.ts";
import type { Allocation, Decision } from "./allocation.ts";
import { about } from "../names.ts";
import type { PodContext } from "../pods/pod-context.ts";
import type { PodRuntime } from "../runtime/pod-runtime.ts";

type Told = Pick<PodContext, "events">;

/** Says that a resize begins, or why it does not. */
export function tellDecision({ events }: Told, pod: Pod, allocation: Allocation, decision: Decision): void {
  const { pending } = allocation;
  if (decision === "given") events.event(about(pod), "Normal", "ResizeStarted", resizeMessage("started", pod, generationOf(pod)));
  if (decision === "refused" && pending !== undefined)
    events.event(about(pod), "Warning", `Resize${pending.reason}`, resizeMessage(pending.reason, pod, generationOf(pod), pending.message));
}

/** Says that a resize has come to its end, once. @param pod as it was given */
export function tellCompleted({ events }: Told, pod: Pod, allocation: Allocation, runtime: PodRuntime): void {
  const { underway } = allocation;
  if (underway === undefined || allocation.isUnder(pod, runtime)) return;
  allocation.underway = undefined;
  allocation.error = undefined;
  events.event(about(pod), "Normal", "ResizeCompleted", resizeMessage("completed", pod, underway));
}

/** Says what went wrong, when it is news. @param pod as it was given */
export function tellError({ events }: Told, pod: Pod, allocation: Allocation, error: string): void {
  if (allocation.error === error) return;
  allocation.error = error;
  events.event(about(pod), "Warning", "ResizeError", resizeMessage("error", pod, allocation.underway ?? generationOf(pod), error));
}

/** `Pod resize started: {"containers":[…],"generation":2}`; what the pod itself has is not in it, as upstream. */
export function resizeMessage(what: string, { spec }: Pod, generation: number, error?: string): string {
  const each = (containers: readonly Container[] = []): unknown[] => containers.map(({ name, resources }) => ({ name, resources: printed(resources) }));
  const inits = each(spec.initContainers);
  const summary = { ...(inits.length > 0 && { initContainers: inits }), containers: each(spec.containers), generation, ...(error !== undefined && error !== "" && { error }) };
  return `Pod resize ${what}: ${JSON.stringify(summary)}`;
}

const generationOf = (pod: Pod): number => pod.metadata.generation ?? 0;

function printed({ limits, requests }: ResourceRequirements = {}): ResourceRequirements {
  const list = (amounts: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(amounts).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, text]) => [name, Quantity.parse(text).toString()]));
  return { ...(limits !== undefined && { limits: list(limits) }), ...(requests !== undefined && { requests: list(requests) }) };
}
