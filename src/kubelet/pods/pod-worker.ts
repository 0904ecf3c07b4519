import type { Pod } from "#api/gen/core-v1.ts";
import { isDeepStrictEqual } from "node:util";
import { isTerminalPhase } from "#api/pod.ts";
import { timestamp } from "#apimachinery/time.ts";
import { messageOf } from "#base/error-message.ts";
import type { Refusal } from "./admission.ts";
import { Allocation } from "../resources/allocation.ts";
import type { EvictionWords } from "../eviction/messages.ts";
import { graceOf, killPod, stopSandboxes } from "../containers/container-killer.ts";
import type { StartFailure } from "../status/container-statuses.ts";
import { removeAll } from "../runtime/gc.ts";
import { about, formatPod, uidOf } from "../names.ts";
import type { PodContext } from "./pod-context.ts";
import { next, type Event, type Phase } from "./pod-phases.ts";
import { publishStatus } from "../status/publish-status.ts";
import { tellCompleted, tellDecision } from "../resources/resize-events.ts";
import { Signalled } from "../signalled.ts";
import { syncPod } from "./sync-pod.ts";

const firstRetryMs = 500;
const maxRetryMs = 10_000;
/** Changes of ConfigMaps, Secrets and the pod's own labels reach its volumes within this. Upstream: syncFrequency, 1 min */
const resyncMs = 45_000;
const resyncJitterMs = 15_000;

/** Pods are let in one after another, in the order in which they were handed to the kubelet: else one that does not run yet could take the place of one that does. */
export interface Turn {
  /** Everybody before has been let in or not. */
  readonly come: Promise<void>;
  /** To be called once this pod has been; repeatable. */
  done(): void;
}

/** Why the kubelet has given a pod up. */
interface Failure {
  readonly reason: string;
  readonly message: string;
  /** Instead of the pod's own. */
  readonly graceSeconds?: number;
  /** Of the condition DisruptionTarget, instead of the same. */
  readonly condition?: string;
}

/** One pod from its binding to its end: one step at a time, each from what is, woken by what happens. */
export class PodWorker {
  readonly #ctx: PodContext;
  readonly #wake = new Signalled();
  readonly #failures = new Map<string, StartFailure>();
  readonly #allocation: Allocation;
  readonly #turn: Turn;
  #pod: Pod;
  #phase: Phase = "syncing";
  #failed: Failure | undefined;
  #admitted = false;
  /** True when the API server has the pod no more. */
  #gone = false;
  /** True when this node has nothing of it any more, either. */
  #removed = false;
  #retryMs = firstRetryMs;
  /** When a pod that does not run yet was first seen. */
  #awaitedSince: number | undefined;
  /** Of the step that runs; aborted when the step is overtaken. */
  #step = new AbortController();

  /** @param turn of this pod to be let in */
  constructor(ctx: PodContext, pod: Pod, turn: Turn) {
    this.#ctx = ctx;
    this.#turn = turn;
    this.#pod = pod;
    if (pod.status.phase === undefined || pod.status.phase === "Pending") this.#awaitedSince = ctx.clock.now();
    this.#allocation = new Allocation(pod);
  }

  get pod(): Pod {
    return this.#pod;
  }
  /** The pod with the resources that it was given, whatever its spec asks for by now. */
  get given(): Pod {
    return this.#allocation.given(this.#pod);
  }
  get phase(): Phase {
    return this.#phase;
  }
  /** True for a pod whose containers count against the node's resources. */
  get admitted(): boolean {
    return this.#admitted && this.#failed === undefined;
  }

