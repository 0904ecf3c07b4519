/** What is left of a day, without what chance gives: two days are equal when these lines are. */
import type { KubeObject } from "#apimachinery/meta.ts";
import type { Client } from "#client/client.ts";

interface Discovered { readonly resources: readonly { readonly name: string; readonly namespaced: boolean; readonly kind: string; readonly verbs: readonly string[] }[] }
type Found = KubeObject & { readonly kind: string; readonly status?: { readonly phase?: string } };

const passing = ["events", "leases"];
/** Chosen by the scheduler, the server or the binder, differently each time. */
const chance = new Set(["uid", "resourceVersion", "creationTimestamp", "managedFields", "nodeName", "hostIP", "hostIPs", "podIP", "podIPs", "ip", "addresses", "volumeName", "claimRef", "clusterIP", "clusterIPs", "observedGeneration", "generation", "podCIDR", "podCIDRs", "endpoints.kubernetes.io/last-change-trigger-time"]);

/** Every object of every kind that can be listed. */
export async function everything(client: Client): Promise<Found[]> {
  const { groups } = await client.request<{ groups: readonly { preferredVersion: { groupVersion: string } }[] }>({ method: "GET", path: "/apis" });
  const found: Found[] = [];
  for (const path of ["/api/v1", ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)]) {
    const { resources } = await client.request<Discovered>({ method: "GET", path });
    for (const { name, kind, verbs } of resources) {
      if (name.includes("/") || !verbs.includes("list") || passing.includes(name)) continue;
      const { items } = await client.request<{ items: KubeObject[] }>({ method: "GET", path: `${path}/${name}` });
      found.push(...items.map((item) => ({ ...item, kind })));
    }
  }
  return found;
}

/** What nobody owns any more, and what waits for ever. */
export function orphaned(objects: readonly Found[]): string[] {
  const uids = new Set(objects.map(({ metadata }) => metadata.uid));
  return objects.flatMap(({ kind, metadata, status }) => {
    const name = `${kind} ${metadata.namespace ?? ""}/${metadata.name}`;
    const absent = (metadata.ownerReferences ?? []).filter(({ uid }) => !uids.has(uid)).map((owner) => `${name} belongs to ${owner.kind} ${owner.name}, which is gone`);
    const held = (metadata.finalizers ?? []).filter((finalizer) => !/^kubernetes\.io\/pvc?-protection$/.test(finalizer) && status?.phase !== "Running").map((finalizer) => `${name} is held by ${finalizer}`);
    return [...absent, ...held, ...(metadata.deletionTimestamp === undefined ? [] : [`${name} is still leaving`])];
  });
}

/** One line per sort of object, with how many there are, sorted. */
export function normal(objects: readonly Found[]): string[] {
  const lines = Map.groupBy(objects.filter(({ metadata }) => !metadata.name.startsWith("ledger-")).map(lineOf), (line) => line);
  return [...lines].map(([line, same]) => `${same.length} × ${line}`).sort();
}

function lineOf(object: Found): string {
  const { kind, metadata } = object;
  const name = plain(metadata.generateName === undefined ? metadata.name : `${metadata.generateName}*`);
  return `${kind} ${metadata.namespace ?? ""}/${name} ${JSON.stringify(settled({ ...object, metadata: { ...metadata, name } }))}`;
}

function settled(value: unknown): unknown {
  if (Array.isArray(value)) {
    const list = value.map(settled);
    return list.every((item) => typeof item === "object") ? list.map((item) => JSON.stringify(item)).sort() : list;
  }
  if (typeof value === "object" && value !== null) return Object.fromEntries(Object.entries(value).filter(([name]) => !chance.has(name)).map(([name, inner]) => [name, settled(inner)]).sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
  return typeof value === "string" ? plain(value) : value;
}

const plain = (text: string): string => text
  .replaceAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g, "CERTIFICATE").replaceAll(/\b10(\.\d+){3}\b/g, "ADDRESS")
  .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME").replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "UID")
  .replaceAll(/kube-api-access-[a-z0-9]{5}/g, "kube-api-access-*").replaceAll(/\b((?:web|left|log|batch|indexed|doomed|rests|poked|tick|slow|night)(?:-[a-z0-9]+)*)-[a-z0-9]{5}\b/g, "$1-*");
