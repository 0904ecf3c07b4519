import type { Pod } from "#api/gen/core-v1.ts";
import { isTerminalPhase } from "#api/pod.ts";
import type { EvictionWords } from "../eviction/messages.ts";
import { removeFromRuntime } from "../runtime/gc.ts";
import { namespaceOf, uidOf } from "../names.ts";
import type { PodContext } from "./pod-context.ts";
import type { PodRuntime } from "../runtime/pod-runtime.ts";
import { PodWorker } from "./pod-worker.ts";
import { inResizeOrder } from "../resources/resize-order.ts";

/** A worker for every pod that this node has, or still has something of. */
export class PodWorkers {
  readonly #ctx: PodContext;
  readonly #signal: AbortSignal;
  readonly #onEnd: (() => void)[] = [];
  /** Every pod so far has been let in or not. */
  #letIn: Promise<void> = Promise.resolve();
  readonly #workers = new Map<string, { readonly worker: PodWorker; readonly done: Promise<void> }>();

  /** @param signal ends the workers; the pods run on */
  constructor(ctx: PodContext, signal: AbortSignal) {
    this.#ctx = ctx;
    this.#signal = signal;
  }

  /** The API server has this version of a pod of this node. */
  update(pod: Pod): void {
    const known = this.#workers.get(uidOf(pod));
    if (known === undefined) this.#begin(pod);
    else known.worker.update(pod);
  }

  /** The API server has the pod no more. */
  remove(uid: string): void {
    this.#workers.get(uid)?.worker.remove();
  }

  /** The runtime has something new of the pod. */
  poke(uid: string): void {
    this.#workers.get(uid)?.worker.poke();
  }

  /** Called whenever nothing of a pod is left here. */
  onEnd(handler: () => void): void {
    this.#onEnd.push(handler);
  }

  has(uid: string): boolean {
    return this.#workers.has(uid);
  }

  /** Ends a pod whose containers hold more than they may, or than the node has; one that is ending already is left alone. */
  evict(uid: string, words: EvictionWords, graceSeconds: number): void {
    this.#workers.get(uid)?.worker.evict(words, graceSeconds);
  }

  /** The node goes down, and the pod with it. */
  shutDown(uid: string, message: string, graceSeconds: number): void {
    this.#workers.get(uid)?.worker.shutDown(message, graceSeconds);
  }

  /** Decides about every resize that waits, in order: there may be room for it now. */
  retryResizes(): void {
    const waiting = [...this.#workers.values()].map(({ worker }) => worker).filter((worker) => worker.wantsResize);
    for (const worker of inResizeOrder(waiting)) worker.decideResize();
  }

  /** The pods that run, or should. */
  active(): Pod[] {
    return [...this.#workers.values()].filter(({ worker }) => worker.admitted && worker.phase === "syncing").map(({ worker }) => worker.given);
  }

  /** True for a pod of which something may still run. */
  mayRun(uid: string): boolean {
    const worker = this.#workers.get(uid)?.worker;
    return worker !== undefined && (worker.phase === "syncing" || worker.phase === "terminating") && !isTerminalPhase(this.#ctx.statuses.get(worker.pod).phase);
  }

  /** True when nothing of the pod runs or is mounted any more. */
  isOver(uid: string): boolean {
    const phase = this.#workers.get(uid)?.worker.phase;
    return phase === undefined || phase === "finished";
  }

  /** Takes out of the runtime what it still has of pods that have ended; what their statuses say stays, their logs go. True when there was something. */
  async removeDead(): Promise<boolean> {
    let removed = false;
    for (const [uid, { worker }] of this.#workers) {
      if (worker.phase !== "finished") continue;
      const runtime = await this.#ctx.cache.get(uid);
      await removeFromRuntime(this.#ctx, runtime);
      removed ||= runtime.containers.length > 0;
    }
    return removed;
  }

  /** The pods that take of the node's resources: not those that are told to have ended, whose place the scheduler gives away. */
  admitted(): Pod[] {
    return [...this.#workers].filter(([uid, { worker }]) => worker.admitted && this.mayRun(uid)).map(([, { worker }]) => worker.given);
  }

  /** Ends what the runtime (or the disk) has of a pod that no longer is, from what its containers say about themselves. */
  removeOrphan(runtime: PodRuntime): void {
    if (this.#workers.has(runtime.uid)) return;
    this.#begin({
      metadata: { name: runtime.name || runtime.uid, namespace: runtime.namespace, uid: runtime.uid },
      status: {},
      spec: { containers: runtime.containers.map((c) => ({ name: c.name })), terminationGracePeriodSeconds: 1 },
    }).remove();
  }

  /** Resolves when every worker has stopped; they stop with the signal. */
  async stopped(): Promise<void> {
    await Promise.all([...this.#workers.values()].map(({ done }) => done));
  }

  #ended(uid: string): void {
    this.#workers.delete(uid);
    this.retryResizes();
    for (const handler of this.#onEnd) handler();
  }

  #begin(pod: Pod): PodWorker {
    const turn = Promise.withResolvers<void>();
    const worker = new PodWorker(this.#ctx, pod, { come: this.#letIn, done: turn.resolve });
    this.#letIn = this.#letIn.then(() => turn.promise);
    const done = Promise.resolve()
      .then(() => worker.run(this.#signal))
      .catch((err: unknown) => this.#ctx.log.error({ err, pod: `${namespaceOf(pod)}/${pod.metadata.name}` }, "pod worker failed"))
      .finally(() => {
        turn.resolve();
        this.#ended(uidOf(pod));
      });
    this.#workers.set(uidOf(pod), { worker, done });
    return worker;
  }
}
