import type { Job, JobStatus } from "#api/gen/batch-v1.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { isJobFinished } from "#api/job.ts";
import { isPodReady } from "#api/pod.ts";
import { jobs, pods } from "#api/resources.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import { keyOf } from "#apimachinery/meta.ts";
import { labelSelectorOf } from "#apimachinery/selectors.ts";
import type { Clock } from "#base/clock.ts";
import type { Component } from "#base/component.ts";
import type { Client } from "#client/client.ts";
import type { EventRecorder } from "#client/events.ts";
import type { Informer } from "#client/lister.ts";
import { indexByController, ownerKeys, Ownership } from "../ownership.ts";
import { PodControl, slowStart } from "../pod-control.ts";
import type { Again } from "../reconciler.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import type { Backoff } from "./backoff.ts";
import { isForeign, isTracked, trackingFinalizer } from "./names.ts";
import { scale, type Wanted } from "./scale.ts";
import { endingEvents, started, suspension } from "./status.ts";
import { survey, type Survey } from "./survey.ts";
import { podTemplate } from "./template.ts";
import { count, finished, settle, track, type Tracked } from "./track.ts";
import { completion, deadlineMs, verdictOf, type Verdict } from "./verdict.ts";

/** Runs each Job's pods until enough have succeeded, or too many have failed. Key: the Job. Upstream: pkg/controller/job */
export function jobController(deps: ControllerDeps): Component {
  const all = deps.informers.for(jobs);
  const podCache = deps.informers.for(pods);
  indexByController(podCache);
  const events = deps.events("job-controller");
  return newController(deps, (client) => ({
    sources: [source(jobs, all, (job) => [keyOf(job)]), source(pods, podCache, (pod) => ownerKeys(pod, "Job", all, ({ spec }) => labelSelectorOf(spec.selector)))],
    reconciler: new JobReconciler(client, all, podCache, new PodControl(client, events, jobs), events, deps.clock),
  }));
}

/** What became of a round's pods: how many run now, and when to come again. */
interface Outcome { readonly made: number; readonly removed: readonly Pod[]; readonly failure: unknown; readonly waitMs?: number }

class JobReconciler {
  readonly name = "job";
  readonly #client: Client;
  readonly #jobs: Informer<Job>;
  readonly #pods: Informer<Pod>;
  readonly #ownership: Ownership<Job, Pod>;
  readonly #control: PodControl<Job>;
  readonly #events: EventRecorder;
  readonly #clock: Clock;
  /** By uid of the Job. What is lost with a restart is read from the pods that are left. */
  readonly #backoffs = new Map<string, Backoff>();

