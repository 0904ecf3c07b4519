import { apiVersionOf } from "#apimachinery/meta.ts";
import { isStatus } from "#apimachinery/status.ts";
import type { ResourceRef } from "#api/resources.ts";
import { messageOf } from "#base/error-message.ts";
import type { Client } from "#client/client.ts";
import { ignore } from "./ignore.ts";

/** A resource as discovery tells of it. `apiVersions`: all in which it is served, its own first. */
export interface Discovered extends ResourceRef { readonly verbs: ReadonlySet<string>; readonly apiVersions: readonly string[] }

interface ResourceList { readonly groupVersion: string; readonly resources: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean; readonly verbs: readonly string[] }[] }
interface GroupList { readonly groups: readonly { readonly versions: readonly { readonly groupVersion: string }[] }[] }

export interface Discovery {
  readonly found: readonly Discovered[];
  /** Groups that could not be read, each with the reason. */
  readonly failures: readonly string[];
}

/** Every resource that the server stores, once, in the most preferred version that has it. Throws when a group cannot be read. */
export async function discover(client: Client, signal: AbortSignal): Promise<readonly Discovered[]> {
  const { found, failures } = await discoverSome(client, signal);
  if (failures.length > 0) throw new Error(failures.join(", "));
  return found;
}

/** The same, with whatever can be read. */
export async function discoverSome(client: Client, signal: AbortSignal): Promise<Discovery> {
  const { groups } = await client.request<GroupList>({ method: "GET", path: "/apis", signal });
  const versions = ["v1", ...groups.flatMap((group) => group.versions.map(({ groupVersion }) => groupVersion))];
  const lists = await Promise.allSettled(versions.map((version) => readList(client, version === "v1" ? "/api/v1" : `/apis/${version}`, signal)));
  const read = Map.groupBy(lists.flatMap((list) => (list.status === "fulfilled" ? listed(list.value) : [])), ({ group, resource }) => `${group}/${resource}`);
  return {
    found: [...read.values()].map(([first, ...others]) => ({ ...first as Discovered, apiVersions: [first, ...others].flatMap((d) => d?.apiVersions ?? []) })),
    failures: lists.flatMap((list, i) => (list.status === "rejected" ? [`${versions[i] ?? ""}: ${messageOf(list.reason)}`] : [])),
  };
}

/** Every resource of one group that the server stores, of each version in its order of preference; none when the group is not served. */
export async function discoverGroup(client: Client, group: string, signal: AbortSignal): Promise<readonly Discovered[]> {
  if (group === "") return listed(await readList(client, "/api/v1", signal));
  const versions = await client.request<GroupList["groups"][number]>({ method: "GET", path: `/apis/${group}`, signal }).then((found) => found.versions, ignore("NotFound"));
  const lists = await Promise.all((versions ?? []).map(({ groupVersion }) => readList(client, `/apis/${groupVersion}`, signal)));
  return lists.flatMap(listed);
}

/** A custom group may go while it is asked for. */
async function readList(client: Client, path: string, signal: AbortSignal): Promise<ResourceList> {
  try {
    return await client.request<ResourceList>({ method: "GET", path, signal });
  } catch (err) {
    if (isStatus(err, "NotFound")) return { groupVersion: "", resources: [] };
    throw err;
  }
}

function listed({ groupVersion, resources }: ResourceList): Discovered[] {
  const slash = groupVersion.indexOf("/");
  const [group, version] = slash < 0 ? ["", groupVersion] : [groupVersion.slice(0, slash), groupVersion.slice(slash + 1)];
  return resources.filter(({ name, verbs }) => !name.includes("/") && verbs.includes("list"))
    .map(({ name, kind, namespaced, verbs }): Discovered => ({ group, version, resource: name, kind, namespaced, verbs: new Set(verbs), apiVersions: [groupVersion] }));
}

/** Where the resource's objects are. */
export const collectionOf = ({ group, version, resource, namespaced }: Discovered, namespace: string): string =>
  `${group === "" ? "/api" : "/apis"}/${apiVersionOf(group, version)}${namespaced ? `/namespaces/${namespace}` : ""}/${resource}`;
