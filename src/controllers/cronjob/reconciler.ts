import type { CronJob, CronJobStatus, Job } from "#api/gen/batch-v1.ts";
import type { ObjectReference } from "#api/gen/core-v1.ts";
import { cronJobs, jobs } from "#api/resources.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import { controllerOf, keyOf } from "#apimachinery/meta.ts";
import { isStatus } from "#apimachinery/status.ts";
import { timestamp } from "#apimachinery/time.ts";
import type { Clock } from "#base/clock.ts";
import type { Component } from "#base/component.ts";
import { messageOf } from "#base/error-message.ts";
import type { Client } from "#client/client.ts";
import type { EventRecorder } from "#client/events.ts";
import type { Informer } from "#client/lister.ts";
import { ignore } from "../ignore.ts";
import type { Again } from "../reconciler.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { jobOf } from "./job.ts";
import type { Told } from "../told.ts";
import { decide, forgotten, keepBooks } from "./plan.ts";

/** No CronJob sleeps longer: when the machine's clock is set, its runs follow within this time. */
const longestSleepMs = 60_000;

/** Makes Jobs when their time has come. Key: the CronJob. Upstream: pkg/controller/cronjob */
export function cronJobController(deps: ControllerDeps): Component {
  const all = deps.informers.for(cronJobs);
  const children = deps.informers.for(jobs);
  children.addIndex("controller", (job) => [controllerOf(job)?.uid ?? "none"]);
  const events = deps.events("cronjob-controller");
  return newController(deps, (client) => ({
    sources: [source(cronJobs, all, (cronJob) => [keyOf(cronJob)]), source(jobs, children, ownersOf)],
    reconciler: new CronJobReconciler(client, all, children, events, deps.clock),
  }));
}

function ownersOf(job: Job): string[] {
  const owner = controllerOf(job);
  return owner?.kind === "CronJob" ? [`${job.metadata.namespace ?? ""}/${owner.name}`] : [];
}

class CronJobReconciler {
  readonly name = "cronjob";
  readonly #client: Client;
  readonly #cronJobs: Informer<CronJob>;
  readonly #jobs: Informer<Job>;
  readonly #events: EventRecorder;
  readonly #clock: Clock;
  /** What was said last of each CronJob's schedule, by uid: it is not said again while nothing changes. */
  readonly #said = new Map<string, string>();

  constructor(client: Client, cache: Informer<CronJob>, children: Informer<Job>, events: EventRecorder, clock: Clock) {
    this.#client = client;
    this.#cronJobs = cache;
    this.#jobs = children;
    this.#events = events;
    this.#clock = clock;
    cache.onChange(({ old, object }) => { if (object === undefined) this.#said.delete(old?.metadata.uid ?? ""); });
  }

  async reconcile(key: string, signal: AbortSignal): Promise<Again | void> {
    const cached = this.#cronJobs.get(key);
    if (cached?.metadata.uid === undefined) return; // deleted meanwhile: its Jobs go by garbage collection
    const children = this.#jobs.by("controller", cached.metadata.uid);
    const { status, told } = keepBooks(cached, children, await this.#gone(cached, children, signal));
    for (const event of told) this.#tell(cached, event);
    const cronJob = { ...cached, status };
    const now = this.#clock.now();
    const decision = decide(cronJob, now);
    this.#tellOnce(cronJob, decision.told);
    try {
      const next = decision.start === undefined ? status : await this.#start(cronJob, decision.start, signal);
      await this.#report(cached, next, signal);
    } catch (err) {
      await this.#report(cached, status, signal);
      throw err;
    }
    for (const job of forgotten(cronJob, children)) await this.#remove(cronJob, job.metadata.name, signal);
    return decision.againMs === undefined ? undefined : { afterMs: Math.min(decision.againMs, longestSleepMs) };
  }

  /** Active Jobs that the cache does not show and the server does not know. */
  async #gone({ metadata, status }: CronJob, children: readonly Job[], signal: AbortSignal): Promise<ReadonlySet<string>> {
    const gone = new Set<string>();
    for (const { name = "", uid } of status.active ?? []) {
      if (children.some((job) => job.metadata.uid === uid)) continue;
      const found = await this.#client.resource(jobs).get(name, metadata.namespace, signal).catch(ignore("NotFound"));
      if (found?.metadata.uid !== uid) gone.add(name);
    }
    return gone;
  }

  /** Returns the status with the new Job in it. One that is there already was made before an interruption, and is taken as made now. */
  async #start(cronJob: CronJob, at: number, signal: AbortSignal): Promise<CronJobStatus> {
    let { active = [] } = cronJob.status;
    if (cronJob.spec.concurrencyPolicy === "Replace") {
      for (const { name = "" } of active) await this.#remove(cronJob, name, signal);
      active = [];
    }
    const job = await this.#create(cronJob, jobOf(cronJob, at), signal);
    if (job === undefined) return cronJob.status;
    return { ...cronJob.status, active: [...active, referenceTo(job)], lastScheduleTime: timestamp(at) };
  }

  async #create(cronJob: CronJob, wanted: Job, signal: AbortSignal): Promise<Job | undefined> {
    try {
      const job = await this.#client.resource(jobs).create(wanted, { signal });
      this.#tell(cronJob, { type: "Normal", reason: "SuccessfulCreate", message: `Created job ${job.metadata.name}` });
      return job;
    } catch (err) {
      if (isStatus(err, "AlreadyExists")) {
        const found = await this.#client.resource(jobs).get(wanted.metadata.name, wanted.metadata.namespace, signal);
        return controllerOf(found)?.uid === cronJob.metadata.uid ? found : undefined;
      }
      const terminating = isStatus(err, "Forbidden") && err.details?.causes?.some(({ reason }) => reason === "NamespaceTerminating") === true;
      if (!signal.aborted && !terminating) this.#tell(cronJob, { type: "Warning", reason: "FailedCreate", message: `Error creating job: ${messageOf(err)}` });
      throw err;
    }
  }

  async #remove(cronJob: CronJob, name: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#client.resource(jobs).delete(name, cronJob.metadata.namespace, { propagationPolicy: "Background", signal });
      this.#tell(cronJob, { type: "Normal", reason: "SuccessfulDelete", message: `Deleted job ${name}` });
    } catch (err) {
      if (isStatus(err, "NotFound")) return;
      if (!signal.aborted) this.#tell(cronJob, { type: "Warning", reason: "FailedDelete", message: `Deleted job: ${messageOf(err)}` });
      throw err;
    }
  }

  async #report(cached: CronJob, status: CronJobStatus, signal: AbortSignal): Promise<void> {
    if (!semanticEqual(status, cached.status)) await this.#client.resource(cronJobs).update({ ...cached, status }, { subresource: "status", signal });
  }

  #tellOnce(cronJob: CronJob, told: readonly Told[]): void {
    const uid = cronJob.metadata.uid ?? "";
    const text = JSON.stringify([cronJob.spec.schedule, cronJob.spec.timeZone, told]);
    if (told.length > 0 && this.#said.get(uid) !== text) for (const event of told) this.#tell(cronJob, event);
    this.#said.set(uid, text);
  }

  #tell(cronJob: CronJob, { type, reason, message }: Told): void {
    this.#events.event(cronJob, type, reason, message);
  }
}

const referenceTo = ({ metadata: { namespace, name, uid, resourceVersion } }: Job): ObjectReference =>
  ({ apiVersion: "batch/v1", kind: "Job", name, ...(namespace !== undefined && { namespace }), ...(uid !== undefined && { uid }), ...(resourceVersion !== undefined && { resourceVersion }) });
