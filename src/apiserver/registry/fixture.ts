/** For tests of kinds: an object as the write path makes it before it is validated, and causes as text. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { apiSchema } from "#api/schema.ts";
import { decode } from "#apimachinery/decode.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import type { Cause } from "#apimachinery/status.ts";
import type { Resource } from "./resource.ts";

/** `spec.replicas: Invalid value: ...` */
export const texts = (causes: readonly Cause[] = []): readonly string[] => causes.map(({ field, message }) => `${field}: ${message}`);

/** Decoded and defaulted; its name is `x` unless given. */
export function objectOf<T extends KubeObject>(resource: Resource<T>, content: object): T {
  const given = content as { metadata?: object };
  const metadata = { name: "x", ...(resource.scope === "Namespaced" && { namespace: "default" }), ...given.metadata };
  const obj = decode(apiSchema, resource.schema, { ...content, metadata }).object as unknown as T;
  resource.defaults?.(obj);
  return obj;
}

/** As it stands before admission; its uid is `u` unless given. */
export function made<T extends KubeObject>(resource: Resource<T>, content: object = {}): T {
  const { metadata } = content as { readonly metadata?: object };
  const obj = objectOf(resource, structuredClone({ ...content, metadata: { uid: "u", ...metadata } }));
  resource.prepareCreate?.(obj);
  return obj;
}

/** The same object after a change of its content. */
export function changed<T extends KubeObject>(resource: Resource<T>, old: T, change: (next: T) => void): T {
  const next = structuredClone(old);
  change(next);
  resource.defaults?.(next);
  resource.prepareUpdate?.(next, old);
  return next;
}

/** What validation says of a new object. */
export function refusals<T extends KubeObject>(resource: Resource<T>, content: object): readonly string[] {
  const obj = objectOf(resource, content);
  resource.prepareCreate?.(obj);
  return texts([...(resource.validate?.(obj) ?? []), ...(resource.validateCreate?.(obj) ?? [])]);
}

/** What validation says of a change from `old` to `next`. */
export function changeRefusals<T extends KubeObject>(resource: Resource<T>, old: object, next: object): readonly string[] {
  return texts(resource.validateUpdate?.(objectOf(resource, next), objectOf(resource, old)));
}

/** The cells of its row at this moment. */
export const cells = <T extends KubeObject>(resource: Resource<T>, content: object, now = 0): readonly unknown[] =>
  resource.columns.map((column) => column.cell(objectOf(resource, content), now));

/** What validation says of a status. */
export function statusRefusals<T extends KubeObject>(resource: Resource<T>, next: T, old: T): readonly string[] {
  const status = resource.subresources?.["status"];
  if (status?.type !== "write") throw new Error("no status");
  return texts(status.validateUpdate?.(next, old));
}

/** One test a case: what is wrong with an object of this content. */
export function table<T extends KubeObject>(resource: Resource<T>, cases: readonly (readonly [name: string, content: object, want: readonly string[]])[]): void {
  for (const [name, content, want] of cases) test(`a ${resource.kind} with ${name}`, () => assert.deepEqual(refusals(resource, content), want));
}
