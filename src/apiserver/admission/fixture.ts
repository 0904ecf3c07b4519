/** For tests of plugins: a request, and a reader over given objects. */
import { optionalKinds } from "#api/optional-kinds.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { isStatus } from "#apimachinery/status.ts";
import { kinds, optionalResources } from "../registry/kinds.ts";
import type { AdmissionAttributes, Reader } from "./attributes.ts";
import type { AdmissionPlugin } from "./plugin.ts";

/** The stored objects by resource: `{ pods: [...] }`. */
export type Stored = Readonly<Record<string, readonly object[]>>;

export const readerOf = (stored: Stored): Reader => {
  const all = <T extends KubeObject>(resource: string, namespace?: string): readonly T[] =>
    ((stored[resource] ?? []) as readonly T[]).filter((o) => namespace === undefined || o.metadata.namespace === namespace);
  return {
    get: async <T extends KubeObject>({ resource }: { readonly resource: string }, name: string, namespace?: string) => all<T>(resource, namespace).find((o) => o.metadata.name === name),
    list: async <T extends KubeObject>({ resource }: { readonly resource: string }, namespace?: string) => all<T>(resource, namespace),
  };
};

/** A request of a cluster's administrator, unless `given` says otherwise. @param plural of a built-in resource */
export function requestFor(plural: string, stored: Stored = {}, given: Partial<AdmissionAttributes> = {}): AdmissionAttributes {
  const resource = [...kinds, ...optionalResources(optionalKinds)].find((r) => r.names.plural === plural);
  if (resource === undefined) throw new Error(`no such resource: ${plural}`);
  return {
    operation: "CREATE", resource, subresource: "", namespace: resource.scope === "Namespaced" ? "default" : "", name: "web", user: { name: "admin", groups: ["system:masters"] }, verb: "update",
    oldObject: undefined, dryRun: false, options: () => ({}), reader: readerOf(stored), whenDone: () => {}, warn: () => {}, annotate: () => {}, ...given,
  };
}

/** Runs both halves of a plugin; answers what it refused with, or undefined. */
export async function outcome(plugin: AdmissionPlugin, attributes: AdmissionAttributes, object?: object): Promise<string | undefined> {
  try {
    await plugin.admit?.(attributes, object as KubeObject | undefined);
    await plugin.validate?.(attributes, object as KubeObject | undefined);
    return undefined;
  } catch (err) {
    if (isStatus(err, "Forbidden", "NotFound", "Invalid")) return err.message;
    throw err;
  }
}
