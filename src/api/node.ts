/** Questions that many parts ask of a node. */
import { isTrue } from "./conditions.ts";
import type { Node } from "./gen/core-v1.ts";
import { resourceList, type ResourceList } from "./resource-list.ts";

/** Its kubelet says that pods can run here. */
export const isNodeReady = (node: Pick<Node, "status">): boolean => isTrue(node.status.conditions, "Ready");
/** Its first address of a type: `InternalIP`, `ExternalIP`, `Hostname`. */
export const nodeAddress = (node: Pick<Node, "status">, type: string): string | undefined => node.status.addresses?.find((a) => a.type === type)?.address;
/** What pods can have of it. */
export const allocatable = (node: Pick<Node, "status">): ResourceList => resourceList(node.status.allocatable ?? node.status.capacity);

export const zoneLabel = "topology.kubernetes.io/zone";
export const regionLabel = "topology.kubernetes.io/region";
/** Which zone of which region it is in; nodes that say neither are in one zone. Upstream: component-helpers/node/topology GetZoneKey */
export const zoneOf = ({ metadata: { labels } }: Pick<Node, "metadata">): string => `${labels?.[regionLabel] ?? ""}:${labels?.[zoneLabel] ?? ""}`;
