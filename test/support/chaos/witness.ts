/** What must hold at every moment, checked at every event and whenever all is calm. */
import type { Job } from "#api/gen/batch-v1.ts";
import type { Node, Pod } from "#api/gen/core-v1.ts";
import { getCondition } from "#api/conditions.ts";
import { jobs, nodes, pods } from "#api/resources.ts";
import { controllerOf, keyOf } from "#apimachinery/meta.ts";
import type { Informers } from "#client/lister.ts";
import type { Machine, Run } from "../simulated-node.ts";

export class Witness {
  readonly violations: Set<string> = new Set();
  /** Names of all Jobs that CronJobs have made. */
  readonly runs: Set<string> = new Set();
  /** Nodes that are silent on purpose. */
  readonly lost: Set<string> = new Set();
  readonly #machines: ReadonlyMap<string, Machine>;
  /** By uid of the Job, and of the pod: its last phase. */
  readonly #pods = new Map<string, Map<string, string | undefined>>();
  readonly #jobs = new Map<string, Job>();
  readonly #seen: () => number;

  constructor(informers: Informers, machines: ReadonlyMap<string, Machine>) {
    this.#machines = machines;
    this.#seen = () => Number(informers.for(pods).resourceVersion);
    informers.for(pods).onChange(({ old, object }) => this.#pod((object ?? old) as Pod));
    informers.for(jobs).onChange(({ old, object }) => this.#job(old, object));
    informers.for(nodes).onChange(({ object }) => { if (object !== undefined) this.#node(object); });
  }

  /** A machine starts a pod: nobody of this name may run anywhere. */
  started({ key, uid }: Run): void {
    const others = [...this.#machines.values()].flatMap((machine) => machine.live.filter((run) => run.key === key && run.uid !== uid).map(() => machine.name));
    if (others.length > 0) this.violations.add(`${key} was started while it ran on ${others.join(", ")}`);
  }

  /** Numbers must be covered by pods, as far as the pods' watch has come: after a restart each watch comes back in its own time. */
  calm(): void {
    for (const [uid, { metadata, status }] of this.#jobs) {
      if (Number(metadata.resourceVersion) > this.#seen()) continue;
      const phases = [...(this.#pods.get(uid)?.values() ?? [])];
      const [succeeded, all] = [phases.filter((phase) => phase === "Succeeded").length, phases.length];
      if ((status.succeeded ?? 0) > succeeded) this.violations.add(`Job ${metadata.name} counts ${status.succeeded} succeeded pods of ${succeeded}`);
      if ((status.failed ?? 0) > all - succeeded) this.violations.add(`Job ${metadata.name} counts ${status.failed} failed pods of ${all - succeeded}`);
    }
  }

  #pod(pod: Pod): void {
    const owner = controllerOf(pod);
    if (owner?.kind !== "Job") return;
    const known = this.#pods.get(owner.uid) ?? new Map<string, string | undefined>();
    this.#pods.set(owner.uid, known.set(pod.metadata.uid ?? "", pod.status.phase));
  }

  #job(old: Job | undefined, job: Job | undefined): void {
    if (job === undefined) return;
    this.#jobs.set(job.metadata.uid ?? "", job);
    if (controllerOf(job)?.kind === "CronJob") this.runs.add(keyOf(job));
    const { completions } = job.spec;
    if (completions !== undefined && (job.status.succeeded ?? 0) > completions) this.violations.add(`Job ${job.metadata.name} counts ${job.status.succeeded} of ${completions}`);
    if (old === undefined || old.metadata.uid !== job.metadata.uid) return;
    for (const count of ["succeeded", "failed"] as const) if ((job.status[count] ?? 0) < (old.status[count] ?? 0)) this.violations.add(`Job ${job.metadata.name} counts ${count} back`);
  }

  #node(node: Node): void {
    const ready = getCondition(node.status.conditions, "Ready");
    if (ready?.status === "Unknown" && !this.lost.has(node.metadata.name)) this.violations.add(`${node.metadata.name} was called ${ready.reason} while it lived`);
  }
}
