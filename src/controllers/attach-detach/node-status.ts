/** `status.volumesAttached` of a node: the kubelet mounts nothing that is not in it. Upstream: attachdetach/statusupdater */
import { uniqueVolumeName, type CsiIdentity } from "#api/csi.ts";
import type { Node } from "#api/gen/core-v1.ts";
import { nodes } from "#api/resources.ts";
import type { Client } from "#client/client.ts";

/** Whether the node's status already says that the volume is attached. */
export const reports = ({ status }: Node, { driver, handle }: CsiIdentity): boolean => status.volumesAttached?.some(({ name }) => name === uniqueVolumeName(driver, handle)) === true;

/** Rejects with a conflict when the node has changed since it was read: what was decided of it may not hold any more. */
export async function report(client: Client, node: Node, { driver, handle }: CsiIdentity, attached: boolean, signal: AbortSignal): Promise<void> {
  const name = uniqueVolumeName(driver, handle);
  const others = (node.status.volumesAttached ?? []).filter((volume) => volume.name !== name);
  const volumesAttached = attached ? [...others, { name, devicePath: "" }] : others;
  const body = { metadata: { resourceVersion: node.metadata.resourceVersion }, status: { volumesAttached } };
  await client.resource(nodes).patch(node.metadata.name, undefined, { type: "merge", body }, { subresource: "status", signal });
}