  /** The API server has another version of the pod. */
  update(pod: Pod): void {
    const old = this.#pod;
    this.#pod = pod;
    this.#ctx.statuses.observe(pod);
    const asks = ({ metadata, spec }: Pod): unknown[] => [metadata.labels, metadata.annotations, spec];
    if (!isDeepStrictEqual(asks(old), asks(pod)))
      for (const [name, { reason, message }] of this.#failures) this.#failures.set(name, { reason, message });
    if (pod.metadata.deletionTimestamp === undefined) return this.#on("changed");
    if (this.#phase === "terminating" && graceOf(pod) < graceOf(old)) this.#step.abort(); // less time than before
    this.#on("deleted");
  }

  /** The API server has the pod no more: what is left of it must go, and fast. */
  remove(): void {
    this.#gone = true;
    const metadata = { ...this.#pod.metadata, deletionTimestamp: this.#pod.metadata.deletionTimestamp ?? timestamp(this.#ctx.clock.now()) };
    this.#pod = { ...this.#pod, metadata };
    this.#on("deleted");
  }

  /** Something about the pod's containers has changed. */
  poke(): void {
    this.#tell();
    this.#wake.set();
  }

  /** True while the spec asks for other resources than the pod was given. */
  get wantsResize(): boolean {
    return this.admitted && this.#phase === "syncing" && this.#allocation.wants(this.#pod);
  }
  /** Since when a resize is put off, in milliseconds since 1970. */
  get since(): number | undefined {
    return this.#allocation.pending?.since;
  }

  /** Gives the pod what its spec asks for, or says why not. */
  decideResize(): void {
    const decision = this.#allocation.decide(this.#pod, (pod) => this.#ctx.refusesResize(pod), this.#ctx.clock.now());
    tellDecision(this.#ctx, this.#pod, this.#allocation, decision);
    if (decision !== undefined) this.poke();
  }

  /** The pod must leave this node, for this reason. */
  evict({ reason, message, annotations, condition = message }: EvictionWords, graceSeconds: number): void {
    if (this.#phase === "syncing") this.#fail({ reason: reason ?? "Evicted", message, graceSeconds, condition }, "Warning", message, annotations);
  }

  /** The node goes down, and the pod with it. */
  shutDown(message: string, graceSeconds: number): void {
    if (this.#phase !== "syncing") return;
    this.#failed = { reason: "Terminated", message, graceSeconds };
    this.#on("failed");
  }

  #tell(): void {
    this.#publish().catch((err: unknown) => this.#ctx.log.warn({ err: messageOf(err), pod: formatPod(this.#pod) }, "pod status not computed"));
  }

  /** Ends when nothing of the pod is left to do here, or `signal` aborts (then its containers run on). */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.#removed) {
      this.#step = new AbortController();
      if (this.#phase !== "syncing") this.#turn.done();
      const again = await this.#tryStep(AbortSignal.any([signal, this.#step.signal]));
      this.#turn.done();
      if (!this.#removed) await this.#wake.waitUntil(again, this.#ctx.clock, signal);
    }
  }

  #on(event: Event): void {
    const phase = next[this.#phase][event];
    if (phase !== this.#phase && this.#phase === "syncing") this.#step.abort();
    this.#phase = phase;
    this.#wake.set();
  }

  async #tryStep(signal: AbortSignal): Promise<number | undefined> {
    try {
      const again = await this.#ctx.metrics.step(this.#operation(), () => this.#stepOf[this.#phase](signal));
      this.#retryMs = firstRetryMs;
      return again;
    } catch (err) {
      if (signal.aborted) return this.#ctx.clock.now();
      this.#ctx.log.warn({ err: messageOf(err), pod: formatPod(this.#pod), phase: this.#phase }, "pod step failed, trying again");
      const wait = this.#retryMs;
      this.#retryMs = Math.min(wait * 2, maxRetryMs);
      this.#tell();
      await this.#ctx.clock.sleep(wait, signal).catch(() => {});
      return this.#ctx.clock.now();
    }
  }

  #operation(): "create" | "sync" | "kill" {
    if (this.#phase !== "syncing") return "kill";
    return this.#admitted ? "sync" : "create";
  }

  readonly #stepOf: Record<Phase, (signal: AbortSignal) => Promise<number | undefined>> = {
    syncing: (signal) => this.#sync(signal),
    terminating: (signal) => this.#terminate(signal),
    terminated: (signal) => this.#cleanUp(signal),
    finished: () => this.#finish(),
  };

  async #sync(signal: AbortSignal): Promise<number | undefined> {
    if (this.#pod.metadata.deletionTimestamp !== undefined) return this.#moveOn("deleted");
    if (isTerminalPhase(this.#ctx.statuses.get(this.#pod).phase)) return this.#moveOn("containersDone");
    const runtime = await this.#ctx.cache.get(uidOf(this.#pod));
    if (!this.#admitted) await this.#turn.come;
    const refused = this.#admitted || runtime.containers.length > 0 ? undefined : await this.#refusal(signal);
    if (refused !== undefined)
      return this.#fail({ reason: refused.reason, message: `Pod was rejected: ${refused.message}` }, "Warning", refused.message);
    this.#admitted = true;
    this.#turn.done();
    this.#allocation.observe(this.#pod, runtime);
    if (this.wantsResize) this.#ctx.retryResizes();
    else this.decideResize(); // what was pending may have been taken back
    await this.#publish();
    const deadline = this.#deadline();
    if (deadline !== undefined && deadline <= this.#ctx.clock.now())
      return this.#fail({ reason: "DeadlineExceeded", message: "Pod was active on the node longer than the specified deadline" }, "Normal");
    const { again, over } = await syncPod({
      ctx: this.#ctx,
      pod: this.given,
      allocation: this.#allocation,
      failures: this.#failures,
      signal,
      changed: () => this.#tell(),
    });
    if (this.#allocation.underway !== undefined) tellCompleted(this.#ctx, this.given, this.#allocation, await this.#ctx.cache.get(uidOf(this.#pod)));
    await this.#publish();
    if (over) return this.#moveOn("containersDone");
    return Math.min(again ?? Infinity, deadline ?? Infinity, this.#ctx.clock.now() + resyncMs + jitterOf(uidOf(this.#pod)));
  }

  /** Why the pod may not run here. What it asks of devices it has when there is no reason; they come first, since another pod may be let in while a plugin is asked. */
  async #refusal(signal: AbortSignal): Promise<Refusal | undefined> {
    return (await this.#ctx.devices.allocate(this.#pod)) ?? (await this.#ctx.makeRoom(this.#pod, signal)) ?? this.#ctx.refuses(this.#pod);
  }

  async #terminate(signal: AbortSignal): Promise<undefined> {
    const runtime = await this.#ctx.cache.refresh(uidOf(this.#pod));
    await this.#publish();
    await killPod(this.#ctx, this.#pod, runtime, { signal, ...(this.#failed?.graceSeconds !== undefined && { graceSeconds: this.#failed.graceSeconds }) });
    const after = await this.#ctx.cache.refresh(uidOf(this.#pod));
    await this.#ctx.claims.unprepare(uidOf(this.#pod), signal); // before anybody hears that it has ended, and gives its devices to others
    await this.#publish();
    this.#ctx.probes.remove(uidOf(this.#pod));
    await stopSandboxes(this.#ctx, after);
    this.#moveOn("containersStopped");
    this.#ctx.retryResizes(); // what it had is free
    return undefined;
  }

  async #cleanUp(signal: AbortSignal): Promise<undefined> {
    const uid = uidOf(this.#pod);
    await Promise.all([this.#ctx.volumes.tearDown(uid), this.#ctx.cgroups.remove(uid, signal), this.#ctx.devices.release(uid)]);
    await this.#ctx.userNamespaces.release(uid);
    await this.#publish();
    return this.#moveOn("cleanedUp");
  }

  /** Nothing runs and nothing is mounted any more: the API object may go, and what its logs are read from goes after it. */
  async #finish(): Promise<undefined> {
    const { cache, statuses, paths } = this.#ctx;
    if (this.#pod.metadata.deletionTimestamp === undefined) return undefined;
    if (!this.#gone && !statuses.isStatic(uidOf(this.#pod))) {
      await statuses.finish(this.#pod);
      return undefined;
    }
    this.#gone = true; // a static pod may come again under the same uid: nothing may be said of this one any more
    statuses.forget(uidOf(this.#pod));
    await removeAll(this.#ctx, await cache.refresh(uidOf(this.#pod)), paths.logs(this.#pod));
    this.#removed = true;
    return undefined;
  }

  #fail(failed: Failure, type: "Normal" | "Warning", message: string = failed.message, annotations: Readonly<Record<string, string>> = {}): number {
    this.#failed = failed;
    this.#ctx.events.event(about(this.#pod), type, failed.reason, message, { annotations });
    this.#moveOn("failed");
    return this.#ctx.clock.now();
  }

  #moveOn(event: Event): undefined {
    this.#on(event);
    return undefined;
  }

  #deadline(): number | undefined {
    const seconds = this.#pod.spec.activeDeadlineSeconds;
    const start = this.#ctx.statuses.get(this.#pod).startTime;
    return seconds === undefined || start === undefined ? undefined : Date.parse(start) + seconds * 1_000;
  }

  async #publish(): Promise<void> {
    if (!this.#gone) await publishStatus(this.#ctx, () => ({ pod: this.given, allocation: this.#allocation, phase: this.#phase, failures: this.#failures, failed: this.#failed }));
    if (this.#awaitedSince === undefined || this.#ctx.statuses.get(this.#pod).phase !== "Running") return;
    this.#ctx.metrics.podStarted(this.#awaitedSince);
    this.#awaitedSince = undefined;
  }
}

/** Spreads the resyncs of many pods; the same for one pod each time. */
const jitterOf = (uid: string): number => Buffer.from(uid).reduce((sum, byte) => (sum * 31 + byte) % resyncJitterMs, 0);
