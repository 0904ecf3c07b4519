import type { Node } from "#api/gen/core-v1.ts";
import type { LabelSelector } from "#apimachinery/selectors.ts";
import type { Cluster } from "./framework.ts";
import { NodeInfo } from "./node-info.ts";
import { interleaveZones } from "./node-order.ts";
import type { PodInfo } from "./pod-info.ts";
import { PodLabels } from "./pod-labels.ts";
import { matchingPods } from "./spread-constraints.ts";

/**
 * Nodes and the pods on them, kept up to date change by change, and those that were assumed: decided on, not yet seen
 * bound. Since a scheduling cycle never gives up the thread, it reads this directly; no snapshot is copied.
 */
export class SchedulerCache implements Cluster {
  readonly #nodes = new Map<string, NodeInfo>();
  /** Where each pod is counted. */
  readonly #placed = new Map<string, { readonly node: string; readonly pod: PodInfo }>();
  readonly #assumed = new Set<string>();
  /** Pods whose node is not (or no longer) known, by its name. */
  readonly #homeless = new Map<string, Map<string, PodInfo>>();
  readonly #labels = new PodLabels();
  readonly #imageSpread = new Map<string, number>();
  readonly nodesWithAffinity: Set<NodeInfo> = new Set();
  readonly nodesWithRequiredAntiAffinity: Set<NodeInfo> = new Set();
  #order: readonly NodeInfo[] | undefined;

  get nodes(): readonly NodeInfo[] { return (this.#order ??= interleaveZones([...this.#nodes.values()])); }
  node(name: string): NodeInfo | undefined { return this.#nodes.get(name); }
  imageSpread(name: string): number { return this.#imageSpread.get(name) ?? 0; }
  isAssumed(key: string): boolean { return this.#assumed.has(key); }
  /** The pod as it is counted on its node. */
  placed(key: string): PodInfo | undefined { return this.#placed.get(key)?.pod; }

  matching(namespace: string, selector: LabelSelector): ReadonlyMap<string, number> {
    const candidates = this.#labels.candidates(namespace, selector);
    if (candidates === undefined) return new Map(this.nodes.map((node) => [node.name, matchingPods(node, namespace, selector)]));
    const counts = new Map<string, number>();
    for (const [pod, node] of candidates) if (!pod.isLeaving && selector.matches(pod.labels)) counts.set(node, (counts.get(node) ?? 0) + 1);
    return counts;
  }

  setNode(node: Node): void {
    const known = this.#nodes.get(node.metadata.name);
    if (known === undefined) return this.#addNode(new NodeInfo(node));
    this.#countImages(known, -1);
    if (known.node.metadata.labels !== node.metadata.labels) this.#order = undefined;
    known.update(node);
    this.#countImages(known, 1);
  }

  removeNode(name: string): void {
    const info = this.#nodes.get(name);
    if (info === undefined) return;
    this.#countImages(info, -1);
    this.#nodes.delete(name);
    this.#order = undefined;
    this.nodesWithAffinity.delete(info);
    this.nodesWithRequiredAntiAffinity.delete(info);
    if (info.pods.size > 0) this.#homeless.set(name, new Map(info.pods));
  }

  /** A pod that is bound, as the API server says. Confirms or corrects what was assumed. */
  setPod(pod: PodInfo, node: string): void {
    this.#assumed.delete(pod.key);
    this.#place(pod, node);
  }

  removePod(key: string): void {
    this.#assumed.delete(key);
    this.#displace(key);
  }

  /** Counts the pod on the node before it is bound there. */
  assume(pod: PodInfo, node: string): void {
    this.#place(pod, node);
    this.#assumed.add(pod.key);
  }

  /** The binding failed. Does nothing when the pod has been seen bound or gone meanwhile. */
  forget(key: string): void {
    if (this.#assumed.delete(key)) this.#displace(key);
  }

  #place(pod: PodInfo, node: string): void {
    const before = this.#placed.get(pod.key);
    if (before?.node === node) this.#labels.remove(before.pod);
    else this.#displace(pod.key);
    this.#placed.set(pod.key, { node, pod });
    this.#labels.add(pod, node);
    const info = this.#nodes.get(node);
    if (info === undefined) {
      const waiting = this.#homeless.get(node) ?? new Map<string, PodInfo>();
      this.#homeless.set(node, waiting.set(pod.key, pod));
      return;
    }
    info.add(pod);
    this.#indexAffinity(info);
  }

  #displace(key: string): void {
    const placed = this.#placed.get(key);
    if (placed === undefined) return;
    const { node, pod } = placed;
    this.#placed.delete(key);
    this.#labels.remove(pod);
    const info = this.#nodes.get(node);
    if (info !== undefined) {
      info.remove(key);
      this.#indexAffinity(info);
    }
    const waiting = this.#homeless.get(node);
    waiting?.delete(key);
    if (waiting?.size === 0) this.#homeless.delete(node);
  }

  #addNode(info: NodeInfo): void {
    this.#nodes.set(info.name, info);
    this.#order = undefined;
    for (const pod of this.#homeless.get(info.name)?.values() ?? []) info.add(pod);
    this.#homeless.delete(info.name);
    this.#indexAffinity(info);
    this.#countImages(info, 1);
  }

  #indexAffinity(info: NodeInfo): void {
    keep(this.nodesWithAffinity, info, info.podsWithAffinity.size > 0);
    keep(this.nodesWithRequiredAntiAffinity, info, info.podsWithRequiredAntiAffinity.size > 0);
  }

  #countImages(info: NodeInfo, by: 1 | -1): void {
    for (const image of info.images.keys()) {
      const count = this.imageSpread(image) + by;
      if (count > 0) this.#imageSpread.set(image, count);
      else this.#imageSpread.delete(image);
    }
  }
}

function keep<T>(set: Set<T>, item: T, belongs: boolean): void {
  if (belongs) set.add(item);
  else set.delete(item);
}
