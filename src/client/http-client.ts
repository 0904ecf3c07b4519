import { apiVersionOf, type KubeObject } from "#apimachinery/meta.ts";
import type { ResourceRef } from "#api/resources.ts";
import { systemClock, type Clock } from "#base/clock.ts";
import type { Client, DeleteQuery, ListQuery, ListResult, Patch, RawRequest, ResourceClient, WatchEvent, WatchQuery, WriteOptions } from "./client.ts";
import { pathOf, queryOf } from "./paths.ts";
import { sendJson } from "./send-json.ts";
import type { Transport, TransportRequest } from "./transport.ts";
import { watchEvents } from "./watch-stream.ts";

/** Makes the typed client over any transport. Refusals are `StatusError`s; no answer is a `TransportError`. */
export function newClient(transport: Transport, clock: Clock = systemClock): Client {
  return {
    resource: (ref) => new HttpResourceClient(ref, transport, clock),
    request: (request) => sendJson(transport, clock, requestOf(request)) as Promise<never>,
  };
}

class HttpResourceClient<T extends KubeObject> implements ResourceClient<T> {
  readonly #ref: ResourceRef<T>;
  readonly #transport: Transport;
  readonly #clock: Clock;

  constructor(ref: ResourceRef<T>, transport: Transport, clock: Clock) {
    this.#ref = ref;
    this.#transport = transport;
    this.#clock = clock;
  }

  get(name: string, namespace?: string, signal?: AbortSignal): Promise<T> {
    return this.#send({ method: "GET", path: pathOf(this.#ref, namespace, name), ...(signal && { signal }) });
  }

  async list(options: ListQuery = {}, signal?: AbortSignal): Promise<ListResult<T>> {
    const list = await sendJson(this.#transport, this.#clock, {
      method: "GET", path: pathOf(this.#ref, options.namespace) + queryOf(options), headers: accept(options, "PartialObjectMetadataList"), ...(signal && { signal }),
    }) as { readonly items?: T[] | null; readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string } };
    const items = list.items ?? [];
    for (const item of items) this.#named(item);
    return { items, resourceVersion: list.metadata?.resourceVersion ?? "", ...(list.metadata?.continue ? { continue: list.metadata.continue } : {}) };
  }

  async *watch(options: WatchQuery, signal: AbortSignal): AsyncGenerator<WatchEvent<T>> {
    const path = pathOf(this.#ref, options.namespace) + queryOf(options, { watch: "true" });
    for await (const event of watchEvents<T>(this.#transport, { method: "GET", path, headers: accept(options, "PartialObjectMetadata"), signal })) {
      if (event.type !== "BOOKMARK") this.#named(event.object);
      yield event;
    }
  }

  create(obj: T, options: WriteOptions = {}): Promise<T> {
    const { namespace, name } = obj.metadata;
    const path = options.subresource === undefined ? pathOf(this.#ref, namespace) : pathOf(this.#ref, namespace, name, options.subresource);
    return this.#write("POST", path, this.#typed(obj), options);
  }

  update(obj: T, options: WriteOptions = {}): Promise<T> {
    return this.#write("PUT", pathOf(this.#ref, obj.metadata.namespace, obj.metadata.name, options.subresource), this.#typed(obj), options);
  }

  patch(name: string, namespace: string | undefined, patch: Patch, options: WriteOptions = {}): Promise<T> {
    return this.#write("PATCH", pathOf(this.#ref, namespace, name, options.subresource), patch.body, options, patchTypes[patch.type]);
  }

  async delete(name: string, namespace: string | undefined, options: DeleteQuery = {}): Promise<void> {
    await this.#send(requestOf({ method: "DELETE", path: pathOf(this.#ref, namespace, name), body: deleteOptions(options), ...(options.signal && { signal: options.signal }) }));
  }

  async deleteCollection(namespace: string | undefined, options: DeleteQuery & ListQuery = {}): Promise<void> {
    await this.#send(requestOf({ method: "DELETE", path: pathOf(this.#ref, namespace) + queryOf(options), body: deleteOptions(options), ...(options.signal && { signal: options.signal }) }));
  }

  createSubresource<R>(name: string, namespace: string | undefined, subresource: string, body: unknown, signal?: AbortSignal): Promise<R> {
    return sendJson(this.#transport, this.#clock, requestOf({ method: "POST", path: pathOf(this.#ref, namespace, name, subresource), body, ...(signal && { signal }) })) as Promise<R>;
  }

  #write(method: "POST" | "PUT" | "PATCH", path: string, body: unknown, { dryRun, signal }: WriteOptions, contentType?: string): Promise<T> {
    const full = path + queryOf({}, dryRun === true ? { dryRun: "All" } : {});
    return this.#send(requestOf({ method, path: full, body, ...(contentType !== undefined && { contentType }), ...(signal && { signal }) }));
  }

  async #send(request: TransportRequest): Promise<T> {
    return await sendJson(this.#transport, this.#clock, request) as T;
  }

  #typed(obj: T): T {
    return { ...obj, apiVersion: obj.apiVersion ?? apiVersionOf(this.#ref.group, this.#ref.version), kind: obj.kind ?? this.#ref.kind };
  }

  /** Items of lists come without their kind: objects in caches always have it. */
  #named(obj: T): void {
    obj.apiVersion ??= apiVersionOf(this.#ref.group, this.#ref.version);
    obj.kind ??= this.#ref.kind;
  }
}

const patchTypes = { merge: "application/merge-patch+json", strategic: "application/strategic-merge-patch+json", json: "application/json-patch+json" } as const;

const accept = ({ metadataOnly }: ListQuery, as: string): Record<string, string> =>
  metadataOnly === true ? { accept: `application/json;as=${as};g=meta.k8s.io;v=v1,application/json` } : {};

const deleteOptions = ({ gracePeriodSeconds, propagationPolicy, preconditions }: DeleteQuery): object => ({
  apiVersion: "v1", kind: "DeleteOptions",
  ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }), ...(propagationPolicy && { propagationPolicy }), ...(preconditions && { preconditions }),
});

const requestOf = ({ method, path, body, contentType = "application/json", signal }: RawRequest): TransportRequest => ({
  method, path, ...(signal && { signal }),
  ...(body !== undefined && { body: Buffer.from(JSON.stringify(body)), headers: { "content-type": contentType } }),
});
