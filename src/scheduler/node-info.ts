import type { Node } from "#api/gen/core-v1.ts";
import { allocatable } from "#api/node.ts";
import { HostPorts } from "./host-ports.ts";
import type { PodInfo } from "./pod-info.ts";
import { accumulate, noResources, toResources, type Resources } from "./resources.ts";

/** A node with the pods on it and sums over them. Upstream: pkg/scheduler/framework/types.go NodeInfo */
export class NodeInfo {
  readonly name: string;
  #node: Node;
  #allocatable: Resources;
  #images: ReadonlyMap<string, number>;
  readonly pods: Map<string, PodInfo> = new Map();
  readonly requested: Resources = noResources();
  readonly nonZeroRequested: Resources = noResources();
  readonly podsWithAffinity: Set<PodInfo> = new Set();
  readonly podsWithRequiredAntiAffinity: Set<PodInfo> = new Set();
  /** How many pods here use a claim. */
  readonly claims: Map<string, number> = new Map();
  readonly #byNamespace = new Map<string, Set<PodInfo>>();
  #ports = new HostPorts();

  constructor(node: Node) {
    this.name = node.metadata.name;
    this.#node = node;
    this.#allocatable = toResources(allocatable(node));
    this.#images = imagesOf(node);
  }

  get node(): Node { return this.#node; }
  get labels(): Readonly<Record<string, string>> { return this.#node.metadata.labels ?? none; }
  get allocatable(): Resources { return this.#allocatable; }
  /** Bytes by image name. */
  get images(): ReadonlyMap<string, number> { return this.#images; }
  get ports(): HostPorts { return this.#ports; }

  update(node: Node): void {
    if (node.status.allocatable !== this.#node.status.allocatable) this.#allocatable = toResources(allocatable(node));
    if (node.status.images !== this.#node.status.images) this.#images = imagesOf(node);
    this.#node = node;
  }

  podsIn(namespace: string): ReadonlySet<PodInfo> {
    return this.#byNamespace.get(namespace) ?? noPods;
  }

  /** Adds the pod, in place of an older version of it. */
  add(pod: PodInfo): void {
    this.remove(pod.key);
    this.pods.set(pod.key, pod);
    const inNamespace = this.#byNamespace.get(pod.namespace) ?? new Set();
    this.#byNamespace.set(pod.namespace, inNamespace.add(pod));
    if (pod.hasPodAffinity) this.podsWithAffinity.add(pod);
    if (pod.terms.requiredAntiAffinity.length > 0) this.podsWithRequiredAntiAffinity.add(pod);
    this.#ports.add(pod.hostPorts);
    this.#account(pod, 1);
  }

  /** Answers what was there. */
  remove(key: string): PodInfo | undefined {
    const pod = this.pods.get(key);
    if (pod === undefined) return undefined;
    this.pods.delete(key);
    const inNamespace = this.#byNamespace.get(pod.namespace);
    inNamespace?.delete(pod);
    if (inNamespace?.size === 0) this.#byNamespace.delete(pod.namespace);
    this.podsWithAffinity.delete(pod);
    this.podsWithRequiredAntiAffinity.delete(pod);
    this.#ports.remove(pod.hostPorts);
    this.#account(pod, -1);
    return pod;
  }

  /** For what-if. */
  copy(): NodeInfo {
    const copy = new NodeInfo(this.#node);
    for (const pod of this.pods.values()) copy.add(pod);
    return copy;
  }

  #account(pod: PodInfo, sign: 1 | -1): void {
    accumulate(this.requested, pod.requests, sign);
    accumulate(this.nonZeroRequested, pod.nonZeroRequests, sign);
    for (const claim of pod.claims) {
      const users = (this.claims.get(claim) ?? 0) + sign;
      if (users > 0) this.claims.set(claim, users);
      else this.claims.delete(claim);
    }
  }
}

const none: Readonly<Record<string, string>> = {};
const noPods: ReadonlySet<PodInfo> = new Set();
const imagesOf = (node: Node): ReadonlyMap<string, number> =>
  new Map((node.status.images ?? []).flatMap((image) => (image.names ?? []).map((name) => [name, image.sizeBytes ?? 0] as const)));
