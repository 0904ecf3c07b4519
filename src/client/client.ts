/** The typed client: what every part that is not the API server knows of the cluster. Errors are `StatusError`s. */
import type { KubeObject } from "#apimachinery/meta.ts";
import type { ResourceRef } from "#api/resources.ts";

export interface Client {
  resource<T extends KubeObject>(ref: ResourceRef<T>): ResourceClient<T>;
  /** Any other request: JSON in, JSON out. Throws the `StatusError` that the server answered. */
  request<R = unknown>(request: RawRequest): Promise<R>;
}

export interface RawRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Begins with a slash, query included. */
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

export interface ResourceClient<T extends KubeObject> {
  /** `namespace` is left out (or undefined) for cluster-scoped resources. */
  get(name: string, namespace?: string, signal?: AbortSignal): Promise<T>;
  list(options?: ListQuery, signal?: AbortSignal): Promise<ListResult<T>>;
  /** Ends when the server ends it or `signal` aborts; throws a `StatusError` (`Expired`, `Gone`) when the revision is too old. */
  watch(options: WatchQuery, signal: AbortSignal): AsyncIterable<WatchEvent<T>>;
  /** Into `obj.metadata.namespace`. */
  create(obj: T, options?: WriteOptions): Promise<T>;
  /** Compare-and-swap on `obj.metadata.resourceVersion`. */
  update(obj: T, options?: WriteOptions): Promise<T>;
  patch(name: string, namespace: string | undefined, patch: Patch, options?: WriteOptions): Promise<T>;
  delete(name: string, namespace: string | undefined, options?: DeleteQuery): Promise<void>;
  deleteCollection(namespace: string | undefined, options?: DeleteQuery & ListQuery): Promise<void>;
  /** POSTs to a subresource: `binding`, `eviction`, `token`. */
  createSubresource<R>(name: string, namespace: string | undefined, subresource: string, body: unknown, signal?: AbortSignal): Promise<R>;
}

export interface ListQuery {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion?: string;
  readonly limit?: number;
  readonly continue?: string;
  /** Asks for metadata only (`PartialObjectMetadata`); a server that cannot answers with whole objects. */
  readonly metadataOnly?: boolean;
}
export interface WatchQuery extends ListQuery { readonly allowWatchBookmarks?: boolean; readonly timeoutSeconds?: number; readonly sendInitialEvents?: boolean }
export interface WriteOptions { readonly subresource?: "status" | "scale" | "finalize" | "ephemeralcontainers" | "approval"; readonly dryRun?: boolean; readonly signal?: AbortSignal }
export interface DeleteQuery {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: "Orphan" | "Background" | "Foreground";
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly signal?: AbortSignal;
}
export type Patch =
  | { readonly type: "merge" | "strategic"; readonly body: object }
  | { readonly type: "json"; readonly body: readonly object[] };

export interface ListResult<T> { readonly items: readonly T[]; readonly resourceVersion: string; readonly continue?: string }
export type WatchEvent<T> =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T }
  | { readonly type: "BOOKMARK"; readonly resourceVersion: string; readonly initialEventsEnd: boolean };
