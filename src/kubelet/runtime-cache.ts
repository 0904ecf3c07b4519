import type { Runtime } from "#cri/runtime.ts";
import { RuntimeError } from "#cri/runtime.ts";
import { containerState } from "#cri/states.ts";
import type { Container } from "#cri/gen/cri-v1.ts";
import { labelNames } from "./names.ts";
import { containerOf, sandboxOf, type ContainerInstance, type PodRuntime, type Sandbox } from "./pod-runtime.ts";
import { terminationMessage } from "./termination-message.ts";

/** What the runtime has, pod by pod, read again only after somebody said that it changed. */
export class RuntimeCache {
  readonly #runtime: Runtime;
  readonly #pods = new Map<string, Promise<PodRuntime>>();
  /** An exited container changes no more. */
  readonly #exited = new Map<string, ContainerInstance>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** The pod's sandboxes and containers, as fresh as the last `invalidate`. Rejects with `RuntimeError`. */
  get(uid: string): Promise<PodRuntime> {
    const known = this.#pods.get(uid);
    if (known !== undefined) return known;
    const reading = this.#read(uid);
    this.#pods.set(uid, reading);
    reading.catch(() => {
      if (this.#pods.get(uid) === reading) this.#pods.delete(uid);
    });
    return reading;
  }

  /** Reads once more, whatever is known. */
  refresh(uid: string): Promise<PodRuntime> {
    this.invalidate(uid);
    return this.get(uid);
  }

  invalidate(uid: string): void {
    this.#pods.delete(uid);
  }

  /** Drops everything about containers that are gone. @param alive ids of all containers that the runtime has */
  prune(alive: ReadonlySet<string>): void {
    for (const id of this.#exited.keys()) if (!alive.has(id)) this.#exited.delete(id);
  }

  async #read(uid: string): Promise<PodRuntime> {
    const filter = { labelSelector: { [labelNames.podUid]: uid } };
    const [sandboxes, containers] = await Promise.all([this.#runtime.listPodSandbox({ filter }), this.#runtime.listContainers({ filter })]);
    const [boxes, instances] = await Promise.all([
      Promise.all((sandboxes.items ?? []).map((s) => this.#sandbox(s.id ?? ""))),
      Promise.all((containers.containers ?? []).map((c) => this.#container(c))),
    ]);
    const about = (sandboxes.items ?? [])[0]?.labels ?? (containers.containers ?? [])[0]?.labels ?? {};
    return {
      uid,
      namespace: about[labelNames.podNamespace] ?? "",
      name: about[labelNames.podName] ?? "",
      sandboxes: boxes.filter((s) => s !== undefined).sort((a, b) => b.attempt - a.attempt),
      containers: instances.filter((c) => c !== undefined).sort((a, b) => b.createdAt - a.createdAt || b.restartCount - a.restartCount),
    };
  }

  async #sandbox(podSandboxId: string): Promise<Sandbox | undefined> {
    const { status } = await orGone(this.#runtime.podSandboxStatus({ podSandboxId }));
    return status === undefined ? undefined : sandboxOf(status);
  }

  async #container({ id = "", podSandboxId = "", state }: Container): Promise<ContainerInstance | undefined> {
    const known = this.#exited.get(id);
    if (known !== undefined) return known;
    const { status } = await orGone(this.#runtime.containerStatus({ containerId: id }));
    if (status === undefined) return undefined;
    if (containerState(status) !== "CONTAINER_EXITED") return containerOf(status, podSandboxId, "");
    const message = await terminationMessage(status);
    const instance = containerOf(status, podSandboxId, message === "" ? (status.message ?? "") : message);
    if (containerState({ state: state ?? "CONTAINER_CREATED" }) === "CONTAINER_EXITED") this.#exited.set(id, instance);
    return instance;
  }
}

/** What vanished between the list and the look is not there. */
async function orGone<T extends object>(call: Promise<T>): Promise<Partial<T>> {
  try {
    return await call;
  } catch (err) {
    if (err instanceof RuntimeError && err.code === "NotFound") return {};
    throw err;
  }
}