  constructor(client: Client, cache: Informer<Job>, podCache: Informer<Pod>, control: PodControl<Job>, events: EventRecorder, clock: Clock) {
    this.#client = client;
    this.#jobs = cache;
    this.#pods = podCache;
    this.#ownership = new Ownership(client, jobs, pods, [trackingFinalizer]);
    this.#control = control;
    this.#events = events;
    this.#clock = clock;
    cache.onChange(({ old, object }) => { if (object === undefined || isJobFinished(object)) this.#backoffs.delete((object ?? old)?.metadata.uid ?? ""); });
  }

  async reconcile(key: string, signal: AbortSignal): Promise<Again | void> {
    const cached = this.#jobs.get(key);
    if (cached?.metadata.uid === undefined || isJobFinished(cached) || isForeign(cached)) return; // its pods' finalizers are the orphans' controller's
    const job = { ...cached, status: started(cached, this.#clock.now()) };
    const seen = survey(job, await this.#ownership.settle(job, labelSelectorOf(job.spec.selector), this.#pods, signal), this.#backoffs.get(cached.metadata.uid));
    const announced = verdictOf(job, seen, this.#clock.now());
    const outcome = announced === undefined ? await this.#scale(job, seen, signal) : await this.#stop(job, seen.active, signal);
    const active = seen.active.length + outcome.made - outcome.removed.length;
    // an end is not announced while pods are left that nobody has told to stop
    const verdict = announced === undefined ? completion(job, seen, active, this.#clock.now()) : active === 0 ? announced : undefined;
    const counted: JobStatus = {
      ...job.status, ...count("active", active), ready: seen.ready - outcome.removed.filter(isPodReady).length, terminating: seen.terminating + outcome.removed.length,
    };
    const status = announced === undefined && verdict === undefined ? suspension(job, counted, this.#clock.now()) : counted;
    await this.#track(cached, seen, track(job, status, seen, verdict), verdict, signal);
    if (outcome.failure !== undefined) throw outcome.failure;
    return this.#again(job, outcome.waitMs);
  }

  async #scale(job: Job, seen: Survey, signal: AbortSignal): Promise<Outcome> {
    if (job.metadata.deletionTimestamp !== undefined) return { made: 0, removed: [], failure: undefined };
    const { create, remove, waitMs } = scale(job, seen, this.#clock.now());
    if (remove.length > 0) return this.#remove(remove, async (pod) => {
      if (isTracked(pod)) await this.#control.dropFinalizer(pod, trackingFinalizer, signal);
      await this.#control.delete(job, pod, signal);
    });
    const { done, failure } = await this.#create(job, create, signal);
    return { made: done, removed: [], failure, ...(waitMs !== undefined && { waitMs }) };
  }

  async #create(job: Job, wanted: readonly Wanted[], signal: AbortSignal): Promise<{ readonly done: number; readonly failure: unknown }> {
    const left = [...wanted];
    return slowStart(wanted.length, async () => {
      const { template, generateName } = podTemplate(job, left.shift() ?? {});
      await this.#control.create(job, template, signal, generateName);
    });
  }

  /** Their finalizers stay: they are still to be counted. */
  #stop(job: Job, active: readonly Pod[], signal: AbortSignal): Promise<Outcome> {
    return this.#remove(active, (pod) => this.#control.delete(job, pod, signal));
  }

  async #remove(list: readonly Pod[], work: (pod: Pod) => Promise<void>): Promise<Outcome> {
    const results = await Promise.allSettled(list.map(work));
    const failed = results.find((result) => result.status === "rejected");
    return { made: 0, removed: list.filter((_, i) => results[i]?.status === "fulfilled"), failure: failed?.reason };
  }

  /** Names the pods that have ended, lets them go, and counts them: an interruption anywhere is made good by the next round. */
  async #track(cached: Job, seen: Survey, { status, release, full }: Tracked, verdict: Verdict | undefined, signal: AbortSignal): Promise<void> {
    const written = await this.#write(cached, status, signal);
    this.#tellSuspension(cached, written);
    this.#backoffs.set(cached.metadata.uid ?? "", seen.backoff);
    const { removed, failure } = await this.#remove(release, (pod) => this.#control.dropFinalizer(pod, trackingFinalizer, signal));
    const held = new Set(seen.pods.filter((pod) => isTracked(pod) && !removed.includes(pod)).map(({ metadata }) => metadata.uid ?? ""));
    const settled = settle(status, held);
    const end = verdict === undefined || full ? undefined : finished(settled, verdict, this.#clock.now());
    const ended = await this.#write(written, end ?? settled, signal);
    if (end !== undefined) for (const { type, reason, message } of endingEvents(ended)) this.#events.event(ended, type, reason, message);
    if (failure !== undefined) throw failure;
  }

  async #write(job: Job, status: JobStatus, signal: AbortSignal): Promise<Job> {
    if (semanticEqual(status, job.status)) return job;
    return this.#client.resource(jobs).update({ ...job, status }, { subresource: "status", signal });
  }

  #tellSuspension(old: Job, next: Job): void {
    const was = old.status.conditions?.find(({ type }) => type === "Suspended")?.status === "True";
    const is = next.status.conditions?.find(({ type }) => type === "Suspended")?.status === "True";
    if (was !== is) this.#events.event(next, "Normal", is ? "Suspended" : "Resumed", is ? "Job suspended" : "Job resumed");
  }

  /** A deadline that has passed is no reason to come again: the pods' end is. */
  #again(job: Job, waitMs: number | undefined): Again | undefined {
    const waits = [waitMs ?? 0, deadlineMs(job, this.#clock.now()) ?? 0].filter((ms) => ms > 0);
    return waits.length > 0 ? { afterMs: Math.min(...waits) } : undefined;
  }
}
