import type { Runtime } from "#cri/runtime.ts";
import { RuntimeError } from "#cri/runtime.ts";
import { containerState, sandboxState } from "#cri/states.ts";
import type { ContainerState, PodSandboxState } from "#cri/gen/cri-v1.ts";
import { labelNames } from "../names.ts";
import { containerOf, sandboxOf, type ContainerInstance, type PodRuntime, type Sandbox } from "./pod-runtime.ts";
import { RuntimeOwners } from "./runtime-owners.ts";
import { terminationMessage } from "../containers/termination-message.ts";

/**
 * What the runtime has, pod by pod, read again only after somebody said that it changed. A read lists; the state of one
 * container or sandbox is asked for once per turn of its life. What this kubelet makes itself is added, not looked for.
 */
export class RuntimeCache {
  readonly owners: RuntimeOwners = new RuntimeOwners();
  readonly #runtime: Runtime;
  readonly #pods = new Map<string, Promise<PodRuntime>>();
  /** What changes only with its state: sandboxes with their addresses, containers that run or have ended. */
  readonly #sandboxes = new Map<string, Sandbox>();
  readonly #containers = new Map<string, ContainerInstance>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** The pod's sandboxes and containers, as fresh as the last `invalidate`. Rejects with `RuntimeError`. */
  get(uid: string): Promise<PodRuntime> {
    return this.#pods.get(uid) ?? this.#keep(uid, this.owners.hasNothing(uid) ? Promise.resolve(nothing(uid)) : this.#read(uid));
  }

  /** Reads once more, whatever is known. */
  refresh(uid: string): Promise<PodRuntime> {
    this.owners.doubt(uid);
    this.invalidate(uid);
    return this.get(uid);
  }

  invalidate(uid: string): void {
    this.#pods.delete(uid);
  }

  /** A sandbox of the pod stands: what is known of the pod is so with it. */
  sandboxMade(uid: string, id: string): Promise<PodRuntime> {
    return this.#add(uid, id, this.#sandbox(id), (known, sandbox) => ({ ...known, sandboxes: [sandbox, ...known.sandboxes.filter((s) => s.id !== id)] }));
  }

  /** A container of the pod was started. */
  containerStarted(uid: string, id: string, podSandboxId: string): Promise<PodRuntime> {
    return this.#add(uid, id, this.#container(id, podSandboxId), (known, container) => ({ ...known, containers: newestFirst([container, ...known.containers.filter((c) => c.id !== id)]) }));
  }

  /** A container was made and could not be started. */
  gaveUp(uid: string, id: string): void {
    this.owners.made(id);
    this.invalidate(uid);
  }

  /** True when an event that says that this stands says nothing new. */
  knows(id: string): boolean {
    return this.owners.isBeingMade(id) || this.#sandboxes.has(id) || this.#containers.has(id);
  }

  isSandbox(id: string): boolean {
    return this.#sandboxes.has(id);
  }

