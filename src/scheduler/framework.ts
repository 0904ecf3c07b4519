/**
 * The scheduler's seam: what a plugin may decide, and what it sees. A plugin knows this file and the API, never
 * another plugin; `plugins/index.ts` is the registry.
 *
 * A scheduling cycle runs from `preFilter` to `reserve` without giving up the thread, so that everything it sees stands
 * still; only `preBind` and `permit` may wait. Upstream: kube-scheduler/framework/interface.go
 */
import type { PodDisruptionBudget } from "#api/gen/policy-v1.ts";
import type { LabelSelector } from "#apimachinery/selectors.ts";
import type { NodeInfo } from "./node-info.ts";
import type { PodInfo } from "./pod-info.ts";
import type { ClusterChange, ClusterEvent } from "./cluster-events.ts";

/** Why not. An expected answer, never thrown. */
export interface Rejection {
  /** In upstream's words; they are counted over all nodes. */
  readonly reasons: readonly string[];
  /** Whether removing pods from the node could help. Upstream: Unschedulable against UnschedulableAndUnresolvable */
  readonly resolvable: boolean;
}

/** Thrown where a pod cannot be tried as it stands, on no node, and nothing is broken but what it asks for. */
export class AttemptFailed extends Error {
  override readonly name = "AttemptFailed";
}

/** `undefined` is yes. */
export type Verdict = Rejection | undefined;
export const fits: undefined = undefined;
export const rejected = (reason: string): Rejection => ({ reasons: [reason], resolvable: true });
/** No preemption can help. */
export const rejectedForGood = (reason: string): Rejection => ({ reasons: [reason], resolvable: false });

/** What `preFilter` found out once for all nodes. */
export type Prepared<F> =
  /** `only`: no other nodes need to be looked at. */
  | { readonly state: F; readonly only?: ReadonlySet<string> }
  /** This plugin has nothing to say about this pod: its `filter` is not asked. */
  | { readonly skip: true }
  | { readonly rejection: Rejection };
export const skip: { readonly skip: true } = { skip: true };

/** The cluster as one scheduling cycle sees it: bound pods and those that are being bound. */
export interface Cluster {
  /** In an order that alternates between zones. */
  readonly nodes: readonly NodeInfo[];
  node(name: string): NodeInfo | undefined;
  /** Nodes with pods that have affinity or anti-affinity to other pods. */
  readonly nodesWithAffinity: ReadonlySet<NodeInfo>;
  readonly nodesWithRequiredAntiAffinity: ReadonlySet<NodeInfo>;
  /** How many nodes have an image, by its name. */
  imageSpread(name: string): number;
  /** How many pods there are that the selector matches and that do not leave, by the name of their node. */
  matching(namespace: string, selector: LabelSelector): ReadonlyMap<string, number>;
}

/**
 * One plugin. `F` is what its `preFilter` prepared for filtering, reserving and binding, `S` what its `preScore`
 * prepared for scoring. A plugin without the first of a pair gets `undefined`.
 */
export interface Plugin<F = unknown, S = unknown> {
  readonly name: string;
  /** What may make a pod schedulable that this plugin rejected. */
  readonly wakesOn?: readonly ClusterEvent[];
  /** Whether such a change can help this pod; without it every change can. */
  hint?(pod: PodInfo, change: ClusterChange): boolean;

  /** Whether the pod may enter the queue at all. */
  preEnqueue?(pod: PodInfo): Verdict;
  preFilter?(pod: PodInfo, cluster: Cluster): Prepared<F>;
  filter?(pod: PodInfo, node: NodeInfo, state: F): Verdict;

  /** For what-if: a state of its own in which pods can come and go. Needed where `preFilter` counted other pods. */
  clone?(state: F): F;
  addPod?(state: F, pod: PodInfo, other: PodInfo, node: NodeInfo): void;
  removePod?(state: F, pod: PodInfo, other: PodInfo, node: NodeInfo): void;

  /** Asked when no node fits; may make room. */
  postFilter?(pod: PodInfo, failure: FilterFailure): PostFilterAnswer;

  readonly weight?: number;
  /** How raw scores become 0..100: the highest or the lowest is best; without it scores are 0..100 already. */
  readonly best?: "highest" | "lowest";
  preScore?(pod: PodInfo, nodes: readonly NodeInfo[], cluster: Cluster): S | typeof skip;
  score?(pod: PodInfo, node: NodeInfo, state: S): number;
  /** Instead of `best`. Changes `scores` in place; `scores[i]` is of `nodes[i]`. */
  normalize?(scores: Float64Array, nodes: readonly NodeInfo[], state: S): void;

  /** Claims what the pod will use, until `unreserve` or the pod is gone. */
  reserve?(pod: PodInfo, node: NodeInfo, state: F): Verdict;
  unreserve?(pod: PodInfo, node: string, state: F): void;
  permit?(pod: PodInfo, node: string, signal: AbortSignal): Promise<Verdict>;
  /** Brings about outside what binding needs; a throw is a failed attempt. */
  preBind?(pod: PodInfo, node: string, state: F, signal: AbortSignal): Promise<void>;
}

/** Handed to `postFilter`: who said no, and a way to ask again about a changed node. */
export interface FilterFailure {
  readonly cluster: Cluster;
  /** The rejection of each node that was looked at. */
  readonly rejections: ReadonlyMap<string, Rejection>;
  /** That of all others, if `preFilter` excluded them. */
  readonly others: Rejection | undefined;
  /** A copy of the node from which pods can be taken and to which they can be given back. */
  whatIf(node: NodeInfo): WhatIf;
}

export interface WhatIf {
  readonly node: NodeInfo;
  remove(other: PodInfo): void;
  add(other: PodInfo): void;
  /** Whether the pod would fit now, also beside the pods nominated to this node. */
  verdict(): Verdict;
}

/** `nominated` "" takes an earlier nomination back; undefined leaves it as it is. */
export interface PostFilterAnswer {
  readonly nominated?: string;
  readonly message?: string;
}

export type DisruptionBudgets = () => readonly PodDisruptionBudget[];
export type Labels = Readonly<Record<string, string>>;
export type NamespaceLabels = (namespace: string) => Labels | undefined;

export const maxNodeScore = 100;
