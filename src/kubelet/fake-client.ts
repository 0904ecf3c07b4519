/** A very small API server in memory behind the client's own interface, for this folder's tests: no validation, one history. */
import { randomUUID } from "node:crypto";
import { keyOf, type KubeObject } from "#apimachinery/meta.ts";
import { alreadyExists, conflict, notFound, optimisticLock } from "#apimachinery/status.ts";
import type { ResourceRef } from "#api/resources.ts";
import type { Client, DeleteQuery, ListQuery, ListResult, Patch, ResourceClient, WatchEvent } from "#client/client.ts";
import { Signalled } from "./signalled.ts";

type Change = { readonly resource: string; readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: KubeObject; readonly revision: number };

export class FakeClient implements Client {
  readonly #objects = new Map<string, KubeObject>();
  readonly #history: Change[] = [];
  readonly #watchers = new Set<Signalled>();
  #revision = 0;

  resource<T extends KubeObject>(ref: ResourceRef<T>): ResourceClient<T> {
    return new FakeResource(this, ref) as unknown as ResourceClient<T>;
  }
  request = (): Promise<never> => Promise.reject(new Error("the fake has no such request"));

  read(key: string): KubeObject | undefined {
    return this.#objects.get(key);
  }
  list(resource: string): KubeObject[] {
    return [...this.#objects].filter(([key]) => key.startsWith(`${resource}/`)).map(([, object]) => object);
  }
  get revision(): number {
    return this.#revision;
  }
  since(revision: number): readonly Change[] {
    return this.#history.filter((c) => c.revision > revision);
  }
  join(watcher: Signalled): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  write(resource: string, object: KubeObject, type: Change["type"]): KubeObject {
    const revision = ++this.#revision;
    const next = { ...object, metadata: { ...object.metadata, uid: object.metadata.uid ?? randomUUID(), resourceVersion: String(revision) } };
    if (type === "DELETED") this.#objects.delete(`${resource}/${keyOf(object)}`);
    else this.#objects.set(`${resource}/${keyOf(object)}`, next);
    this.#history.push({ resource, type, object: next, revision });
    for (const watcher of this.#watchers) watcher.set();
    return next;
  }
}

class FakeResource {
  readonly #api: FakeClient;
  readonly #ref: ResourceRef;

  constructor(api: FakeClient, ref: ResourceRef) {
    this.#api = api;
    this.#ref = ref;
  }

  get = async (name: string, namespace?: string): Promise<KubeObject> => {
    const found = this.#api.read(`${this.#ref.resource}/${namespace === undefined ? name : `${namespace}/${name}`}`);
    if (found === undefined) throw notFound(this.#ref, name);
    return found;
  };

  list = async (options: ListQuery = {}): Promise<ListResult<KubeObject>> => ({
    items: this.#api.list(this.#ref.resource).filter((o) => selected(o, options.fieldSelector)),
    resourceVersion: String(this.#api.revision),
  });

  async *watch(options: ListQuery, signal: AbortSignal): AsyncGenerator<WatchEvent<KubeObject>> {
    const wake = new Signalled();
    const leave = this.#api.join(wake);
    let revision = Number(options.resourceVersion ?? 0);
    try {
      while (!signal.aborted) {
        for (const change of this.#api.since(revision)) {
          revision = change.revision;
          if (change.resource === this.#ref.resource && selected(change.object, options.fieldSelector))
            yield { type: change.type, object: change.object };
        }
        await wake.wait(signal).catch(() => {});
      }
    } finally {
      leave();
    }
  }

  create = async (given: KubeObject): Promise<KubeObject> => {
    const { name, generateName = "" } = given.metadata;
    const object = name === "" ? { ...given, metadata: { ...given.metadata, name: `${generateName}${this.#api.revision}` } } : given;
    if (this.#api.read(`${this.#ref.resource}/${keyOf(object)}`) !== undefined) throw alreadyExists(this.#ref, object.metadata.name);
    return this.#api.write(this.#ref.resource, object, "ADDED");
  };

  update = async (object: KubeObject): Promise<KubeObject> => {
    const old = await this.get(object.metadata.name, object.metadata.namespace);
    if (object.metadata.resourceVersion !== undefined && object.metadata.resourceVersion !== old.metadata.resourceVersion)
      throw conflict(this.#ref, object.metadata.name, optimisticLock);
    return this.#api.write(this.#ref.resource, object, "MODIFIED");
  };

  patch = async (name: string, namespace: string | undefined, patch: Patch): Promise<KubeObject> =>
    this.#api.write(this.#ref.resource, merged(await this.get(name, namespace), patch.body) as KubeObject, "MODIFIED");

  /** Pods leave gracefully, all else at once. */
  delete = async (name: string, namespace: string | undefined, options: DeleteQuery = {}): Promise<void> => {
    const old = await this.get(name, namespace);
    const seconds =
      options.gracePeriodSeconds ?? (old as { spec?: { terminationGracePeriodSeconds?: number } }).spec?.terminationGracePeriodSeconds ?? 30;
    if (this.#ref.resource !== "pods" || seconds === 0) this.#api.write(this.#ref.resource, old, "DELETED");
    else
      this.#api.write(
        this.#ref.resource,
        { ...old, metadata: { ...old.metadata, deletionTimestamp: new Date().toISOString(), deletionGracePeriodSeconds: seconds } },
        "MODIFIED",
      );
  };

  deleteCollection = async (_namespace: string | undefined, options: ListQuery = {}): Promise<void> => {
    for (const object of (await this.list(options)).items) this.#api.write(this.#ref.resource, object, "DELETED");
  };
  createSubresource = async (): Promise<object> => ({
    status: { token: "token", expirationTimestamp: new Date(Date.parse("2099-01-01")).toISOString() },
  });
}

const selected = (object: KubeObject, selector: string | undefined): boolean =>
  (selector?.split(",") ?? []).every((term) => {
    const [path = "", value] = term.split("=");
    return path.split(".").reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], object) === value;
  });

/** Merges maps; lists are replaced, except conditions, which go by type. */
function merged(old: unknown, patch: unknown, key = ""): unknown {
  if (key === "conditions" && Array.isArray(patch)) {
    const before = (Array.isArray(old) ? old : []) as { readonly type: string }[];
    const changes = patch as { readonly type: string; readonly $patch?: string }[];
    return [
      ...before.filter((b) => !changes.some((c) => c.type === b.type)),
      ...changes.filter((c) => c.$patch !== "delete").map((c) =>
        merged(
          before.find((b) => b.type === c.type),
          c,
        ),
      ),
    ];
  }
  if (Array.isArray(patch)) return patch.filter((item) => (item as { $patch?: string }).$patch === undefined);
  if (typeof patch !== "object" || patch === null) return patch;
  const next: Record<string, unknown> = { ...(old as Record<string, unknown> | undefined) };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete next[name];
    else next[name] = merged(next[name], value, name);
  }
  return next;
}
