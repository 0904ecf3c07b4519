/** Nodes without containers: an agent that does in the API what a kubelet would, over a machine that only remembers. */
import type { Node, Pod, PodStatus } from "#api/gen/core-v1.ts";
import { getCondition } from "#api/conditions.ts";
import { isTerminal } from "#api/pod.ts";
import { leases, nodes, pods } from "#api/resources.ts";
import { keyOf } from "#apimachinery/meta.ts";
import { isStatus } from "#apimachinery/status.ts";
import { microTimestamp, timestamp } from "#apimachinery/time.ts";
import type { Clock } from "#base/clock.ts";
import { loop, runAll, type Component } from "#base/component.ts";
import { silent } from "#base/log.ts";
import type { Client } from "#client/client.ts";
import { newInformers } from "#client/informers.ts";
import type { Informer } from "#client/lister.ts";
import { WorkQueue } from "#client/work-queue.ts";

/** How a pod lives: serves after `readyMs`, ends by itself after `runMs` with `exitCode`, takes `stopMs` to stop. */
export interface Life { readonly readyMs: number; readonly runMs?: number; readonly exitCode?: number; readonly stopMs: number }

/** A pod's processes on a machine. */
export interface Run { readonly key: string; readonly uid: string; readonly life: Life; readonly startedAt: number; stopAt?: number; endedAt?: number; exitCode?: number }

/** What runs whether or not an agent watches over it. */
export class Machine {
  readonly name: string;
  /** By uid of the pod. */
  readonly runs: Map<string, Run> = new Map();
  readonly #onStart: (run: Run) => void;

  /** @param onStart told of each start, with the run already among `runs` */
  constructor(name: string, onStart: (run: Run) => void = () => {}) {
    this.name = name;
    this.#onStart = onStart;
  }

  start(run: Run): Run {
    this.runs.set(run.uid, run);
    this.#onStart(run);
    return run;
  }

  /** Those whose processes are there. */
  get live(): readonly Run[] {
    return [...this.runs.values()].filter(({ endedAt }) => endedAt === undefined);
  }

  /** The power is cut. */
  off(): void {
    this.runs.clear();
  }
}

export interface AgentOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly machine: Machine;
  readonly labels?: Readonly<Record<string, string>>;
  readonly life?: (pod: Pod) => Life;
  /** How often the node says that it lives. Default 10 s, as a kubelet. */
  readonly leaseMs?: number;
}

const capacity = { cpu: "64", memory: "256Gi", pods: "1000", "ephemeral-storage": "100Gi" };
const defaultLife: Life = { readyMs: 0, stopMs: 0 };
const retryMs = 1_000;

/** A node's agent: registers it, keeps its lease, and lets the pods bound to it live on its machine. It may end and begin again at any time. */
export function simulatedNode(options: AgentOptions): Component {
  const { client, clock, machine } = options;
  const informers = newInformers(client, clock, silent);
  const cache = informers.for(pods, { fieldSelector: `spec.nodeName=${machine.name}` });
  const worker = new PodWorker(options, cache);
  const queue = new WorkQueue(clock);
  cache.onChange(({ old, object }) => queue.add(keyOf((object ?? old) as Pod)));
  const podLoop: Component = {
    name: "pods",
    async run(signal) {
      await cache.synced(signal).catch(() => {});
      for (const { key } of machine.runs.values()) queue.add(key);
      await queue.run(signal, 4, async (key) => {
        const waitMs = await worker.work(key).catch(() => retryMs); // the server may be away
        if (waitMs !== undefined) queue.addAfter(key, Math.max(1, waitMs));
      });
    },
  };
  return { name: machine.name, run: (signal) => runAll([informers, podLoop, heart(options)], signal) };
}

/** Registers the node, renews its lease, and takes back what was said of it while it was silent. */
function heart({ client, clock, machine: { name }, labels = {}, leaseMs = 10_000 }: AgentOptions): Component {
  const beat = async (): Promise<void> => {
    const node = await client.resource(nodes).get(name).catch(async (err: unknown) => {
      if (!isStatus(err, "NotFound")) throw err;
      return client.resource(nodes).create({ metadata: { name, labels: { "kubernetes.io/hostname": name, ...labels } }, spec: {}, status: {} });
    });
    if (getCondition(node.status.conditions, "Ready")?.status !== "True") await client.resource(nodes).patch(name, undefined, { type: "strategic", body: { status: readyStatus(clock.now()) } }, { subresource: "status" });
    await renew(client, name, clock.now());
  };
  return {
    name: "heart",
    run: (signal) => loop(signal, async () => {
      const ok = await beat().then(() => true, () => false);
      await clock.sleep(ok ? leaseMs : retryMs, signal);
    }),
  };
}

function readyStatus(now: number): Node["status"] {
  const at = timestamp(now);
  const condition = (type: string, status: "True" | "False", reason: string): object => ({ type, status, reason, lastHeartbeatTime: at, lastTransitionTime: at });
  const conditions = [condition("MemoryPressure", "False", "KubeletHasSufficientMemory"), condition("DiskPressure", "False", "KubeletHasNoDiskPressure"), condition("PIDPressure", "False", "KubeletHasSufficientPID"), condition("Ready", "True", "KubeletReady")];
  return { capacity, allocatable: capacity, conditions } as Node["status"];
}

