import type { SchedulerCache } from "./cache.ts";
import { FilterRun } from "./filter-run.ts";
import { fitErrorMessage } from "./fit-error.ts";
import { rejectedForGood, type Plugin, type PostFilterAnswer, type Rejection } from "./framework.ts";
import type { NodeInfo } from "./node-info.ts";
import type { Nominations } from "./nominations.ts";
import type { PodInfo } from "./pod-info.ts";
import { indexOfBest, scoreNodes } from "./score-nodes.ts";

/** Where a pod goes, with what its plugins prepared for binding it. */
export interface Placement { readonly pod: PodInfo; readonly node: string; readonly run: FilterRun }

export type CycleResult =
  | { readonly placed: Placement }
  /** `nominated` as in `PostFilterAnswer`. */
  | { readonly message: string; readonly rejectedBy: ReadonlySet<string>; readonly nominated: string | undefined };

const leastFeasible = 100;

/**
 * How many fitting nodes are enough to choose from: all of a small cluster, a falling share of a large one.
 * Upstream: pkg/scheduler/schedule_one.go numFeasibleNodesToFind
 */
function numFeasibleNodesToFind(nodes: number): number {
  if (nodes < leastFeasible) return nodes;
  const percentage = Math.max(5, 50 - Math.trunc(nodes / 125));
  return Math.max(leastFeasible, Math.trunc((nodes * percentage) / 100));
}

/** Decides for one pod at a time, without waiting for anything. Upstream: pkg/scheduler/schedule_one.go */
export class SchedulingCycle {
  readonly #plugins: readonly Plugin[];
  readonly #cache: SchedulerCache;
  readonly #nominations: Nominations;
  readonly #random: () => number;
  /** Where the next search begins, so that every node has its turn. */
  #start = 0;

  constructor(plugins: readonly Plugin[], cache: SchedulerCache, nominations: Nominations, random: () => number) {
    this.#plugins = plugins;
    this.#cache = cache;
    this.#nominations = nominations;
    this.#random = random;
  }

  /** Finds a node for the pod, counts the pod there and reserves what it needs. */
  schedule(pod: PodInfo): CycleResult {
    const { nodes } = this.#cache;
    if (nodes.length === 0) return { message: "no nodes available to schedule pods", rejectedBy: new Set(), nominated: "" };
    const run = new FilterRun(this.#plugins, pod, this.#cache, this.#nominations);
    const preFilter = run.prepare();
    if (preFilter !== undefined) return this.#unschedulable(run, new Map(), preFilter, preFilter);
    const rejections = new Map<string, Rejection>();
    const feasible = this.#nominated(run, rejections) ?? this.#feasible(run, rejections);
    const node = feasible.length > 1 ? this.#best(pod, feasible) : feasible[0];
    return node === undefined ? this.#unschedulable(run, rejections, undefined, excluded(run)) : this.#reserve(run, node);
  }

  /** The node on which room was made for the pod, if it fits there now. */
  #nominated(run: FilterRun, rejections: Map<string, Rejection>): readonly NodeInfo[] | undefined {
    const node = this.#cache.node(run.pod.pod.status.nominatedNodeName ?? this.#nominations.of(run.pod.key) ?? "");
    if (node === undefined) return undefined;
    const rejection = run.verdict(node);
    if (rejection === undefined) return [node];
    rejections.set(node.name, rejection);
    return undefined;
  }

  #feasible(run: FilterRun, rejections: Map<string, Rejection>): readonly NodeInfo[] {
    const { nodes } = this.#cache;
    const { only } = run;
    const candidates = only === undefined ? nodes : [...only].map((name) => this.#cache.node(name)).filter((n) => n !== undefined);
    const enough = numFeasibleNodesToFind(candidates.length);
    const feasible: NodeInfo[] = [];
    let looked = 0;
    for (; looked < candidates.length && feasible.length < enough; looked++) {
      const node = candidates[(this.#start + looked) % candidates.length] as NodeInfo;
      const rejection = run.verdict(node);
      if (rejection === undefined) feasible.push(node);
      else rejections.set(node.name, rejection);
    }
    this.#start = (this.#start + looked) % nodes.length;
    return feasible;
  }

  #best(pod: PodInfo, feasible: readonly NodeInfo[]): NodeInfo | undefined {
    return feasible[indexOfBest(scoreNodes(this.#plugins, pod, feasible, this.#cache), this.#random)];
  }

  #reserve(run: FilterRun, node: NodeInfo): CycleResult {
    this.#cache.assume(run.pod, node.name);
    for (const { plugin, state } of run.active) {
      const rejection = plugin.reserve?.(run.pod, node, state);
      if (rejection === undefined) continue;
      this.release({ pod: run.pod, node: node.name, run });
      return { message: fitErrorMessage({ nodes: 1, rejections: new Map([[node.name, rejection]]) }), rejectedBy: new Set([plugin.name]), nominated: "" };
    }
    this.#nominations.delete(run.pod.key);
    return { placed: { pod: run.pod, node: node.name, run } };
  }

  /** Gives back what a placement holds. */
  release({ pod, node, run }: Placement): void {
    for (const { plugin, state } of run.active.toReversed()) plugin.unreserve?.(pod, node, state);
    this.#cache.forget(pod.key);
  }

  #unschedulable(run: FilterRun, rejections: ReadonlyMap<string, Rejection>, preFilter: Rejection | undefined, others: Rejection | undefined): CycleResult {
    const answer = this.#postFilter(run, rejections, others);
    const message = fitErrorMessage({ nodes: this.#cache.nodes.length, preFilter, rejections, others, ...(answer.message !== undefined && { postFilter: answer.message }) });
    return { message, rejectedBy: run.rejectedBy, nominated: answer.nominated };
  }

  /** The first that made room answers; else everybody's words are joined. */
  #postFilter(run: FilterRun, rejections: ReadonlyMap<string, Rejection>, others: Rejection | undefined): PostFilterAnswer {
    const failure = { cluster: this.#cache, rejections, others, whatIf: (node: NodeInfo) => run.whatIf(node) };
    const messages: string[] = [];
    let nominated: string | undefined;
    for (const plugin of this.#plugins) {
      const answer = plugin.postFilter?.(run.pod, failure);
      if (answer === undefined) continue;
      nominated = answer.nominated ?? nominated;
      if (answer.message === undefined) return answer;
      messages.push(answer.message);
    }
    return { message: messages.join(", "), ...(nominated !== undefined && { nominated }) };
  }
}

/** What holds for the nodes that a `preFilter` left out. */
const excluded = ({ only, narrowedBy }: FilterRun): Rejection | undefined =>
  only === undefined ? undefined : rejectedForGood(`node(s) didn't satisfy plugin(s) [${narrowedBy.toSorted().join(" ")}]`);
