import { isStatus } from "#apimachinery/status.ts";
import type { ResourceRef } from "#api/resources.ts";
import type { Client } from "#client/client.ts";

/** A resource as discovery tells of it. `apiVersions`: all in which it is served, its own first. */
export interface Discovered extends ResourceRef { readonly verbs: ReadonlySet<string>; readonly apiVersions: readonly string[] }

interface ResourceList { readonly groupVersion: string; readonly resources: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean; readonly verbs: readonly string[] }[] }
interface GroupList { readonly groups: readonly { readonly versions: readonly { readonly groupVersion: string }[] }[] }

/** Every resource that the server stores, once, in the most preferred version that has it. Throws when a group cannot be read. */
export async function discover(client: Client, signal: AbortSignal): Promise<readonly Discovered[]> {
  const { groups } = await client.request<GroupList>({ method: "GET", path: "/apis", signal });
  const paths = ["/api/v1", ...groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => `/apis/${groupVersion}`))];
  const lists = await Promise.all(paths.map((path) => readList(client, path, signal)));
  const found = Map.groupBy(lists.flatMap(listed), ({ group, resource }) => `${group}/${resource}`);
  return [...found.values()].map(([first, ...others]) => ({ ...first as Discovered, apiVersions: [first, ...others].flatMap((d) => d?.apiVersions ?? []) }));
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
