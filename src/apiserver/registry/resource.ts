import type { JSONSchemaProps } from "#api/gen/apiextensions-v1.ts";
import type { FieldSet } from "#apimachinery/apply/field-set.ts";
import type { Decoded } from "#apimachinery/decode.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import type { TypeName } from "#apimachinery/schema.ts";
import type { Cause } from "#apimachinery/status.ts";

/**
 * All that the server must know of one kind. The endpoints, the discovery document, the table
 * output and the OpenAPI paths are derived from it; nothing about a kind is said anywhere else.
 *
 * Order on create: decode → defaults → prepareCreate → admission → validate → store.
 * Order on update: decode → defaults → prepareUpdate → admission → validate + validateUpdate → store.
 * Generic rules (metadata, names, generation of specs, deletion, resourceVersion) live in `generic.ts`.
 */
export interface Resource<T extends KubeObject = KubeObject> {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Entry of the schema tables: `core/v1.Pod`; empty for a custom kind, which has none. */
  readonly schema: TypeName;
  readonly names: { readonly plural: string; readonly singular: string; readonly short?: readonly string[]; readonly categories?: readonly string[] };
  readonly scope: "Namespaced" | "Cluster";
  /** What may be done; all verbs where left out. */
  readonly verbs?: readonly Verb[];
  /** Messages against a name; a DNS-1123 subdomain where left out. */
  readonly validateName?: (name: string, prefix: boolean) => readonly string[];
  /** `metadata.generation` is kept: 1 at creation, +1 when anything but metadata and status changes. Default true when the type has a spec. */
  readonly generation?: boolean;
  /** PUT may create. */
  readonly createOnUpdate?: boolean;
  /** False: a PUT must carry a resourceVersion. Upstream: RESTUpdateStrategy AllowUnconditionalUpdate */
  readonly unconditionalUpdate?: false;
  /** Fills what the user left out. */
  defaults?(obj: T): void;
  /** Takes back what a user may not set (status is already taken back where there is a status subresource). */
  prepareCreate?(obj: T): void;
  prepareUpdate?(next: T, old: T): void;
  validate?(obj: T): readonly Cause[];
  /** What is asked of new objects only. `validate` has run as well. */
  validateCreate?(obj: T): readonly Cause[];
  /** What may not change. `validate` has run as well. */
  validateUpdate?(next: T, old: T): readonly Cause[];
  /** Warnings for the client (`Warning: 299`). */
  warnings?(obj: T): readonly string[];
  /** Fields that a field selector may name, beside metadata.name and metadata.namespace. */
  readonly selectableFields?: Readonly<Record<string, (obj: T) => string>>;
  /** Seconds of grace for this deletion; 0 deletes now, undefined: the kind knows no grace. Upstream: RESTGracefulDeleteStrategy */
  gracePeriod?(obj: T, asked: number | undefined): number | undefined;
  /** What it owns stays when nothing else is asked for, as it did before there was garbage collection. Upstream: DefaultGarbageCollectionPolicy */
  readonly orphansByDefault?: true;
  /** Something beside metadata.finalizers holds a deleted object back, e.g. a namespace's spec.finalizers. */
  heldBack?(obj: T): boolean;
  /** Marks an object whose deletion begins, beside metadata.deletionTimestamp: a namespace's phase. */
  markDeleting?(obj: T): void;
  /** A status given at creation is kept although there is a status subresource: a kubelet registers its node with one. */
  readonly statusOnCreate?: true;
  readonly subresources?: Readonly<Record<string, Subresource<T>>>;
  readonly columns: readonly Column<T>[];
  /** Nothing is stored: the objects are made anew for every request. With `verbs` get and list. */
  computed?(): readonly T[] | Promise<readonly T[]>;
  /** Said to everybody who asks for it (`Warning: 299`). */
  readonly deprecated?: string;
  /** Stores its objects as another resource's, e.g. events.k8s.io events as core events. */
  readonly storedAs?: { readonly group: string; readonly version: string; readonly plural: string; to(obj: T): KubeObject; from(stored: KubeObject): T };
  /** Sent as a warning with every answer. */
  readonly deprecation?: string;
  /** Only of kinds that a CustomResourceDefinition makes. */
  readonly custom?: Custom;
}

