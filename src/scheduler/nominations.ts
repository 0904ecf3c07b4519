import type { PodInfo } from "./pod-info.ts";

/** Pods for which room was made on a node, and that have not been placed yet. Upstream: backend/queue/nominator.go */
export class Nominations {
  readonly #byNode = new Map<string, Map<string, PodInfo>>();
  readonly #nodeOf = new Map<string, string>();

  on(node: string): Iterable<PodInfo> {
    return this.#byNode.get(node)?.values() ?? [];
  }

  of(key: string): string | undefined {
    return this.#nodeOf.get(key);
  }

  /** Sets, moves or (with "") ends the pod's nomination. */
  set(pod: PodInfo, node: string): void {
    this.delete(pod.key);
    if (node === "") return;
    this.#nodeOf.set(pod.key, node);
    const pods = this.#byNode.get(node) ?? new Map<string, PodInfo>();
    this.#byNode.set(node, pods.set(pod.key, pod));
  }

  delete(key: string): void {
    const node = this.#nodeOf.get(key);
    if (node === undefined) return;
    this.#nodeOf.delete(key);
    const pods = this.#byNode.get(node);
    pods?.delete(key);
    if (pods?.size === 0) this.#byNode.delete(node);
  }
}
