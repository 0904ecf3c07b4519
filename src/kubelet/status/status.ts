/** Brings the pods' statuses to the API server: the newest one of each pod, as soon as it changes. Upstream: pkg/kubelet/status/status_manager.go */
import { isStatus } from "#apimachinery/status.ts";
import type { Pod, PodStatus } from "#api/gen/core-v1.ts";
import { pods } from "#api/resources.ts";
import type { Clock } from "#base/clock.ts";
import type { Logger } from "#base/log.ts";
import type { Client } from "#client/client.ts";
import { formatPod, namespaceOf, uidOf } from "../names.ts";
import type { KubeletMetrics } from "../metrics.ts";
import { statusPatch } from "./status-patch.ts";

interface Entry {
  pod: Pod;
  status: PodStatus;
  said: PodStatus;
  revision: number;
  pushing: Promise<void> | undefined;
}

const firstRetryMs = 200;
const maxRetryMs = 10_000;

export class StatusManager {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #signal: AbortSignal;
  readonly #metrics: Pick<KubeletMetrics, "statusSaid">;
  readonly #entries = new Map<string, Entry>();
  /** The API objects that show static pods, by those pods' uids. */
  readonly #mirrors = new Map<string, Pod | undefined>();

  constructor({ client, clock, log, signal, metrics }: { readonly client: Client; readonly clock: Clock; readonly log: Logger; readonly signal: AbortSignal; readonly metrics: Pick<KubeletMetrics, "statusSaid"> }) {
    this.#client = client;
    this.#clock = clock;
    this.#log = log;
    this.#signal = signal;
    this.#metrics = metrics;
  }

  /** The newest status that was set, else what the API server said. */
  get(pod: Pod): PodStatus {
    return this.#entries.get(uidOf(pod))?.status ?? pod.status;
  }

  /** Says that a pod is none of the API server's, and by what it is shown there: its statuses wait until there is a mirror, and go to that. */
  showBy(uid: string, mirror: Pod | undefined): void {
    this.#mirrors.set(uid, mirror);
    const entry = this.#entries.get(uid);
    if (entry === undefined || mirror === undefined || entry.pushing !== undefined || Number(mirror.metadata.resourceVersion ?? 0) < entry.revision) return;
    entry.said = mirror.status;
    this.#pushIfNew(entry);
  }

  /** The API server has no such pod, at most a mirror of it. */
  isStatic(uid: string): boolean {
    return this.#mirrors.has(uid);
  }

  /** Remembers a status and sends it when it says something new. Never waits. @param pod as the API server has it */
  set(pod: Pod, status: PodStatus): void {
    const said = this.#objectOf(pod)?.status ?? pod.status;
    const entry = this.#entries.get(uidOf(pod)) ?? { pod, status: pod.status, said, revision: 0, pushing: undefined };
    this.#entries.set(uidOf(pod), entry);
    entry.pod = pod;
    entry.status = status;
    this.#pushIfNew(entry);
  }

  /** The API server has this version of a pod: when somebody else has overwritten what was said, it is said again. Upstream: needsReconcile */
  observe(pod: Pod): void {
    const entry = this.#entries.get(uidOf(pod));
    if (
      entry === undefined ||
      this.isStatic(uidOf(pod)) ||
      entry.pushing !== undefined ||
      Number(pod.metadata.resourceVersion ?? 0) < entry.revision ||
      verdicts(pod.status) === verdicts(entry.said)
    )
      return;
    entry.pod = pod;
    entry.said = pod.status;
    this.#pushIfNew(entry);
  }

  /** Resolves when what was set for the pod has been said or cannot be said any more. */
  async flush(uid: string): Promise<void> {
    await this.#entries.get(uid)?.pushing;
  }

  /** Removes the API object of a pod that is being deleted and of which nothing is left on this node. Rejects when the server cannot be asked. */
  async finish(pod: Pod): Promise<void> {
    await this.flush(uidOf(pod));
    try {
      await this.#client
        .resource(pods)
        .delete(pod.metadata.name, namespaceOf(pod), { gracePeriodSeconds: 0, preconditions: { uid: uidOf(pod) }, signal: this.#signal });
    } catch (err) {
      if (!isStatus(err, "NotFound", "Conflict")) throw err;
    }
  }

  forget(uid: string): void {
    this.#entries.delete(uid);
    this.#mirrors.delete(uid);
  }

  /** What the API server has of a pod: itself, or its mirror. */
  #objectOf(pod: Pod): Pod | undefined {
    return this.isStatic(uidOf(pod)) ? this.#mirrors.get(uidOf(pod)) : pod;
  }

  #pushIfNew(entry: Entry): void {
    const object = this.#objectOf(entry.pod);
    if (object !== undefined && statusPatch(uidOf(object), entry.said, entry.status) !== undefined)
      entry.pushing ??= this.#push(entry).finally(() => {
        entry.pushing = undefined;
      });
  }

  async #push(entry: Entry): Promise<void> {
    let retryMs = firstRetryMs;
    let changedAt = this.#clock.now();
    while (!this.#signal.aborted) {
      const { pod, status, said } = entry;
      const object = this.#objectOf(pod);
      const body = object === undefined ? undefined : statusPatch(uidOf(object), said, status);
      if (body === undefined) return;
      try {
        const { metadata } = await this.#client
          .resource(pods)
          .patch(pod.metadata.name, namespaceOf(pod), { type: "strategic", body }, { subresource: "status", signal: this.#signal });
        this.#metrics.statusSaid(changedAt);
        changedAt = this.#clock.now(); // whatever has changed meanwhile is next
        entry.said = status;
        entry.revision = Number(metadata.resourceVersion ?? 0);
        retryMs = firstRetryMs;
      } catch (err) {
        if (isStatus(err, "NotFound", "Conflict")) return; // gone, or another pod of the same name by now
        if (this.#signal.aborted) return;
        this.#log.warn({ err, pod: formatPod(pod) }, "pod status not accepted, trying again");
        await this.#clock.sleep(retryMs, this.#signal).catch(() => {});
        retryMs = Math.min(retryMs * 2, maxRetryMs);
      }
    }
  }
}

/** What nobody but the kubelet decides. */
const verdicts = (status: PodStatus): string =>
  [status.phase, ...["Ready", "ContainersReady", "Initialized"].map((type) => status.conditions?.find((c) => c.type === type)?.status)].join(" ");
