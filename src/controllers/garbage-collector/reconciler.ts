import { semanticEqual } from "#apimachinery/equal.ts";
import type { KubeObject, OwnerReference } from "#apimachinery/meta.ts";
import { isStatus } from "#apimachinery/status.ts";
import type { Component } from "#base/component.ts";
import type { Client } from "#client/client.ts";
import type { EventRecorder } from "#client/events.ts";
import type { Discovered } from "../discovered.ts";
import { ignore } from "../ignore.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { Caches } from "./caches.ts";
import { Graph, type Tracked } from "./graph.ts";
import { awaitsItsOwn, foregroundFinalizer, orphanFinalizer, plan, type OwnerState } from "./plan.ts";
import { Resources } from "./resources.ts";

/** Deletes what its owners have left behind, over all resources there are. */
export function garbageCollector(deps: ControllerDeps): Component {
  const resources = new Resources(deps);
  return {
    name: "garbage-collector",
    async run(signal) {
      const caches = new Caches(deps);
      try {
        let found = await resources.first(signal);
        while (!signal.aborted) found = await generation(deps, resources, found, caches, signal);
      } catch (err) {
        if (!signal.aborted) throw err;
      } finally {
        resources.stop();
        await caches.stop();
      }
    },
  };
}

/** Collects among these resources until there are others, or until a cache that was late has come. */
async function generation(deps: ControllerDeps, resources: Resources, found: readonly Discovered[], caches: Caches, signal: AbortSignal): Promise<readonly Discovered[]> {
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  const { ready, late } = await caches.ready(found, until);
  let next = found;
  const changes = resources.next(until).then((others) => { next = others; });
  const lateOnes = late.map(({ informer }) => informer.synced(until));
  const running = collector(deps, ready, found).run(until);
  try {
    await Promise.race([running, changes, ...lateOnes]);
  } finally {
    over.abort();
    await Promise.allSettled([running, changes, ...lateOnes]);
  }
  return next;
}

/** A collector for these resources. */
function collector(deps: ControllerDeps, tracked: readonly Tracked[], resources: readonly Discovered[]): Component {
  const graph = new Graph(tracked, resources);
  const events = deps.events("garbage-collector-controller");
  const controller = newController(deps, (client) => ({
    sources: tracked.map(({ ref, informer }) => ({ ...source<KubeObject>(ref, informer, (object) => graph.keysFor(ref, object)), matters: concernsOwners })),
    workers: 20,
    reconciler: {
      name: "garbage-collector",
      async reconcile(key, signal) {
        const found = graph.find(key);
        if (found !== undefined) await collect({ client, graph, events }, found.ref, found.object, signal);
      },
    },
  }));
  return { name: controller.name, run: (signal) => controller.run(signal).finally(() => graph.stop()) };
}

/** What a kubelet says of a pod is no work here. */
const concernsOwners = ({ metadata: old }: KubeObject, { metadata }: KubeObject): boolean =>
  old.uid !== metadata.uid || old.deletionTimestamp !== metadata.deletionTimestamp || !semanticEqual(old.finalizers, metadata.finalizers) || !semanticEqual(old.ownerReferences, metadata.ownerReferences);

interface World { readonly client: Client; readonly graph: Graph; readonly events: EventRecorder }

async function collect(world: World, ref: Discovered, object: KubeObject, signal: AbortSignal): Promise<void> {
  const { client, graph } = world;
  const { name, namespace, uid = "", resourceVersion = "" } = object.metadata;
  const states = new Map<string, OwnerState>();
  for (const owner of object.metadata.ownerReferences ?? []) states.set(owner.uid, await stateOf(world, ref, object, owner, signal));
  const dependents = graph.dependents(uid);
  const next = plan(object, dependents.map((d) => d.object), ({ uid: of }) => states.get(of) ?? "solid");
  switch (next.action) {
    case "keep": return;
    case "delete": return client.resource(ref).delete(name, namespace, { propagationPolicy: next.policy, preconditions: { uid, resourceVersion }, signal }).catch(ignore("NotFound"));
    case "release": return dropOwners(client, ref, object, next.owners.map((o) => o.uid), signal);
    case "orphan": {
      for (const d of dependents) await dropOwners(client, d.ref, d.object, [uid], signal);
      return dropFinalizer(client, ref, object, orphanFinalizer, signal);
    }
    case "foreground": {
      if (next.ready) return dropFinalizer(client, ref, object, foregroundFinalizer, signal);
      for (const d of dependents.filter(({ object: dependent }) => !awaitsItsOwn(dependent))) await collect(world, d.ref, d.object, signal);
      return;
    }
    case "unblock": return patchOwners(client, ref, object, (object.metadata.ownerReferences ?? []).map((o) => ({ ...o, blockOwnerDeletion: false })), signal);
  }
}

/**
 * Gone only when the server itself says so: a cache may be behind. An owner in another namespace is none, which an Event
 * tells; a cluster-scoped object that names a namespaced owner is left alone.
 */
async function stateOf({ client, graph, events }: World, ref: Discovered, dependent: KubeObject, owner: OwnerReference, signal: AbortSignal): Promise<OwnerState> {
  const { namespace = "" } = dependent.metadata;
  const { object: known, misplaced } = graph.owner(owner, dependent.metadata.namespace);
  if (known !== undefined) return awaitsItsOwn(known) ? "waiting" : "solid";
  if (misplaced) {
    const about = { ...dependent, kind: ref.kind, apiVersion: ref.apiVersions[0] ?? "" };
    events.event(about, "Warning", "OwnerRefInvalidNamespace", `ownerRef [${owner.apiVersion}/${owner.kind}, namespace: ${namespace}, name: ${owner.name}, uid: ${owner.uid}] does not exist in namespace "${namespace}"`);
  }
  const resource = graph.resourceOf(owner);
  if (resource === undefined) throw new Error(`no resource serves ${owner.apiVersion} ${owner.kind}, owner of ${dependent.metadata.name}`);
  if (resource.namespaced && namespace === "") return "solid";
  try {
    const live = await client.resource(resource).get(owner.name, resource.namespaced ? dependent.metadata.namespace : undefined, signal);
    return live.metadata.uid === owner.uid ? "solid" : "absent";
  } catch (err) {
    if (isStatus(err, "NotFound")) return "absent";
    throw err;
  }
}

const dropOwners = (client: Client, ref: Discovered, object: KubeObject, uids: readonly string[], signal: AbortSignal): Promise<void> =>
  patchOwners(client, ref, object, (object.metadata.ownerReferences ?? []).filter(({ uid }) => !uids.includes(uid)), signal);

async function patchOwners(client: Client, ref: Discovered, { metadata }: KubeObject, ownerReferences: readonly OwnerReference[], signal: AbortSignal): Promise<void> {
  await client.resource(ref).patch(metadata.name, metadata.namespace, { type: "merge", body: { metadata: { ownerReferences, resourceVersion: metadata.resourceVersion } } }, { signal }).catch(ignore("NotFound"));
}

async function dropFinalizer(client: Client, ref: Discovered, { metadata }: KubeObject, finalizer: string, signal: AbortSignal): Promise<void> {
  const finalizers = (metadata.finalizers ?? []).filter((name) => name !== finalizer);
  await client.resource(ref).patch(metadata.name, metadata.namespace, { type: "merge", body: { metadata: { finalizers, resourceVersion: metadata.resourceVersion } } }, { signal }).catch(ignore("NotFound"));
}
