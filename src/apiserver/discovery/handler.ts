import { createHash } from "node:crypto";
import { apiVersionOf } from "#apimachinery/meta.ts";
import type { HttpRequest, HttpResponse } from "#base/http.ts";
import { clausesOf } from "../endpoints/negotiation.ts";
import { jsonResponse } from "../filters/responses.ts";
import type { Registry } from "../registry/registry.ts";
import type { AnyResource } from "../registry/resource.ts";
import { compareVersions } from "../crd/definition/versions.ts";
import { aggregatedEntry, describeResource, describeSubresources, plainEntry } from "./resources.ts";

/** Answers `/api`, `/apis`, `/api/v1`, `/apis/<group>` and `/apis/<group>/<version>`; undefined for any other path, or where nothing is served there. */
export function discoveryHandler(registry: Registry, serverAddress: () => string): (request: HttpRequest, path: string) => HttpResponse | undefined {
  const aggregate = remembered(registry);
  return (request, path) => {
    const [, root = "", group = "", version = "", ...rest] = path.replace(/\/$/, "").split("/");
    if ((root !== "api" && root !== "apis") || rest.length > 0 || (root === "api" && version !== "")) return undefined;
    const core = root === "api";
    if (group === "" && wantsAggregated(request)) return aggregated(request, aggregate(core));
    if (group === "") return jsonResponse(200, core ? coreVersions(serverAddress()) : { kind: "APIGroupList", apiVersion: "v1", groups: groupsOf(registry).map(groupDocument) });
    if (core) return resourceList(registry, "", group);
    if (version !== "") return resourceList(registry, group, version);
    const found = groupsOf(registry).find((g) => g.name === group);
    return found && jsonResponse(200, { kind: "APIGroup", apiVersion: "v1", ...groupDocument(found) });
  };
}

interface Group { readonly name: string; readonly versions: readonly string[] }

/** Named groups in the registry's order, those of custom resources behind the others by name. Of versions the most mature is first. */
function groupsOf({ all }: Registry): Group[] {
  const byName = Map.groupBy(all.filter(({ group }) => group !== ""), ({ group }) => group);
  const custom = (name: string): boolean => byName.get(name)?.every((resource) => resource.custom !== undefined) ?? false;
  const names = [...byName.keys()];
  const ordered = [...names.filter((name) => !custom(name)), ...names.filter(custom).toSorted()];
  return ordered.map((name) => ({ name, versions: [...new Set(byName.get(name)?.map(({ version }) => version))].toSorted(compareVersions) }));
}

function groupDocument({ name, versions }: Group): Record<string, unknown> {
  const described = versions.map((version) => ({ groupVersion: apiVersionOf(name, version), version }));
  return { name, versions: described, preferredVersion: described[0] };
}

const coreVersions = (serverAddress: string): Record<string, unknown> => ({
  kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress }],
});

function resourceList(registry: Registry, group: string, version: string): HttpResponse | undefined {
  const served = registry.all.filter((r) => r.group === group && r.version === version);
  if (served.length === 0) return undefined;
  const resources = served.flatMap((r) => [describeResource(r), ...describeSubresources(r)]).map((d) => plainEntry(d, { group, version }));
  return jsonResponse(200, { kind: "APIResourceList", apiVersion: "v1", groupVersion: apiVersionOf(group, version), resources });
}

const versionsSpoken: ReadonlySet<string> = new Set(["v2", "v2beta1"]);

function wantsAggregated({ headers }: HttpRequest): boolean {
  const [first] = clausesOf(headers["accept"] ?? "").filter(({ type }) => type === "application/json");
  return first?.parameters.get("as") === "APIGroupDiscoveryList" && first.parameters.get("g") === "apidiscovery.k8s.io" && versionsSpoken.has(first.parameters.get("v") ?? "");
}

interface Document { readonly bytes: Uint8Array; readonly etag: string }

/** Built again when the registry has changed. */
function remembered(registry: Registry): (core: boolean) => Document {
  let edition = -1;
  const documents = new Map<boolean, Document>();
  return (core) => {
    if (edition !== registry.edition) documents.clear();
    edition = registry.edition;
    const document = documents.get(core) ?? buildAggregated(registry, core);
    documents.set(core, document);
    return document;
  };
}

function buildAggregated(registry: Registry, core: boolean): Document {
  const groups = core ? [{ name: "", versions: ["v1"] }] : groupsOf(registry);
  const served = (group: string, version: string): AnyResource[] => registry.all.filter((r) => r.group === group && r.version === version);
  const items = groups.map(({ name, versions }) => ({
    metadata: { ...(name !== "" && { name }), creationTimestamp: null },
    versions: versions.map((version) => ({ version, resources: served(name, version).map(aggregatedEntry), freshness: "Current" })),
  }));
  const bytes = Buffer.from(JSON.stringify({ kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {}, items }));
  return { bytes, etag: `"${createHash("sha512").update(bytes).digest("hex").toUpperCase()}"` };
}

function aggregated({ headers }: HttpRequest, { bytes, etag }: Document): HttpResponse {
  const common = { etag, vary: "Accept", "cache-control": "public" };
  if (headers["if-none-match"]?.includes(etag)) return { status: 304, headers: common, body: new Uint8Array() };
  return { status: 200, headers: { ...common, "content-type": "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList" }, body: bytes };
}

