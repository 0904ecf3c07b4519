import type { Namespace } from "#api/gen/core-v1.ts";
import { namespaces } from "#api/resources.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import type { Component } from "#base/component.ts";
import { messageOf } from "#base/error-message.ts";
import type { Client } from "#client/client.ts";
import { discoverSome, type Discovered } from "../discovered.ts";
import { ignore } from "../ignore.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { conditionsOf, isEmpty, type Left } from "./plan.ts";

const finalizer = "kubernetes";
/** The wait for what ends by itself; pods are waited for by their grace. */
const shortestWaitMs = 250;
const longestWaitMs = 15_000;

/** Empties namespaces that are deleted, then lets them go. Key: the namespace. Upstream: pkg/controller/namespace/deletion */
export function namespaceController(deps: ControllerDeps): Component {
  const cache = deps.informers.for(namespaces);
  const waits = new Map<string, number>();
  return newController(deps, (client) => ({
    sources: [source(namespaces, cache, ({ metadata }) => [metadata.name])],
    workers: 10,
    reconciler: {
      name: "namespace",
      async reconcile(key, signal) {
        const namespace = cache.get(key);
        if (namespace?.metadata.deletionTimestamp === undefined || !(namespace.spec.finalizers ?? []).includes(finalizer)) return void waits.delete(key);
        const left = await empty(client, key, signal);
        const done = isEmpty(left);
        const told = !done || isWatched(namespace) ? await tell(client, namespace, left, deps.clock.now(), signal) : namespace;
        if (done) {
          waits.delete(key);
          return finalize(client, told, signal);
        }
        const afterMs = waits.get(key) ?? shortestWaitMs;
        waits.set(key, Math.min(afterMs * 2, longestWaitMs));
        return { afterMs };
      },
    },
  }));
}

/** Somebody was told of problems, or will still see the namespace when this controller has done its part. */
const isWatched = ({ spec, status }: Namespace): boolean => (status.conditions ?? []).length > 0 || (spec.finalizers ?? []).length > 1;

async function tell(client: Client, namespace: Namespace, left: Left, now: number, signal: AbortSignal): Promise<Namespace> {
  const conditions = conditionsOf(namespace, left, now);
  return conditions === undefined ? namespace : client.resource(namespaces).patch(namespace.metadata.name, undefined, { type: "strategic", body: { status: { conditions } } }, { subresource: "status", signal });
}

/** Asks for the deletion of everything that can be seen; pods first, since others may be needed for their good end. */
async function empty(client: Client, namespace: string, signal: AbortSignal): Promise<Left> {
  const discovery = await discoverSome(client, signal);
  const found = discovery.found.filter((r) => r.namespaced && r.verbs.has("delete"));
  const isPod = (r: Discovered): boolean => r.group === "" && r.resource === "pods";
  const pods = await Promise.all(found.filter(isPod).map((r) => clear(client, r, namespace, signal)));
  const others = pods.some(({ items }) => items.length > 0) ? [] : await Promise.all(found.filter((r) => !isPod(r)).map((r) => clear(client, r, namespace, signal)));
  const cleared = [...pods, ...others];
  const finalizers = new Map<string, number>();
  for (const name of cleared.flatMap(({ items }) => items.flatMap(({ metadata }) => metadata.finalizers ?? []))) finalizers.set(name, (finalizers.get(name) ?? 0) + 1);
  return {
    undiscovered: discovery.failures,
    deletionErrors: cleared.flatMap(({ error }) => (error === undefined ? [] : [error])),
    remaining: cleared.filter(({ items }) => items.length > 0).map(({ ref, items }) => ({ group: ref.group, resource: ref.resource, count: items.length })),
    finalizers,
  };
}

interface Cleared { readonly ref: Discovered; readonly items: readonly KubeObject[]; readonly error?: string }

async function clear(client: Client, ref: Discovered, namespace: string, signal: AbortSignal): Promise<Cleared> {
  const resource = client.resource(ref);
  const left = async (): Promise<readonly KubeObject[]> => (await resource.list({ namespace, metadataOnly: true }, signal)).items;
  try {
    const items = await left();
    if (items.length === 0) return { ref, items };
    if (ref.verbs.has("deletecollection")) await resource.deleteCollection(namespace, { propagationPolicy: "Background", signal });
    else await Promise.all(items.map(({ metadata }) => resource.delete(metadata.name, namespace, { propagationPolicy: "Background", signal }).catch(ignore("NotFound"))));
    return { ref, items: await left() };
  } catch (err) {
    return { ref, items: [], error: messageOf(err) };
  }
}

async function finalize(client: Client, namespace: Namespace, signal: AbortSignal): Promise<void> {
  const finalizers = (namespace.spec.finalizers ?? []).filter((name) => name !== finalizer);
  await client.resource(namespaces).update({ ...namespace, spec: { ...namespace.spec, finalizers } }, { subresource: "finalize", signal }).catch(ignore("NotFound"));
}
