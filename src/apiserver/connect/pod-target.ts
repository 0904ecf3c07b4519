import type { Node, Pod } from "#api/gen/core-v1.ts";
import { nodeAddress } from "#api/node.ts";
import { nodes, pods } from "#api/resources.ts";
import { badRequest, notFound, StatusError } from "#apimachinery/status.ts";
import type { Reader } from "../admission/attributes.ts";
import { allowedHost } from "./allowed-host.ts";
import type { ConnectTarget } from "./connect.ts";

/** Where a kubelet serves its API; `host` as in a URL. */
export interface KubeletAddress { readonly host: string; readonly port: number; readonly node: string }

/** The pod that is meant. Throws NotFound. */
export async function podOf(reader: Reader, { name, namespace }: ConnectTarget): Promise<Pod> {
  const pod = await reader.get(pods, name, namespace);
  if (pod === undefined) throw notFound({ group: "", resource: "pods" }, name);
  return pod;
}

/** The container that is meant: the one asked for, or the only one. Throws BadRequest. Upstream: pkg/registry/core/pod/strategy.go podHasContainer */
export function containerOf({ metadata, spec }: Pod, asked: string): string {
  const names = (list: readonly { readonly name: string }[] | undefined): string[] => (list ?? []).map(({ name }) => name);
  const [app, init, ephemeral] = [names(spec.containers), names(spec.initContainers), names(spec.ephemeralContainers)];
  if (asked !== "") {
    if ([...app, ...init, ...ephemeral].includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${metadata.name}`);
  }
  const [only] = app;
  if (app.length === 1 && only !== undefined) return only;
  if (app.length === 0) throw badRequest(`a container name must be specified for pod ${metadata.name}`);
  const others = [...(init.length > 0 ? [` or one of the init containers: [${init.join(" ")}]`] : []), ...(ephemeral.length > 0 ? [` or one of the ephemeral containers: [${ephemeral.join(" ")}]`] : [])];
  throw badRequest(`a container name must be specified for pod ${metadata.name}, choose one of: [${app.join(" ")}]${others.join("")}`);
}

/** The kubelet of the pod's node. Throws BadRequest before the pod has one. */
export async function kubeletOf(reader: Reader, { metadata, spec }: Pod): Promise<KubeletAddress> {
  if (!spec.nodeName) throw badRequest(`pod ${metadata.name} does not have a host assigned`);
  return kubeletAt(reader, spec.nodeName);
}

/** The kubelet of a node, at the address that the node itself registered: a name that is looked up again could point elsewhere. */
export async function kubeletAt(reader: Reader, nodeName: string): Promise<KubeletAddress> {
  const node: Node | undefined = await reader.get(nodes, nodeName);
  if (node === undefined) throw notFound({ group: "", resource: "nodes" }, nodeName);
  const host = nodeAddress(node, "InternalIP");
  if (host === undefined) throw new StatusError("ServiceUnavailable", `node ${nodeName} has no InternalIP`);
  return { host: allowedHost(host), port: node.status.daemonEndpoints?.kubeletEndpoint?.Port ?? 10250, node: nodeName };
}
