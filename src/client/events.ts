import type { KubeObject } from "#apimachinery/meta.ts";

/** Writes Events about objects, as upstream's recorder: similar ones are counted up, floods are dropped. Never throws, never waits. */
export interface EventRecorder {
  event(about: KubeObject & { readonly kind?: string }, type: "Normal" | "Warning", reason: string, message: string, options?: EventOptions): void;
}
export interface EventOptions {
  /** Of a container: `spec.containers{nginx}`. */
  readonly fieldPath?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}
