/** Pods that must not notice when what looks after them is killed. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { Pod } from "#api/gen/core-v1.ts";
import { isPodReady } from "#api/pod.ts";
import { pods } from "#api/resources.ts";
import { isAlive, readPidFile, signalProcess, type ProcessId } from "#base/daemon.ts";
import { pause } from "#base/waiting.ts";
import type { Client } from "#client/client.ts";
import type { Instance } from "#cmd/instance.ts";
import { runningProcess } from "#cmd/processes.ts";
import { found, until } from "./churn.ts";
import { podProcesses } from "./host-state.ts";

const image = "seedpod.local/busybox:1";

export class Bystanders {
  readonly #client: Client;
  readonly #instance: Instance;
  readonly #namespace: string;

  constructor(client: Client, instance: Instance, namespace: string) {
    this.#client = client;
    this.#instance = instance;
    this.#namespace = namespace;
  }

  /** Makes pods that run for ever; `sleeper-0` is ready while a file of its volume is there. */
  async start(count: number): Promise<void> {
    const container = { name: "c", image, command: ["sleep", "1000000"] };
    for (let i = 0; i < count; i++) {
      const probe = i === 0 && { readinessProbe: { exec: { command: ["ls", "/e/ready"] }, periodSeconds: 1, failureThreshold: 1 }, volumeMounts: [{ name: "e", mountPath: "/e" }] };
      await this.#client.resource(pods).create({ metadata: { name: `sleeper-${i}`, namespace: this.#namespace, labels: { app: "sleeper" } }, spec: { terminationGracePeriodSeconds: 0, volumes: [{ name: "e", emptyDir: {} }], containers: [{ ...container, ...probe }] }, status: {} });
    }
    await until("all to run", async () => (await this.#pods()).every(({ status }) => status.phase === "Running"));
  }

  async stop(): Promise<void> {
    await this.#client.resource(pods).deleteCollection(this.#namespace, { labelSelector: "app=sleeper" });
    await until("all to have gone", async () => (await this.#pods()).length === 0);
  }

  /** What must be there for ever: processes with their start times, containers, restarts, addresses. Those of a probe under way come and go. */
  async facts(): Promise<readonly string[]> {
    const states = (await this.#pods()).map(({ metadata, status }) => {
      const [container] = status.containerStatuses ?? [];
      return JSON.stringify([metadata.name, metadata.uid, status.podIP, container?.containerID, container?.restartCount, container?.state?.running?.startedAt]);
    });
    return [...states.sort(), ...podProcesses(this.#instance)];
  }

  /** Makes the first pod ready, or no longer, behind the API's back; resolves with the milliseconds until its status says so. */
  async toggle(ready: boolean): Promise<number> {
    const file = join(this.#instance.kubeletDir, "pods", (await this.#first()).metadata.uid ?? "", "volumes/kubernetes.io~empty-dir/e/ready");
    const from = performance.now();
    if (ready) writeFileSync(file, "");
    else rmSync(file, { force: true });
    await until("the status to follow", async () => isPodReady(await this.#first()) === ready);
    return performance.now() - from;
  }

  #first(): Promise<Pod> {
    return this.#client.resource(pods).get("sleeper-0", this.#namespace);
  }

  async #pods(): Promise<readonly Pod[]> {
    return (await this.#client.resource(pods).list({ namespace: this.#namespace, labelSelector: "app=sleeper" })).items;
  }
}

export type Victim = "agent" | "containerd";

/** `SIGKILL`s it; resolves when it has ended. Throws when it did not run. */
export async function kill(instance: Instance, victim: Victim): Promise<void> {
  await until(`a running ${victim}`, async () => victimOf(instance, victim) !== undefined);
  const id = victimOf(instance, victim);
  if (id === undefined || !signalProcess(id, "SIGKILL")) throw new Error(`no ${victim} to kill`);
  await until(`the ${victim} to end`, async () => !isAlive(id));
}

const victimOf = (instance: Instance, victim: Victim): ProcessId | undefined => {
  const id = victim === "agent" ? runningProcess(instance, "agent") : readPidFile(instance.containerdPid);
  return id !== undefined && isAlive(id) ? id : undefined;
};

/** Kills containerd `afterMs` after `count` pods were asked for; all of them must run in the end, and are taken away. */
export async function killDuringCreation(client: Client, instance: Instance, namespace: string, count: number, afterMs: number): Promise<void> {
  const names = Array.from({ length: count }, (_, i) => `born-${i}`);
  const api = client.resource(pods);
  for (const name of names) await api.create({ metadata: { name, namespace }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: "c", image, command: ["sleep", "100000"] }] }, status: {} });
  await pause(afterMs);
  await kill(instance, "containerd");
  for (const name of names) await until(`${name} to run`, async () => isPodReady(await api.get(name, namespace)));
  for (const name of names) await api.delete(name, namespace);
  for (const name of names) await until(`${name} to have gone`, async () => (await found(api.get(name, namespace))) === undefined);
}