/** What differs where a kind is known at run time only: it has no schema tables, and an empty value differs from none. */
export interface Custom {
  /** Names the state of the definition: encodings made under another one are not used. */
  readonly edition: string;
  readonly listKind: string;
  /** A body in canonical form. Throws BadRequest. */
  read(value: Record<string, unknown>): Decoded;
  /** Rules over a new object, or over a changed one. Stands for `validate` and `validateUpdate`. */
  validate(next: KubeObject, old: KubeObject | undefined): readonly Cause[];
  /** Aborts when the definition has changed or is gone: watches end. */
  readonly retired: AbortSignal;
  /** The definition is being deleted: nothing new is created. */
  readonly terminating: boolean;
  /** All versions of the definition, served or not. */
  readonly versions: readonly string[];
  /** The schema as it was written. @param version another one than this; undefined where the definition has none such */
  schema(version?: string): JSONSchemaProps | undefined;
}

/** Names the form that objects of this resource have: encodings are kept under it. */
export const formOf = ({ group, version, custom }: AnyResource): string => `${group}/${version}${custom === undefined ? "" : ` ${custom.edition}`}`;

/** The kind of its lists. */
export const listKindOf = ({ kind, custom }: AnyResource): string => custom?.listKind ?? `${kind}List`;

export type Verb = "create" | "get" | "list" | "watch" | "update" | "patch" | "delete" | "deletecollection";

export type Subresource<T extends KubeObject> = StatusLike<T> | ScaleLike<T> | Virtual | Streaming;

/** Another way to write the same object: `status`, `ephemeralcontainers`, `resize`, `finalize`. GET, PUT and PATCH, unless `verbs` says less. */
export interface StatusLike<T extends KubeObject> {
  readonly type: "write";
  readonly verbs?: readonly ("get" | "update" | "patch")[];
  /** `next` starts as the user's object; take back all that this subresource may not write. */
  prepareUpdate(next: T, old: T): void;
  validateUpdate?(next: T, old: T): readonly Cause[];
  /** What `prepareUpdate` takes back, for the owners of fields; the spec where left out of a `status`. Upstream: GetResetFields */
  readonly resetFields?: FieldSet;
}

/** `autoscaling/v1.Scale` over paths of the object. */
export interface ScaleLike<T extends KubeObject> {
  readonly type: "scale";
  replicas(obj: T): { readonly spec: number; readonly status: number; readonly selector: string };
  setReplicas(obj: T, replicas: number): void;
}

/** POST of another kind that acts on the object: `binding`, `eviction`, `token`. Its handler is wired in `endpoints/`. */
export interface Virtual { readonly type: "action"; readonly group: string; readonly version: string; readonly kind: string; readonly schema: TypeName; readonly verbs: readonly Verb[] }

/** Proxied to the node: `log`, `exec`, `attach`, `portforward`, `proxy`. */
export interface Streaming { readonly type: "connect"; readonly kind: string; readonly verbs: readonly ("get" | "create" | "update" | "patch" | "delete")[] }

/** A column of `kubectl get`. */
export interface Column<T> {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "date" | "boolean";
  readonly format?: string;
  readonly description: string;
  /** Shown by `-o wide` only. */
  readonly wide?: boolean;
  cell(obj: T, now: number): string | number | boolean | null;
}

/** A resource with its type forgotten, for tables of resources. */
export type AnyResource = Resource<KubeObject>;
/** The resource for code that treats all kinds alike. */
export const erase = <T extends KubeObject>(resource: Resource<T>): AnyResource => resource as unknown as AnyResource;
