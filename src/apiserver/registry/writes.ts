import type { KubeObject } from "#apimachinery/meta.ts";
import type { Clock } from "#base/clock.ts";
import type { Identity } from "#base/http.ts";
import type { Store } from "#storage/store.ts";
import type { AdmissionAttributes, Reader } from "../admission/attributes.ts";
import type { Feed } from "../cacher/feed.ts";
import type { AnyResource } from "./resource.ts";

/** What the write path asks of admission: `admit` may change the object, `validate` may only refuse. Both throw a `StatusError`. */
export interface AdmissionSteps {
  admit(attributes: AdmissionAttributes, object: KubeObject | undefined): Promise<void>;
  validate(attributes: AdmissionAttributes, object: KubeObject | undefined): Promise<void>;
}

/** What the write path works with. */
export interface StorageDeps {
  readonly store: Store;
  readonly feed: Feed;
  readonly clock: Clock;
  readonly admission: AdmissionSteps;
  readonly reader: Reader;
}

/** Who writes, and how. */
export interface WriteContext {
  readonly user: Identity;
  /** Of the request, as authorizers know it; left out where the write is the server's own. */
  readonly verb?: string;
  readonly dryRun: boolean;
  /** Under which name the writer owns fields. */
  readonly fieldManager: string;
  /** What the request's options say; nothing where left out. */
  options?(): Readonly<Record<string, unknown>>;
  warn(text: string): void;
  /** Leaves a remark for the audit. */
  annotate?(key: string, value: string): void;
  /** A write to what is not there would make it. Throws Forbidden where the writer may not; left out, it may. */
  mayCreate?(): Promise<void>;
}

/** Which object is written. `namespace` is empty for cluster-scoped resources. */
export interface Place { readonly resource: AnyResource; readonly namespace: string; readonly name: string }

const verbs = { CREATE: "create", UPDATE: "update", DELETE: "delete", CONNECT: "connect" } as const;

/** What admission gets to know of a write. @param done disposed by the caller when the write is made or has failed */
export const attributesOf = (deps: StorageDeps, ctx: WriteContext, place: Place, operation: AdmissionAttributes["operation"], subresource = "", oldObject?: KubeObject, done?: AsyncDisposableStack): AdmissionAttributes => ({
  operation, resource: place.resource, subresource, namespace: place.namespace, name: place.name,
  user: ctx.user, verb: ctx.verb ?? verbs[operation], oldObject, dryRun: ctx.dryRun, options: () => ctx.options?.() ?? {}, reader: deps.reader, whenDone: (step) => done?.defer(step), warn: (text) => ctx.warn(text), annotate: (key, value) => ctx.annotate?.(key, value),
});