  /** True when a list that says this says nothing new. */
  agrees(id: string, state: PodSandboxState | ContainerState): boolean {
    const sandbox = this.#sandboxes.get(id);
    if (sandbox !== undefined) return sandbox.ready === (state === "SANDBOX_READY");
    return this.owners.isBeingMade(id) || (state !== "CONTAINER_CREATED" && this.#containers.get(id)?.state === states[state]);
  }

  /** Drops everything about containers that are gone. @param alive ids of all that the runtime has */
  prune(alive: ReadonlySet<string>): void {
    for (const known of [this.#containers, this.#sandboxes]) for (const id of known.keys()) if (!alive.has(id)) known.delete(id);
  }

  #keep(uid: string, reading: Promise<PodRuntime>): Promise<PodRuntime> {
    this.#pods.set(uid, reading);
    reading.catch(() => {
      this.owners.doubt(uid);
      if (this.#pods.get(uid) === reading) this.#pods.delete(uid);
    });
    return reading;
  }

  /** Without something that is known already, all is read. */
  #add<T>(uid: string, id: string, reading: Promise<T | undefined>, add: (known: PodRuntime, part: T) => PodRuntime): Promise<PodRuntime> {
    void reading.catch(() => {}).finally(() => this.owners.made(id)); // awaited below, or of no interest
    const known = this.#pods.get(uid);
    if (known === undefined) return this.refresh(uid);
    return this.#keep(uid, Promise.all([known, reading]).then(([before, part]) => (part === undefined ? this.#read(uid) : add(before, part))));
  }

  async #read(uid: string): Promise<PodRuntime> {
    const filter = { labelSelector: { [labelNames.podUid]: uid } };
    const [sandboxes, containers] = await Promise.all([this.#runtime.listPodSandbox({ filter }), this.#runtime.listContainers({ filter })]);
    const [boxes, instances] = await Promise.all([
      Promise.all((sandboxes.items ?? []).map((s) => this.#sandbox(s.id ?? "", sandboxState(s)))),
      Promise.all((containers.containers ?? []).map((c) => this.#container(c.id ?? "", c.podSandboxId ?? "", containerState(c)))),
    ]);
    for (const { id = "" } of [...(sandboxes.items ?? []), ...(containers.containers ?? [])]) this.owners.note(id, uid);
    const about = (sandboxes.items ?? [])[0]?.labels ?? (containers.containers ?? [])[0]?.labels ?? {};
    return {
      uid,
      namespace: about[labelNames.podNamespace] ?? "",
      name: about[labelNames.podName] ?? "",
      sandboxes: boxes.filter((s) => s !== undefined).sort((a, b) => b.attempt - a.attempt),
      containers: newestFirst(instances.filter((c) => c !== undefined)),
    };
  }

  /** @param listed as a list says; without it the runtime is asked in any case, here and below */
  async #sandbox(id: string, listed?: PodSandboxState): Promise<Sandbox | undefined> {
    const known = this.#sandboxes.get(id);
    if (known !== undefined && listed !== undefined && (listed === "SANDBOX_READY") === known.ready) return known;
    this.#sandboxes.delete(id);
    const { status } = await orGone(this.#runtime.podSandboxStatus({ podSandboxId: id }));
    if (status === undefined) return undefined;
    const sandbox = sandboxOf(status);
    if (!sandbox.ready || sandbox.hostNetwork || sandbox.ips.length > 0) this.#sandboxes.set(id, sandbox);
    return sandbox;
  }

  async #container(id: string, podSandboxId: string, listed?: ContainerState): Promise<ContainerInstance | undefined> {
    const known = this.#containers.get(id);
    if (known !== undefined && (known.state === "exited" || listed === "CONTAINER_RUNNING")) return known;
    this.#containers.delete(id);
    const { status } = await orGone(this.#runtime.containerStatus({ containerId: id }));
    if (status === undefined) return undefined;
    const now = containerState(status);
    const message = now === "CONTAINER_EXITED" ? await terminationMessage(status) : "";
    const instance = containerOf(status, podSandboxId, now === "CONTAINER_EXITED" && message === "" ? (status.message ?? "") : message);
    const lasts = now === "CONTAINER_RUNNING" || (now === "CONTAINER_EXITED" && listed === "CONTAINER_EXITED");
    if (lasts) this.#containers.set(id, instance);
    return instance;
  }
}

const states: Partial<Record<PodSandboxState | ContainerState, ContainerInstance["state"]>> = { CONTAINER_RUNNING: "running", CONTAINER_EXITED: "exited" };
const nothing = (uid: string): PodRuntime => ({ uid, namespace: "", name: "", sandboxes: [], containers: [] });
const newestFirst = (containers: readonly ContainerInstance[]): ContainerInstance[] => [...containers].sort((a, b) => b.createdAt - a.createdAt || b.restartCount - a.restartCount);

/** What vanished between the list and the look is not there. */
async function orGone<T extends object>(call: Promise<T>): Promise<Partial<T>> {
  try {
    return await call;
  } catch (err) {
    if (err instanceof RuntimeError && err.code === "NotFound") return {};
    throw err;
  }
}
