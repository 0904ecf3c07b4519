import type { Client } from "#client/client.ts";
import type { ResourceRef } from "#api/resources.ts";

/** A resource as discovery tells of it. */
export interface Discovered extends ResourceRef { readonly verbs: ReadonlySet<string> }

interface ResourceList { readonly groupVersion: string; readonly resources: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean; readonly verbs: readonly string[] }[] }
interface GroupList { readonly groups: readonly { readonly preferredVersion?: { readonly groupVersion: string } }[] }

/** Every resource that the server stores, in each group's preferred version. Throws when a group cannot be read. */
export async function discover(client: Client, signal: AbortSignal): Promise<readonly Discovered[]> {
  const { groups } = await client.request<GroupList>({ method: "GET", path: "/apis", signal });
  const paths = ["/api/v1", ...groups.flatMap(({ preferredVersion }) => (preferredVersion ? [`/apis/${preferredVersion.groupVersion}`] : []))];
  const lists = await Promise.all(paths.map((path) => client.request<ResourceList>({ method: "GET", path, signal })));
  return lists.flatMap(({ groupVersion, resources }) => {
    const slash = groupVersion.indexOf("/");
    const [group, version] = slash < 0 ? ["", groupVersion] : [groupVersion.slice(0, slash), groupVersion.slice(slash + 1)];
    return resources.filter(({ name, verbs }) => !name.includes("/") && verbs.includes("list"))
      .map(({ name, kind, namespaced, verbs }): Discovered => ({ group, version, resource: name, kind, namespaced, verbs: new Set(verbs) }));
  });
}
