/** What must be done to a pod's sandbox and containers, from what is asked and what is. Upstream: pkg/kubelet/kuberuntime/kuberuntime_manager.go computePodActions, computeInitContainerActions */
import type { Pod } from "#api/gen/core-v1.ts";
import { containersOf, type PodContainer } from "../containers/containers.ts";
import { hashOf, mayRestart } from "../containers/restart.ts";
import { type ContainerInstance, type PodRuntime, type Sandbox } from "../runtime/pod-runtime.ts";

export interface PodActions {
  /** Everything of the pod must stop: for a new sandbox, or for good when `createSandbox` is not set. */
  readonly killPod: boolean;
  readonly createSandbox: boolean;
  /** The number of the sandbox to create, or of the present one. */
  readonly attempt: number;
  readonly sandbox: Sandbox | undefined;
  /** To be started now, all at once. */
  readonly start: readonly PodContainer[];
  readonly kill: readonly ContainerKill[];
}

export interface ContainerKill {
  readonly instance: ContainerInstance;
  readonly message: string;
  readonly why: "liveness" | "startup" | "changed" | "unknown";
}

/** What the probes know about a running instance. */
export interface ProbeFacts {
  livenessFailed(pod: Pod, id: string): boolean;
  /** Undefined while the startup probe has not decided; a container without one has succeeded. */
  startup(pod: Pod, container: string, id: string): boolean | undefined;
}

export function podActions(pod: Pod, runtime: PodRuntime, probes: ProbeFacts): PodActions {
  const box = sandboxFor(pod, runtime);
  const all = containersOf(pod);
  if (box.create) return withNewSandbox(pod, runtime, all, box.attempt);
  const here = (name: string): ContainerInstance | undefined => runtime.containers.find((c) => c.name === name && c.sandboxId === box.sandbox?.id);
  const apps = all.filter((c) => c.kind === "app");
  const inits = all.filter((c) => c.kind === "init" || c.kind === "sidecar");
  const ephemeral = all.filter((c) => c.kind === "ephemeral" && here(c.container.name) === undefined);
  const init = initActions(
    pod,
    inits,
    here,
    probes,
    apps.some((c) => here(c.container.name) !== undefined),
  );
  const base = { createSandbox: false, attempt: box.attempt, sandbox: box.sandbox };
  if (init.failed) return { ...base, killPod: true, start: [], kill: [] };
  if (!init.initialized) return { ...base, killPod: false, start: [...ephemeral, ...init.start], kill: init.kill };
  const app = appActions(pod, apps, here, probes);
  if (app.keep === 0 && app.start.length === 0) return { ...base, killPod: true, start: [], kill: [] };
  return { ...base, killPod: false, start: [...ephemeral, ...init.start, ...app.start], kill: [...init.kill, ...app.kill] };
}

function sandboxFor(pod: Pod, runtime: PodRuntime): { readonly create: boolean; readonly attempt: number; readonly sandbox: Sandbox | undefined } {
  const newest = runtime.sandboxes[0];
  if (newest === undefined) return { create: true, attempt: 0, sandbox: undefined };
  const host = pod.spec.hostNetwork === true;
  const usable =
    newest.ready && runtime.sandboxes.filter((s) => s.ready).length === 1 && newest.hostNetwork === host && (host || newest.ips.length > 0);
  return usable ? { create: false, attempt: newest.attempt, sandbox: newest } : { create: true, attempt: newest.attempt + 1, sandbox: undefined };
}

function withNewSandbox(pod: Pod, runtime: PodRuntime, all: readonly PodContainer[], attempt: number): PodActions {
  const last = (name: string): ContainerInstance | undefined => runtime.containers.find((c) => c.name === name);
  const apps = all.filter((c) => c.kind === "app" && mayRestart(pod, c.container, last(c.container.name)));
  const over = attempt > 0 && runtime.containers.length > 0 && apps.length === 0;
  if (over) return { killPod: true, createSandbox: false, attempt, sandbox: undefined, start: [], kill: [] };
  const first = all.find((c) => c.kind === "init" || c.kind === "sidecar");
  return { killPod: attempt > 0, createSandbox: true, attempt, sandbox: undefined, start: first === undefined ? apps : [first], kill: [] };
}

