import type { Identity } from "#base/http.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import type { ResourceRef } from "#api/resources.ts";
import type { AnyResource } from "../registry/resource.ts";

/** What an admission plugin may know of a request. The object itself is handed over beside it. */
export interface AdmissionAttributes {
  readonly operation: "CREATE" | "UPDATE" | "DELETE" | "CONNECT";
  readonly resource: AnyResource;
  /** Empty for the object itself. */
  readonly subresource: string;
  /** Empty for a cluster-scoped resource. */
  readonly namespace: string;
  /** Empty on a create whose name is still to be generated. */
  readonly name: string;
  readonly user: Identity;
  /** Of the request, as authorizers know it: a patch is an UPDATE by `patch`. */
  readonly verb: string;
  /** What is stored: absent on CREATE. Must not be changed. */
  readonly oldObject: KubeObject | undefined;
  readonly dryRun: boolean;
  /** What the request's options say, but their kind; as they were sent. */
  readonly options: () => Readonly<Record<string, unknown>>;
  readonly reader: Reader;
  /** Registers what is to be done when the write is made or has failed. Not done where nobody knows which. Creates and updates only. */
  whenDone(step: () => Promise<void>): void;
  /** Sends a `Warning: 299` header with the answer. */
  warn(text: string): void;
  /** Leaves a remark for the audit; the first of a key stands. */
  annotate(key: string, value: string): void;
}

/**
 * Reads of other resources in the process, past authorization. Reflects every acknowledged write.
 * Objects are shared and must not be changed.
 */
export interface Reader {
  get<T extends KubeObject>(ref: ResourceRef<T>, name: string, namespace?: string): Promise<T | undefined>;
  list<T extends KubeObject>(ref: ResourceRef<T>, namespace?: string): Promise<readonly T[]>;
}
