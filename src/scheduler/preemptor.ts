import { pods } from "#api/resources.ts";
import { setCondition } from "#api/conditions.ts";
import type { PodCondition } from "#api/gen/core-v1.ts";
import { isStatus } from "#apimachinery/status.ts";
import type { Clock } from "#base/clock.ts";
import type { Logger } from "#base/log.ts";
import type { Client } from "#client/client.ts";
import type { EventRecorder } from "#client/events.ts";
import type { SchedulerCache } from "./cache.ts";
import type { Nominations } from "./nominations.ts";
import type { PodInfo } from "./pod-info.ts";
import type { PodStatusWriter } from "./pod-status.ts";
import type { Candidate } from "./victims.ts";

export interface PreemptorDeps {
  readonly client: Client;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly log: Logger;
  readonly cache: SchedulerCache;
  readonly nominations: Nominations;
  readonly status: PodStatusWriter;
  /** Tries the pod again soon: its victims could not be removed. */
  readonly retry: (key: string) => void;
}

/** Removes victims in the background, while the pod for which it happens waits. */
export class Preemptor {
  readonly #deps: PreemptorDeps;
  /** Victims whose leaving the cache has not shown yet, by the pod they leave for. */
  readonly #leaving = new Map<string, readonly string[]>();

  constructor(deps: PreemptorDeps) {
    this.#deps = deps;
  }

  /** True until every victim of the pod is seen leaving: it must not preempt a second time before. */
  isBusyFor(uid: string): boolean {
    const victims = this.#leaving.get(uid) ?? [];
    if (victims.some((key) => this.#deps.cache.placed(key)?.isLeaving === false)) return true;
    this.#leaving.delete(uid);
    return false;
  }

  preempt(pod: PodInfo, { node, victims }: Candidate): void {
    const { nominations, status, log } = this.#deps;
    for (const other of nominations.on(node)) {
      if (other.priority >= pod.priority || other.key === pod.key) continue;
      nominations.delete(other.key);
      status.write(other.pod, { nominated: "" });
    }
    const staying = victims.filter((v) => !v.isLeaving);
    if (staying.length === 0) return;
    this.#leaving.set(pod.uid, staying.map((v) => v.key));
    void Promise.all(staying.map((victim) => this.#remove(victim, pod, node))).catch((err: unknown) => {
      log.error({ err, pod: pod.key, node }, "victims could not be removed");
      this.#leaving.delete(pod.uid);
      this.#deps.retry(pod.key);
    });
  }

  async #remove(victim: PodInfo, preemptor: PodInfo, node: string): Promise<void> {
    const { client, clock, events, log } = this.#deps;
    const { metadata, status } = victim.pod;
    const condition: PodCondition = {
      type: "DisruptionTarget", status: "True", reason: "PreemptionByScheduler",
      message: `${preemptor.pod.spec.schedulerName ?? "default-scheduler"}: preempting to accommodate a higher priority pod`,
      ...(metadata.generation !== undefined && { observedGeneration: metadata.generation }),
    };
    const conditions = setCondition(status.conditions, condition, clock.now()).filter((c) => c.type === condition.type);
    const patch = { type: "strategic", body: { metadata: { uid: metadata.uid }, status: { conditions } } } as const;
    try {
      await client.resource(pods).patch(metadata.name, metadata.namespace, patch, { subresource: "status" });
      await client.resource(pods).delete(metadata.name, metadata.namespace, { ...(metadata.uid !== undefined && { preconditions: { uid: metadata.uid } }) });
    } catch (err) {
      if (!isStatus(err, "NotFound", "Conflict")) throw err; // already gone: as wanted
    }
    events.event(victim.pod, "Normal", "Preempted", `Preempted by pod ${preemptor.uid} on node ${node}`);
    log.info({ victim: victim.key, preemptor: preemptor.key, node }, "pod preempted");
  }
}
