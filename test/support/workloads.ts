/** Controllers of workloads over the whole server, and a node's agent that only says that pods run. */
import type { TestContext } from "node:test";
import { namespaces, nodes, pods, type ResourceRef } from "#api/resources.ts";
import { isStatus } from "#apimachinery/status.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { systemClock } from "#base/clock.ts";
import { runAll, type Component } from "#base/component.ts";
import { silent } from "#base/log.ts";
import { eventually } from "#base/waiting.ts";
import type { Client } from "#client/client.ts";
import { newInformers } from "#client/informers.ts";
import type { ControllerDeps } from "#controllers/runner.ts";
import { startApiServer } from "./api-server.ts";

export interface Workloads {
  readonly client: Client;
  /** What the controllers have told, `reason: message`, in order. */
  readonly events: readonly string[];
  /** Lets pods run and leave until `check` no longer throws. */
  readonly eventually: (check: () => Promise<void>) => Promise<void>;
}

export const namespace = "shop";

/** Runs these controllers until the test ends, over a namespace and these nodes. */
export async function startWorkloads(t: TestContext, newControllers: (deps: ControllerDeps) => readonly Component[], nodeNames: readonly string[] = []): Promise<Workloads> {
  const { client } = await startApiServer(t);
  await client.resource(namespaces).create({ metadata: { name: namespace }, spec: {}, status: {} });
  await client.request({ method: "POST", path: `/api/v1/namespaces/${namespace}/serviceaccounts`, body: { metadata: { name: "default" } } });
  for (const name of nodeNames) await newNode(client, name);
  const informers = newInformers(client, systemClock, silent);
  const told: string[] = [];
  const events: ControllerDeps["events"] = () => ({ event: (_about, _type, reason, message) => { told.push(`${reason}: ${message}`); } });
  const stopping = new AbortController();
  const running = runAll([informers, ...newControllers({ client, informers, clock: systemClock, log: silent, events })], stopping.signal);
  t.after(async () => {
    stopping.abort();
    await running;
  });
  return { client, events: told, eventually: (check) => eventually(async () => { await letPodsRun(client); await check(); }) };
}

/** A node that takes pods: the taint that each new node gets is gone. */
export async function newNode(client: Client, name: string): Promise<void> {
  await client.resource(nodes).create({ metadata: { name, labels: { disk: "ssd" } }, spec: {}, status: {} });
  await client.resource(nodes).patch(name, undefined, { type: "merge", body: { spec: { taints: null } } });
}

async function letPodsRun(client: Client): Promise<void> {
  const all = client.resource(pods);
  for (const pod of (await all.list({ namespace })).items) {
    const { metadata: { name, deletionTimestamp }, status: { phase } } = pod;
    const status = { phase: "Running" as const, conditions: [{ type: "Ready", status: "True" as const, lastTransitionTime: new Date().toISOString() }] };
    const step: Promise<unknown> | undefined = deletionTimestamp !== undefined ? all.delete(name, namespace, { gracePeriodSeconds: 0 }) : phase === "Pending" ? all.update({ ...pod, status }, { subresource: "status" }) : undefined;
    await step?.catch((err: unknown) => { if (!isStatus(err, "NotFound", "Conflict")) throw err; });
  }
}

/** Names of all there are, sorted, each with what `more` says of it. */
export async function listed<T extends KubeObject>(client: Client, ref: ResourceRef<T>, more: (object: T) => string = () => ""): Promise<string[]> {
  return (await client.resource(ref).list({ namespace })).items.map((object) => `${object.metadata.name}${more(object)}`).sort();
}
