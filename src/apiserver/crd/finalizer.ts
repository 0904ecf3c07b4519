/** Deletes all instances of a definition, then lets it go. Upstream: controller/finalizer/crd_finalizer.go */
import type { CustomResourceDefinition, CustomResourceDefinitionCondition } from "#api/gen/apiextensions-v1.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { isStatus } from "#apimachinery/status.ts";
import { timestamp } from "#apimachinery/time.ts";
import type { Cache } from "../cacher/cache.ts";
import { prefixOf } from "../cacher/keys.ts";
import { customResourceDefinitions } from "../registry/apiextensions/custom-resource-definition.ts";
import { update } from "../registry/generic.ts";
import { remove } from "../registry/remove.ts";
import { erase, type AnyResource } from "../registry/resource.ts";
import type { StorageDeps } from "../registry/writes.ts";
import { cleanupFinalizer, terminating } from "./definition/cleanup.ts";
import { setCondition } from "./definition/conditions.ts";
import type { Definition } from "./definition.ts";
import { customResource } from "./resource.ts";
import { system } from "./system-writes.ts";

const atOnce = 16;
/** After this time the status says that instances remain. */
const patienceMs = 60_000;

/** Resolves when the definition is free to go. Can be begun anew at any time. */
export async function finalize(storage: StorageDeps, definition: Definition, signal: AbortSignal): Promise<void> {
  const { metadata: { name }, spec } = definition.crd;
  const done = (condition: CustomResourceDefinitionCondition): Promise<void> => write(storage, name, condition, true);
  if (!definition.established) return await done(terminating("False", "NeverEstablished", "resource was never established"));
  await write(storage, name, terminating("True", "InstanceDeletionInProgress", "CustomResource deletion is in progress"), false);
  const [version] = spec.versions.filter(({ storage: stored }) => stored);
  if (version === undefined) throw new Error(`${name} has no storage version`);
  const cache = storage.feed.cache(prefixOf({ group: spec.group, plural: spec.names.plural }));
  await storage.feed.fresh();
  await removeAll(storage, customResource(definition, version, signal), cache);
  while (!(await emptied(storage, cache, signal))) {
    await write(storage, name, terminating("True", "InstanceDeletionCheck", "could not confirm zero CustomResources remaining: timed out waiting for the condition"), false);
  }
  await done(terminating("False", "InstanceDeletionCompleted", "removed all instances"));
}

async function removeAll(storage: StorageDeps, resource: AnyResource, cache: Cache): Promise<void> {
  const items = cache.list(cache.prefix);
  for (let i = 0; i < items.length; i += atOnce) {
    await Promise.all(items.slice(i, i + atOnce).map(({ namespace, name }) => remove(storage, { resource, namespace, name }, {}, system).catch((err: unknown) => {
      if (!isStatus(err, "NotFound")) throw err;
    })));
  }
}

/** True when no instance is left; false when some still are after a while. Throws when the signal aborts. */
async function emptied({ feed, clock }: StorageDeps, cache: Cache, signal: AbortSignal): Promise<boolean> {
  await feed.fresh();
  const over = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = cache.onChange(() => { if (cache.size === 0) resolve(); });
  try {
    if (cache.size > 0) await Promise.race([promise, clock.sleep(patienceMs, AbortSignal.any([signal, over.signal]))]);
    return cache.size === 0;
  } finally {
    stop();
    over.abort();
  }
}

async function write(storage: StorageDeps, name: string, condition: CustomResourceDefinitionCondition, release: boolean): Promise<void> {
  const next = (old: KubeObject | undefined): KubeObject => {
    const crd = old as CustomResourceDefinition;
    setCondition(crd, condition, timestamp(storage.clock.now()));
    if (release) crd.metadata.finalizers = (crd.metadata.finalizers ?? []).filter((f) => f !== cleanupFinalizer);
    return crd;
  };
  try {
    await update(storage, { resource: erase(customResourceDefinitions), namespace: "", name }, { subresource: { name: "status", write: { type: "write", prepareUpdate: () => {} } }, next }, system);
  } catch (err) {
    if (!isStatus(err, "NotFound")) throw err;
  }
}
