/** What a pod and its containers were given and what they have, while the spec says what they should get. Upstream: pkg/kubelet/allocation */
import { Quantity } from "#apimachinery/quantity.ts";
import type { Container, Pod, ResourceRequirements } from "#api/gen/core-v1.ts";
import type { ResizeRefusal } from "../pods/admission.ts";
import { containersOf, statusesOf } from "../containers/containers.ts";
import { instanceOf, type ContainerInstance, type PodRuntime } from "../runtime/pod-runtime.ts";
import { withPodLimits } from "./resources.ts";

const resizable = ["cpu", "memory"] as const;

/** A running container whose resources are to change. */
export interface ContainerResize {
  readonly container: Container;
  readonly instance: ContainerInstance;
  /** With the pod's limits where it had none of its own. */
  readonly from: ResourceRequirements;
  /** By its resize policy it must be made anew. */
  readonly restart: boolean;
}

/** What the node cannot give, or not now. */
export interface PendingResize extends ResizeRefusal {
  /** Milliseconds since 1970 since when it is so. */
  readonly since: number;
}

/** What has just been decided about a resize, if it is news. */
export type Decision = "given" | "refused" | undefined;

interface Actual {
  readonly id: string;
  readonly resources: ResourceRequirements;
  readonly bounds: ResourceRequirements;
}

/**
 * One pod's resources. A change of the spec is taken as a whole or not at all: what the node cannot give stays pending.
 * After a restart of the kubelet the status says what the containers have; a change that was under way is decided again.
 */
export class Allocation {
  readonly #given: Map<string, ResourceRequirements>;
  readonly #actual = new Map<string, Actual>();
  #givenPod: ResourceRequirements | undefined;
  #actualPod: ResourceRequirements | undefined;
  #pending: PendingResize | undefined;
  /** The generation of the spec whose resources are being put in force. */
  underway: number | undefined;
  /** Why those that were given could not be put in force. */
  error: string | undefined;

  constructor(pod: Pod) {
    const said = statusesOf(pod);
    this.#given = new Map(containersOf(pod).map(({ container: c }) => [c.name, said.get(c.name)?.resources ?? c.resources ?? {}]));
    this.#givenPod = this.#actualPod = pod.spec.resources === undefined ? undefined : (pod.status.resources ?? pod.spec.resources);
  }

  /** Why the spec's resources were not given. */
  get pending(): PendingResize | undefined {
    return this.#pending;
  }

  /** The pod as it was given to this node. */
  given(pod: Pod): Pod {
    return withResources(pod, this.#givenPod, (c) => this.#given.get(c.name));
  }

  /** The pod as it and its running containers are. */
  actual(pod: Pod): Pod {
    return withResources(pod, this.#actualPod, (c) => this.#actual.get(c.name)?.resources ?? this.#given.get(c.name));
  }

  /** A container was made as it stands in this pod. */
  made(pod: Pod, container: Container, id: string): void {
    this.#actual.set(container.name, { id, resources: container.resources ?? {}, bounds: withPodLimits(pod, container).resources ?? {} });
  }

  /** Takes what an earlier kubelet has made for made with what the status says. Call it before `decide`. */
  observe(pod: Pod, runtime: PodRuntime): void {
    const given = this.given(pod);
    for (const { container } of containersOf(given)) {
      const instance = instanceOf(runtime, container.name);
      if (instance?.state === "running" && this.#actual.get(container.name)?.id !== instance.id) this.made(given, container, instance.id);
    }
  }

  /** True when the spec asks for something else than what was given. */
  wants(pod: Pod): boolean {
    return differ(pod.spec.resources, this.#givenPod) || containersOf(pod).some(({ container }) => differ(container.resources, this.#given.get(container.name)));
  }

  /** Gives what the spec asks for, unless it is refused. @param refuses judges the pod as it would be @param now milliseconds since 1970 */
  decide(pod: Pod, refuses: (pod: Pod) => ResizeRefusal | undefined, now: number): Decision {
    const before = this.#pending;
    const wants = this.wants(pod);
    const refused = wants ? refuses(pod) : undefined;
    this.#pending = refused && { ...refused, since: before?.reason === refused.reason ? before.since : now };
    if (refused !== undefined) return before?.reason === refused.reason && before.message === refused.message ? undefined : "refused";
    if (!wants) return undefined;
    for (const { container } of containersOf(pod)) this.#given.set(container.name, container.resources ?? {});
    this.#givenPod = pod.spec.resources;
    this.underway = pod.metadata.generation ?? 0;
    this.error = undefined;
    return "given";
  }

  /** What running containers have and should not have any more. */
  resizes(pod: Pod, runtime: PodRuntime): ContainerResize[] {
    const given = this.given(pod);
    return containersOf(given).flatMap(({ container }) => {
      const instance = instanceOf(runtime, container.name);
      const actual = this.#actual.get(container.name);
      const bounded = withPodLimits(given, container);
      if (instance?.state !== "running" || actual?.id !== instance.id || !differ(bounded.resources, actual.bounds)) return [];
      return [{ container, instance, from: actual.bounds, restart: needsRestart(bounded, actual.bounds) }];
    });
  }

  /** True when the pod itself, or a running container, does not have yet what was given. */
  isUnder(pod: Pod, runtime: PodRuntime): boolean {
    return this.podDiffers || this.resizes(pod, runtime).length > 0;
  }

  /** True when the pod itself does not have yet what was given. */
  get podDiffers(): boolean {
    return differ(this.#givenPod, this.#actualPod);
  }

  /** The pod itself has what was given. */
  podDone(): void {
    this.#actualPod = this.#givenPod;
  }
}

const withResources = (pod: Pod, own: ResourceRequirements | undefined, of: (container: Container) => ResourceRequirements | undefined): Pod => {
  const taken = <T extends Container>(containers: readonly T[]): T[] =>
    containers.map((c) => {
      const resources = of(c);
      return resources === undefined ? c : { ...c, resources };
    });
  const { resources: _, containers, initContainers, ...rest } = pod.spec;
  const spec = { ...rest, containers: taken(containers), ...(own !== undefined && { resources: own }), ...(initContainers !== undefined && { initContainers: taken(initContainers) }) };
  return { ...pod, spec };
};

/** @param name of the resource, any that can be resized when left out */
function differ(a: ResourceRequirements | undefined, b: ResourceRequirements | undefined, name?: string): boolean {
  const amount = (of: ResourceRequirements | undefined, list: "requests" | "limits", resource: string): Quantity =>
    Quantity.parse(of?.[list]?.[resource] ?? "0");
  return (name === undefined ? resizable : [name]).some((resource) =>
    (["requests", "limits"] as const).some((list) => amount(a, list, resource).cmp(amount(b, list, resource)) !== 0),
  );
}

const needsRestart = ({ resources, resizePolicy = [] }: Container, from: ResourceRequirements): boolean =>
  resizePolicy.some(({ resourceName, restartPolicy }) => restartPolicy === "RestartContainer" && differ(resources, from, resourceName));
