import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "#apimachinery/meta.ts";
import { configMaps, type ResourceRef } from "#api/resources.ts";
import { nextTurn } from "#base/clock.ts";
import { silent } from "#base/log.ts";
import { VirtualClock } from "#base/virtual-clock.ts";
import type { Client, ResourceClient } from "#client/client.ts";
import { newInformers } from "#client/informers.ts";
import type { Discovered } from "../discovered.ts";
import type { ControllerDeps } from "../runner.ts";
import { Caches } from "./caches.ts";

const never = new AbortController().signal;
const resource = (name: string): Discovered => ({ group: "", version: "v1", resource: name, kind: name, namespaced: true, verbs: new Set(), apiVersions: ["v1"] });
const untilAborted = (signal: AbortSignal | undefined): Promise<never> => new Promise((_, reject) => { signal?.addEventListener("abort", () => reject(signal.reason as Error)); });

/** What there is can be listed, but for what is broken; nothing ever changes. */
function started(): { readonly deps: ControllerDeps; readonly clock: VirtualClock; readonly asked: string[] } {
  const clock = new VirtualClock(0);
  const asked: string[] = [];
  const resourceOf = (ref: ResourceRef): ResourceClient<KubeObject> => ({
    list: async (_query, signal) => {
      asked.push(ref.resource);
      return ref.resource === "broken" ? untilAborted(signal) : { items: [], resourceVersion: "1" };
    },
    watch: async function* (_query, signal) { yield await untilAborted(signal); },
  }) as Partial<ResourceClient<KubeObject>> as ResourceClient<KubeObject>;
  const client = { resource: resourceOf } as unknown as Client;
  return { deps: { client, informers: newInformers(client, clock, silent), clock, log: silent, events: () => ({ event: () => {} }) }, clock, asked };
}
const names = (tracked: readonly { readonly ref: Discovered }[]): string[] => tracked.map(({ ref }) => ref.resource);

test("a cache that cannot be read is late, and is waited for once only", async () => {
  const { deps, clock } = started();
  const caches = new Caches(deps);
  const first = caches.ready([resource("good"), resource("broken")], never);
  await nextTurn();
  clock.advance(30_000);
  const { ready, late } = await first;
  assert.deepEqual([names(ready), names(late)], [["good"], ["broken"]]);
  const again = await caches.ready([resource("good"), resource("broken"), resource("new")], never);
  assert.deepEqual([names(again.ready), names(again.late), clock.now()], [["good", "new"], ["broken"], 30_000]);
  await caches.stop();
});

test("others' caches serve, and what is no longer there is no longer followed", async () => {
  const { deps, asked } = started();
  const shared = deps.informers.for(configMaps);
  const stopping = new AbortController();
  const running = deps.informers.run(stopping.signal);
  const caches = new Caches(deps);
  const { ready } = await caches.ready([resource("configmaps"), resource("sizes")], never);
  assert.equal(ready.find(({ ref }) => ref.resource === "configmaps")?.informer, shared);
  await caches.ready([resource("configmaps")], never);
  await caches.ready([resource("configmaps"), resource("sizes")], never);
  assert.deepEqual(asked, ["configmaps", "sizes", "sizes"]);
  await caches.stop();
  stopping.abort();
  await running;
});
