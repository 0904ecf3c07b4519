import type { Pod } from "#api/gen/core-v1.ts";
import type { Clock } from "#base/clock.ts";
import type { Logger } from "#base/log.ts";
import type { Refusal } from "../pods/admission.ts";
import { uidOf } from "../names.ts";
import { podsByGroup, shutdownGrace, shutdownGroups } from "./shutdown-rules.ts";
import type { KubeletSettings } from "../settings/settings.ts";

const pollMs = 100;
/** What the last words of the pods have to reach the API server. */
const lastWordsMs = 5_000;

export interface ShutdownDeps {
  readonly settings: KubeletSettings;
  readonly pods: () => readonly Pod[];
  readonly isOver: (uid: string) => boolean;
  readonly end: (uid: string, message: string, graceSeconds: number) => void;
  /** Resolves when what is known of a pod has been told. */
  readonly told: (uid: string) => Promise<void>;
  /** The node is not ready any more. */
  readonly changed: () => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The orderly end of a node: nobody is let in any more, and those who are here end group by group. Upstream: pkg/kubelet/nodeshutdown */
export class NodeShutdown {
  readonly #deps: ShutdownDeps;
  #begun = false;

  constructor(deps: ShutdownDeps) {
    this.#deps = deps;
  }

  /** Why the node is not ready; undefined while it is not going down. */
  get why(): string | undefined {
    return this.#begun ? "node is shutting down" : undefined;
  }

  get refusal(): Refusal | undefined {
    return this.#begun ? { reason: "NodeShutdown", message: "Pod was rejected as the node is shutting down." } : undefined;
  }

  /** Resolves when all have ended, or their time is over. Does nothing where nobody has asked for it in the settings. */
  async run(): Promise<void> {
    const { settings, pods, clock, log, changed, told } = this.#deps;
    const groups = shutdownGroups(settings);
    if (groups.length === 0 || this.#begun) return;
    this.#begun = true;
    changed();
    const here = pods();
    log.info({ pods: here.length }, "the node goes down, its pods end");
    for (const group of podsByGroup(here, groups)) await this.#endAll(group.pods, group.seconds);
    const patience = AbortSignal.timeout(lastWordsMs);
    await Promise.race([Promise.all(here.map((pod) => told(uidOf(pod)))), clock.sleep(lastWordsMs, patience).catch(() => {})]);
  }

  async #endAll(pods: readonly Pod[], seconds: number): Promise<void> {
    const { end, isOver, clock } = this.#deps;
    for (const pod of pods) end(uidOf(pod), "Pod was terminated in response to imminent node shutdown.", shutdownGrace(pod, seconds));
    const until = clock.now() + seconds * 1_000;
    while (clock.now() < until && !pods.every((pod) => isOver(uidOf(pod)))) await clock.sleep(pollMs, new AbortController().signal);
  }
}
