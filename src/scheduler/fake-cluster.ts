/** The scheduler on informers and a client that live in this process: for its tests and its bench. It validates nothing. */
import type { Node, Pod } from "#api/gen/core-v1.ts";
import type { ResourceRef } from "#api/resources.ts";
import { keyOf, type KubeObject } from "#apimachinery/meta.ts";
import { notFound } from "#apimachinery/status.ts";
import { systemClock, type Clock } from "#base/clock.ts";
import { silent } from "#base/log.ts";
import type { Client, Patch, ResourceClient } from "#client/client.ts";
import type { Changed, Informer, Informers } from "#client/lister.ts";
import { newScheduler } from "./scheduler.ts";

export interface RecordedEvent { readonly about: string; readonly type: string; readonly reason: string; readonly message: string }

/** A table of objects that tells its followers of changes, as an informer does. */
export class FakeInformer<T extends KubeObject> implements Informer<T> {
  readonly name: string;
  readonly resourceVersion = "0";
  readonly #objects = new Map<string, T>();
  readonly #handlers = new Set<(change: Changed<T>) => void>();

  constructor(name: string) {
    this.name = name;
  }

  get(key: string): T | undefined { return this.#objects.get(key); }
  list(namespace?: string): readonly T[] { return [...this.#objects.values()].filter((o) => namespace === undefined || o.metadata.namespace === namespace); }
  by(): readonly T[] { return []; }
  addIndex(): void {}
  async synced(): Promise<void> {}
  async run(): Promise<void> {}

  onChange(handler: (change: Changed<T>) => void): () => void {
    this.#handlers.add(handler);
    for (const object of this.#objects.values()) handler({ old: undefined, object });
    return () => this.#handlers.delete(handler);
  }

  put(object: T): void {
    const old = this.#objects.get(keyOf(object));
    this.#objects.set(keyOf(object), object);
    for (const handler of this.#handlers) handler({ old, object });
  }

  remove(key: string): void {
    const old = this.#objects.get(key);
    if (old === undefined || !this.#objects.delete(key)) return;
    for (const handler of this.#handlers) handler({ old, object: undefined });
  }
}

export interface FakeCluster {
  readonly events: readonly RecordedEvent[];
  table<T extends KubeObject>(ref: Pick<ResourceRef<T>, "resource" | "_type">): FakeInformer<T>;
  addNode(node: Node): void;
  addPod(pod: Pod): void;
  pod(key: string): Pod | undefined;
  /** Resolves when so many pods have been bound altogether. */
  allBound(count: number): Promise<void>;
  /** Fails the next requests to bind with these. */
  readonly bindErrors: Error[];
  stop(): Promise<void>;
}

export function newFakeCluster(options: { readonly clock?: Clock; readonly random?: () => number } = {}): FakeCluster {
  const { clock = systemClock, random = () => 0.5 } = options;
  const tables = new Map<string, FakeInformer<KubeObject>>();
  const events: RecordedEvent[] = [];
  const bindErrors: Error[] = [];
  let bound = 0;
  let told: { readonly count: number; readonly resolve: () => void } | undefined;

  const table = <T extends KubeObject>({ resource }: Pick<ResourceRef<T>, "resource" | "_type">): FakeInformer<T> => {
    const found = tables.get(resource) ?? new FakeInformer<KubeObject>(resource);
    tables.set(resource, found);
    return found as unknown as FakeInformer<T>;
  };
  const podTable = table<Pod>({ resource: "pods" });

  const bind = async (key: string, node: string): Promise<void> => {
    await Promise.resolve();
    const error = bindErrors.shift();
    if (error !== undefined) throw error;
    const pod = podTable.get(key);
    if (pod === undefined) throw notFound({ group: "", resource: "pods" }, key);
    podTable.put({ ...pod, spec: { ...pod.spec, nodeName: node } });
    if (++bound === told?.count) told.resolve();
  };

  const resource = <T extends KubeObject>(ref: ResourceRef<T>): ResourceClient<T> => {
    const objects = table(ref);
    const keyIn = (name: string, namespace?: string): string => keyOf({ metadata: { name, ...(namespace !== undefined && { namespace }) } });
    const made: Partial<ResourceClient<T>> = {
      update: async (object) => { objects.put(object); return object; },
      patch: async (name, namespace, patch) => {
        const old = objects.get(keyIn(name, namespace));
        if (old === undefined) throw notFound(ref, name);
        const next = merged(old, patch) as T;
        objects.put(next);
        return next;
      },
      delete: async (name, namespace) => {
        const old = objects.get(keyIn(name, namespace));
        if (old !== undefined) objects.put({ ...old, metadata: { ...old.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } });
      },
      createSubresource: async <R>(name: string, namespace: string | undefined, _sub: string, body: unknown) => {
        await bind(keyIn(name, namespace), (body as { readonly target: { readonly name: string } }).target.name);
        return {} as R;
      },
    };
    return made as ResourceClient<T>;
  };

  const client = { resource } as Client;
  const informers: Informers = { name: "informers", for: (ref) => table(ref), known: (ref) => table(ref), synced: async () => {}, run: async () => {} };
  const recorder = { event: (about: KubeObject, type: "Normal" | "Warning", reason: string, message: string): void => void events.push({ about: keyOf(about), type, reason, message }) };
  const stop = new AbortController();
  const running = newScheduler({ client, informers, events: recorder, clock, log: silent, random }).run(stop.signal);

  return {
    events, bindErrors, table,
    addNode: (node) => table<Node>({ resource: "nodes" }).put(node),
    addPod: (pod) => podTable.put(pod),
    pod: (key) => podTable.get(key),
    allBound: (count) => (bound >= count ? Promise.resolve() : new Promise((resolve) => { told = { count, resolve }; })),
    stop: async () => {
      stop.abort();
      await running;
    },
  };
}

/** Merges objects, conditions by type; null removes. */
function merged(old: unknown, { body }: Patch): unknown {
  return mergeInto(old, body);
}

function mergeInto(old: unknown, patch: unknown): unknown {
  if (Array.isArray(patch) && Array.isArray(old)) return [...old.filter((o: { type?: string }) => !patch.some((p: { type?: string }) => p.type === o.type)), ...patch];
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> = { ...(typeof old === "object" ? old : {}) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else if (value !== undefined) result[key] = mergeInto(result[key], value);
  }
  return result;
}
