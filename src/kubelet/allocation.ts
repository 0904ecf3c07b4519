/** What the containers of a pod were given and what they have, while the spec says what they should get. Upstream: pkg/kubelet/allocation */
import { Quantity } from "#apimachinery/quantity.ts";
import type { Container, Pod, ResourceRequirements } from "#api/gen/core-v1.ts";
import type { ResizeRefusal } from "./admission.ts";
import { containersOf, statusesOf } from "./containers.ts";
import { instanceOf, type ContainerInstance, type PodRuntime } from "./pod-runtime.ts";

const resizable = ["cpu", "memory"] as const;

/** A running container whose resources are to change. */
export interface ContainerResize {
  readonly container: Container;
  readonly instance: ContainerInstance;
  readonly from: ResourceRequirements;
  /** By its resize policy it must be made anew. */
  readonly restart: boolean;
}

/**
 * One pod's resources. A change of the spec is taken as a whole or not at all: what the node cannot give stays pending.
 * After a restart of the kubelet the status says what the containers have; a change that was under way is decided again.
 */
export class Allocation {
  readonly #given: Map<string, ResourceRequirements>;
  readonly #actual = new Map<string, { readonly id: string; readonly resources: ResourceRequirements }>();
  /** Why the spec's resources were not given. */
  pending: ResizeRefusal | undefined;
  /** Why those that were given could not be put in force. */
  error: string | undefined;

  constructor(pod: Pod) {
    const said = statusesOf(pod);
    this.#given = new Map(containersOf(pod).map(({ container: c }) => [c.name, said.get(c.name)?.resources ?? c.resources ?? {}]));
  }

  /** The pod as it was given to this node. */
  given(pod: Pod): Pod {
    return withResources(pod, (c) => this.#given.get(c.name));
  }

  /** The pod as its running containers are. */
  actual(pod: Pod): Pod {
    return withResources(pod, (c) => this.#actual.get(c.name)?.resources ?? this.#given.get(c.name));
  }

  /** Remembers what new instances were made with. Call it before `decide`: they were made with what was given until now. */
  observe(pod: Pod, runtime: PodRuntime): void {
    for (const { container } of containersOf(this.given(pod))) {
      const instance = instanceOf(runtime, container.name);
      if (instance?.state === "running" && this.#actual.get(container.name)?.id !== instance.id)
        this.#actual.set(container.name, { id: instance.id, resources: container.resources ?? {} });
    }
  }

  /** Gives what the spec asks for, unless it is refused. @param refuses judges the pod as it would be */
  decide(pod: Pod, refuses: (pod: Pod) => ResizeRefusal | undefined): void {
    const changed = containersOf(pod).filter(({ container }) => differ(container.resources, this.#given.get(container.name)));
    this.pending = changed.length === 0 ? undefined : refuses(pod);
    if (this.pending !== undefined) return;
    for (const { container } of containersOf(pod)) this.#given.set(container.name, container.resources ?? {});
  }

  /** What running containers have and should not have any more. */
  resizes(pod: Pod, runtime: PodRuntime): ContainerResize[] {
    return containersOf(this.given(pod)).flatMap(({ container }) => {
      const instance = instanceOf(runtime, container.name);
      const actual = this.#actual.get(container.name);
      if (instance?.state !== "running" || actual?.id !== instance.id || !differ(container.resources, actual.resources)) return [];
      return [{ container, instance, from: actual.resources, restart: needsRestart(container, actual.resources) }];
    });
  }

  /** A running instance has what was given. */
  done({ container, instance }: ContainerResize): void {
    this.#actual.set(container.name, { id: instance.id, resources: container.resources ?? {} });
  }
}

const withResources = (pod: Pod, of: (container: Container) => ResourceRequirements | undefined): Pod => {
  const taken = <T extends Container>(containers: readonly T[]): T[] =>
    containers.map((c) => {
      const resources = of(c);
      return resources === undefined ? c : { ...c, resources };
    });
  const { containers, initContainers } = pod.spec;
  return { ...pod, spec: { ...pod.spec, containers: taken(containers), ...(initContainers !== undefined && { initContainers: taken(initContainers) }) } };
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
