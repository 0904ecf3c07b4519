/** What discovery says of a group version: derived from the registry, in the plain and the aggregated form. */
import { createHash } from "node:crypto";
import type { AnyResource, Subresource, Verb } from "../registry/resource.ts";
import type { KubeObject } from "#apimachinery/meta.ts";

const writeVerbs: readonly Verb[] = ["get", "patch", "update"];
const allVerbs: readonly Verb[] = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
/** In the order in which upstream tells them. Upstream: apiextensions-apiserver customresource_discovery_controller.go */
const customVerbs: readonly Verb[] = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];

/** Of custom resources whose definition is being deleted. */
const terminatingVerbs: readonly Verb[] = ["delete", "deletecollection", "get", "list", "watch"];

export interface Described {
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** Of what is stored. */
  readonly storageVersionHash?: string;
}

export function describeResource(resource: AnyResource): Described {
  const { group, version, kind, names, scope, storedAs = { group, version } } = resource;
  const verbs = verbsOf(resource);
  return {
    name: names.plural, singularName: names.singular, namespaced: scope === "Namespaced", group, version, kind, verbs,
    ...(names.short && { shortNames: names.short }), ...(names.categories && { categories: names.categories }),
    ...(resource.computed === undefined && verbs.includes("get") && { storageVersionHash: versionHash(storedAs, kind) }),
  };
}

function verbsOf({ custom, verbs }: AnyResource): readonly string[] {
  if (custom !== undefined) return custom.terminating ? terminatingVerbs : customVerbs;
  return (verbs ?? allVerbs).toSorted();
}

/** Upstream: apiserver/pkg/endpoints/discovery/storageversionhash.go */
const versionHash = ({ group, version }: { readonly group: string; readonly version: string }, kind: string): string =>
  createHash("sha256").update(`${group}/${version}/${kind}`).digest().subarray(0, 8).toString("base64");

/** Its subresources by name. */
export const describeSubresources = (resource: AnyResource): Described[] =>
  Object.entries(resource.subresources ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, sub]) => ({
    name: `${resource.names.plural}/${name}`, singularName: "", namespaced: resource.scope === "Namespaced", ...kindOf(resource, sub),
  }));

function kindOf({ group, version, kind }: AnyResource, sub: Subresource<KubeObject>): Pick<Described, "group" | "version" | "kind" | "verbs"> {
  switch (sub.type) {
    case "write": return { group, version, kind, verbs: (sub.verbs ?? writeVerbs).toSorted() };
    case "scale": return { group: "autoscaling", version: "v1", kind: "Scale", verbs: ["get", "patch", "update"] };
    case "action": return { group: sub.group, version: sub.version, kind: sub.kind, verbs: sub.verbs.toSorted() };
    case "connect": return { group, version, kind: sub.kind, verbs: sub.verbs.toSorted() };
  }
}

/** An entry of `APIResourceList`. Group and version are told where they are not the list's. */
export function plainEntry(described: Described, list: { readonly group: string; readonly version: string }): Record<string, unknown> {
  const { name, singularName, namespaced, group, version, kind, verbs, shortNames, categories, storageVersionHash } = described;
  const foreign = group !== list.group || version !== list.version;
  return {
    name, singularName, namespaced, ...(foreign && { ...(group !== "" && { group }), version }), kind, verbs,
    ...(shortNames && { shortNames }), ...(categories && { categories }), ...(storageVersionHash !== undefined && { storageVersionHash }),
  };
}

/** An entry of `APIVersionDiscovery`, its subresources within. */
export function aggregatedEntry(resource: AnyResource): Record<string, unknown> {
  const { name, singularName, namespaced, verbs, shortNames, categories, group, version, kind } = describeResource(resource);
  const subresources = describeSubresources(resource).map((sub) => ({
    subresource: sub.name.slice(sub.name.indexOf("/") + 1), responseKind: { group: sub.group, version: sub.version, kind: sub.kind }, verbs: sub.verbs,
  }));
  return {
    resource: name, responseKind: { group, version, kind }, scope: namespaced ? "Namespaced" : "Cluster", singularResource: singularName, verbs,
    ...(shortNames && { shortNames }), ...(categories && { categories }), ...(subresources.length > 0 && { subresources }),
  };
}
