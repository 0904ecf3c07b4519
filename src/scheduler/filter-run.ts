import { fits, type Cluster, type Plugin, type Rejection, type Verdict, type WhatIf } from "./framework.ts";
import type { NodeInfo } from "./node-info.ts";
import type { Nominations } from "./nominations.ts";
import type { PodInfo } from "./pod-info.ts";

/** A plugin that has something to say about the pod, and what it prepared. */
export interface Active { readonly plugin: Plugin; readonly state: unknown }

/** One pod's way through the plugins: prepared once, then asked for node after node. */
export class FilterRun {
  readonly pod: PodInfo;
  readonly cluster: Cluster;
  readonly #nominations: Nominations;
  readonly #plugins: readonly Plugin[];
  readonly #active: Active[] = [];
  /** The plugins that rejected the pod somewhere: what may help it later follows from them. */
  readonly rejectedBy: Set<string> = new Set();
  /** The plugins that named the only nodes to look at. */
  readonly narrowedBy: string[] = [];
  #only: ReadonlySet<string> | undefined;

  constructor(plugins: readonly Plugin[], pod: PodInfo, cluster: Cluster, nominations: Nominations) {
    this.#plugins = plugins;
    this.pod = pod;
    this.cluster = cluster;
    this.#nominations = nominations;
  }

  /** The only nodes that can fit; undefined for all. */
  get only(): ReadonlySet<string> | undefined { return this.#only; }

  /** Runs every `preFilter`. A rejection here is one for all nodes. */
  prepare(): Verdict {
    for (const plugin of this.#plugins) {
      const prepared = plugin.preFilter?.(this.pod, this.cluster) ?? { state: undefined };
      if ("skip" in prepared) continue;
      if ("rejection" in prepared) {
        this.rejectedBy.add(plugin.name);
        return prepared.rejection;
      }
      this.#active.push({ plugin, state: prepared.state });
      if (prepared.only !== undefined) this.#narrow(plugin, prepared.only);
    }
    return fits;
  }

  /** Whether the pod fits, beside the more important pods nominated there and also without them. */
  verdict(node: NodeInfo): Verdict {
    const first = this.#besideNominated(node, this.#active);
    if (first !== undefined) this.rejectedBy.add(first.plugin);
    return first?.rejection;
  }

  whatIf(node: NodeInfo): WhatIf {
    const copy = node.copy();
    const active = cloned(this.#active);
    return {
      node: copy,
      remove: (other) => this.#take(copy, active, other),
      add: (other) => this.#give(copy, active, other),
      verdict: () => this.#besideNominated(copy, active)?.rejection,
    };
  }

  /** The plugins that did not skip the pod, in order. */
  get active(): readonly Active[] { return this.#active; }

  #narrow(plugin: Plugin, only: ReadonlySet<string>): void {
    this.narrowedBy.push(plugin.name);
    this.rejectedBy.add(plugin.name);
    this.#only = this.#only === undefined ? only : this.#only.intersection(only);
  }

  #besideNominated(node: NodeInfo, active: readonly Active[]): { readonly plugin: string; readonly rejection: Rejection } | undefined {
    const nominated = [...this.#nominations.on(node.name)].filter((other) => other.priority >= this.pod.priority && other.key !== this.pod.key && !node.pods.has(other.key));
    if (nominated.length > 0) {
      const crowded = node.copy();
      const states = cloned(active);
      for (const other of nominated) this.#give(crowded, states, other);
      const rejection = this.#first(crowded, states);
      if (rejection !== undefined) return rejection;
    }
    return this.#first(node, active);
  }

  #first(node: NodeInfo, active: readonly Active[]): { readonly plugin: string; readonly rejection: Rejection } | undefined {
    for (const { plugin, state } of active) {
      const rejection = plugin.filter?.(this.pod, node, state);
      if (rejection !== undefined) return { plugin: plugin.name, rejection };
    }
    return undefined;
  }

  #give(node: NodeInfo, active: readonly Active[], other: PodInfo): void {
    node.add(other);
    for (const { plugin, state } of active) plugin.addPod?.(state, this.pod, other, node);
  }

  #take(node: NodeInfo, active: readonly Active[], other: PodInfo): void {
    node.remove(other.key);
    for (const { plugin, state } of active) plugin.removePod?.(state, this.pod, other, node);
  }
}

const cloned = (active: readonly Active[]): readonly Active[] =>
  active.map(({ plugin, state }) => ({ plugin, state: plugin.clone === undefined ? state : plugin.clone(state) }));
