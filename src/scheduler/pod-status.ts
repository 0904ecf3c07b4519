import { getCondition, setCondition } from "#api/conditions.ts";
import type { Pod, PodCondition } from "#api/gen/core-v1.ts";
import { pods } from "#api/resources.ts";
import { keyOf } from "#apimachinery/meta.ts";
import { isStatus } from "#apimachinery/status.ts";
import type { Clock } from "#base/clock.ts";
import type { Logger } from "#base/log.ts";
import type { Client } from "#client/client.ts";

export interface PodStatusChange {
  /** Why the pod is not scheduled. */
  readonly unscheduled?: { readonly reason: "Unschedulable" | "SchedulerError"; readonly message: string };
  /** "" takes a nomination back. */
  readonly nominated?: string | undefined;
}

/** Writes what the scheduler says of a pod into its status, in the background; what is there already is not written again. */
export class PodStatusWriter {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #log: Logger;

  constructor(client: Client, clock: Clock, log: Logger) {
    this.#client = client;
    this.#clock = clock;
    this.#log = log;
  }

  write(pod: Pod, change: PodStatusChange): void {
    const status = { ...this.#conditions(pod, change), ...nomination(pod, change) };
    if (Object.keys(status).length === 0) return;
    const { name, namespace, uid } = pod.metadata;
    void this.#client.resource(pods).patch(name, namespace, { type: "strategic", body: { metadata: { uid }, status } }, { subresource: "status" }).catch((err: unknown) => {
      if (!isStatus(err, "NotFound", "Conflict")) this.#log.warn({ err, pod: keyOf(pod) }, "pod status was not written");
    });
  }

  #conditions({ metadata, status }: Pod, { unscheduled }: PodStatusChange): { readonly conditions?: readonly PodCondition[] } {
    if (unscheduled === undefined) return {};
    const old = getCondition(status.conditions, "PodScheduled");
    if (old?.status === "False" && old.reason === unscheduled.reason && old.message === unscheduled.message && old.observedGeneration === metadata.generation) return {};
    const condition: PodCondition = { type: "PodScheduled", status: "False", ...unscheduled, ...(metadata.generation !== undefined && { observedGeneration: metadata.generation }) };
    return { conditions: setCondition(old === undefined ? [] : [old], condition, this.#clock.now()) };
  }
}

function nomination({ status }: Pod, { nominated }: PodStatusChange): { readonly nominatedNodeName?: string | null } {
  if (nominated === undefined || nominated === (status.nominatedNodeName ?? "")) return {};
  return { nominatedNodeName: nominated === "" ? null : nominated };
}
