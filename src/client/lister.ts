import type { KubeObject } from "#apimachinery/meta.ts";
import type { Component } from "#base/component.ts";
import type { ResourceRef } from "#api/resources.ts";

/** Reads a cache that follows the server; never waits. Objects are shared and must not be changed: copy with `structuredClone` first. */
export interface Lister<T extends KubeObject> {
  /** By `keyOf`. */
  get(key: string): T | undefined;
  list(namespace?: string): readonly T[];
  /** Objects for which the informer's index `name` gave `value`. */
  by(index: string, value: string): readonly T[];
}

export interface Informer<T extends KubeObject> extends Lister<T>, Component {
  /** Called after the cache has changed; `old` is absent for a new object, `object` for a deleted one. Adding late replays what is there. Returns how to stop. */
  onChange(handler: (change: Changed<T>) => void): () => void;
  /** Adds an index; replayed over what is there. */
  addIndex(name: string, values: (obj: T) => readonly string[]): void;
  /** Resolves when the first list is in the cache. */
  synced(signal: AbortSignal): Promise<void>;
  /** The resourceVersion that the cache has seen (a number, as text). */
  readonly resourceVersion: string;
}
export type Changed<T> = { readonly old: T | undefined; readonly object: T } | { readonly old: T; readonly object: undefined };

/** Shared informers: one per resource and field selector, started together. What they hold says nothing of who owns which fields. */
export interface Informers extends Component {
  for<T extends KubeObject>(ref: ResourceRef<T>, options?: { readonly namespace?: string; readonly fieldSelector?: string; readonly labelSelector?: string; readonly metadataOnly?: boolean }): Informer<T>;
  /** The informer that somebody has asked for already: that of all whole objects, else that of all objects' metadata. */
  known<T extends KubeObject>(ref: ResourceRef<T>): Informer<T> | undefined;
  /** Resolves when every informer asked for so far has its first list. */
  synced(signal: AbortSignal): Promise<void>;
}