interface InitActions {
  readonly start: readonly PodContainer[];
  readonly kill: readonly ContainerKill[];
  readonly initialized: boolean;
  readonly failed: boolean;
}

/** @param appStarted true when an app container has been made in this sandbox: then only sidecars are looked after */
function initActions(
  pod: Pod,
  inits: readonly PodContainer[],
  here: (name: string) => ContainerInstance | undefined,
  probes: ProbeFacts,
  appStarted: boolean,
): InitActions {
  const start: PodContainer[] = [];
  const kill: ContainerKill[] = [];
  const reached = appStarted ? inits.length : inits.findLastIndex((c) => here(c.container.name) !== undefined);
  for (const [index, c] of inits.entries()) {
    const instance = here(c.container.name);
    if (c.kind === "sidecar") {
      if (instance?.state !== "running") start.push(c);
      else kill.push(...unhealthy(pod, c, instance, probes));
      const started = instance?.state === "running" && probes.startup(pod, c.container.name, instance.id) === true;
      if (!started && index >= reached) return { start: withRestarts(start, kill, inits), kill, initialized: false, failed: false };
      continue;
    }
    if (index < reached || (instance?.state === "exited" && instance.exitCode === 0)) continue;
    if (instance?.state === "running")
      return { start: withRestarts(start, kill, inits), kill: [...kill, ...unhealthy(pod, c, instance, probes)], initialized: false, failed: false };
    if (!mayRestart(pod, c.container, instance, "init")) return { start: [], kill: [], initialized: false, failed: true };
    return { start: withRestarts([...start, c], kill, inits), kill, initialized: false, failed: false };
  }
  return { start: withRestarts(start, kill, inits), kill, initialized: true, failed: false };
}

/** A sidecar that is killed for its health starts again at once. */
const withRestarts = (start: readonly PodContainer[], kill: readonly ContainerKill[], inits: readonly PodContainer[]): PodContainer[] => [
  ...start,
  ...inits.filter((c) => c.kind === "sidecar" && kill.some((k) => k.instance.name === c.container.name)),
];

function appActions(
  pod: Pod,
  apps: readonly PodContainer[],
  here: (name: string) => ContainerInstance | undefined,
  probes: ProbeFacts,
): { readonly keep: number; readonly start: PodContainer[]; readonly kill: ContainerKill[] } {
  const start: PodContainer[] = [];
  const kill: ContainerKill[] = [];
  let keep = 0;
  for (const c of apps) {
    const instance = here(c.container.name);
    if (instance?.state !== "running") {
      if (mayRestart(pod, c.container, instance)) start.push(c);
      if (instance?.state === "unknown")
        kill.push({ instance, why: "unknown", message: `Container is in "unknown" state, try killing it before restart` });
      continue;
    }
    const [bad] = unhealthy(pod, c, instance, probes);
    if (bad === undefined) {
      keep++;
      continue;
    }
    kill.push(bad);
    if (bad.why === "changed" || mayRestart(pod, c.container, { ...instance, state: "exited", exitCode: 137 })) start.push(c);
    else keep++; // it ends; its end decides
  }
  return { keep, start, kill };
}

/** Why a running instance must go, in upstream's words. */
function unhealthy(pod: Pod, { container }: PodContainer, instance: ContainerInstance, probes: ProbeFacts): ContainerKill[] {
  const restart = mayRestart(pod, container, { ...instance, state: "exited", exitCode: 137 }) ? ", will be restarted" : "";
  if (instance.hash !== "" && instance.hash !== hashOf(container))
    return [{ instance, why: "changed", message: `Container ${container.name} definition changed, will be restarted` }];
  if (instance.outdated !== undefined) return [{ instance, why: "changed", message: instance.outdated }];
  if (probes.livenessFailed(pod, instance.id))
    return [{ instance, why: "liveness", message: `Container ${container.name} failed liveness probe${restart}` }];
  if (probes.startup(pod, container.name, instance.id) === false)
    return [{ instance, why: "startup", message: `Container ${container.name} failed startup probe${restart}` }];
  return [];
}