async function renew(client: Client, name: string, now: number): Promise<void> {
  const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime: microTimestamp(now) };
  const namespace = "kube-node-lease";
  const lease = await client.resource(leases).get(name, namespace).catch((err: unknown) => { if (!isStatus(err, "NotFound")) throw err; });
  await (lease === undefined ? client.resource(leases).create({ metadata: { name, namespace }, spec }) : client.resource(leases).update({ ...lease, spec }));
}

class PodWorker {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #machine: Machine;
  readonly #life: (pod: Pod) => Life;
  readonly #pods: Informer<Pod>;

  constructor({ client, clock, machine, life = () => defaultLife }: AgentOptions, cache: Informer<Pod>) {
    this.#client = client;
    this.#clock = clock;
    this.#machine = machine;
    this.#life = life;
    this.#pods = cache;
  }

  /** One look at one pod; answers when to look again. */
  async work(key: string): Promise<number | undefined> {
    const pod = this.#pods.get(key);
    const uid = pod?.metadata.uid;
    for (const run of this.#machine.runs.values()) {
      if (run.key !== key || run.uid === uid) continue;
      const waitMs = this.#stop(run); // its pod is gone
      if (waitMs > 0) return waitMs;
      this.#machine.runs.delete(run.uid);
    }
    if (pod === undefined || uid === undefined) return;
    const leaving = pod.metadata.deletionTimestamp !== undefined;
    const run = this.#machine.runs.get(uid) ?? (leaving || isTerminal(pod) ? undefined : this.#machine.start({ key, uid, life: this.#life(pod), startedAt: this.#clock.now() }));
    const waitMs = run === undefined ? 0 : leaving ? this.#stop(run) : this.#go(run);
    if (!isTerminal(pod)) await this.#report(pod, run);
    if (leaving && waitMs === 0) await this.#remove(pod, uid);
    return waitMs > 0 ? waitMs : undefined;
  }

  /** Ends what has run its time. Answers how long until something happens, 0 for never. */
  #go(run: Run): number {
    const age = this.#clock.now() - run.startedAt;
    const { readyMs, runMs, exitCode = 0 } = run.life;
    if (run.endedAt !== undefined) return 0;
    if (runMs !== undefined && age >= runMs) Object.assign(run, { endedAt: this.#clock.now(), exitCode });
    if (run.endedAt !== undefined) return 0;
    return Math.max(0, age < readyMs ? readyMs - age : (runMs ?? age) - age);
  }

  /** Tells it to stop, and answers how long it still needs. */
  #stop(run: Run): number {
    if (run.endedAt !== undefined) return 0;
    run.stopAt ??= this.#clock.now() + run.life.stopMs;
    const leftMs = run.stopAt - this.#clock.now();
    if (leftMs <= 0) Object.assign(run, { endedAt: this.#clock.now(), exitCode: 143 });
    return Math.max(0, leftMs);
  }

  async #report(pod: Pod, run: Run | undefined): Promise<void> {
    const status = statusOf(pod, run, this.#clock.now());
    const ready = getCondition(pod.status.conditions, "Ready")?.status;
    if (status.phase === pod.status.phase && getCondition(status.conditions, "Ready")?.status === ready) return;
    await this.#client.resource(pods).patch(pod.metadata.name, pod.metadata.namespace, { type: "strategic", body: { metadata: { uid: pod.metadata.uid }, status } }, { subresource: "status" }).catch(gone);
  }

  async #remove({ metadata: { name, namespace } }: Pod, uid: string): Promise<void> {
    await this.#client.resource(pods).delete(name, namespace, { gracePeriodSeconds: 0, preconditions: { uid } }).catch(gone);
  }
}

function statusOf(pod: Pod, run: Run | undefined, now: number): PodStatus {
  const at = timestamp(now);
  const ended = run === undefined || run.endedAt !== undefined;
  const exitCode = run?.exitCode ?? 137;
  const ready = !ended && run.stopAt === undefined && now - run.startedAt >= run.life.readyMs;
  const conditions = ["Initialized", "ContainersReady", "Ready"].map((type) => ({ type, status: type === "Initialized" || ready ? "True" as const : "False" as const, lastTransitionTime: at }));
  const state = ended ? { terminated: { exitCode, reason: exitCode === 0 ? "Completed" : "Error", startedAt: timestamp(run?.startedAt ?? now), finishedAt: timestamp(run?.endedAt ?? now) } } : { running: { startedAt: timestamp(run.startedAt) } };
  return {
    phase: ended ? (exitCode === 0 ? "Succeeded" : "Failed") : "Running", conditions, startTime: pod.status.startTime ?? at, podIP: `10.200.0.${1 + (Number.parseInt(pod.metadata.uid?.slice(0, 2) ?? "0", 16) % 250)}`,
    containerStatuses: pod.spec.containers.map(({ name, image = "" }) => ({ name, image, imageID: image, ready, restartCount: 0, state })),
  };
}

function gone(err: unknown): void {
  if (!isStatus(err, "NotFound", "Conflict")) throw err;
}
