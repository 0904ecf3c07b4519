import { regionLabel, zoneLabel } from "#api/node.ts";
import type { NodeInfo } from "./node-info.ts";

export const hostnameLabel = "kubernetes.io/hostname";

/** One node of each zone in turn, so that a search that stops early has seen all zones. Upstream: backend/cache/node_tree.go */
export function interleaveZones(nodes: readonly NodeInfo[]): readonly NodeInfo[] {
  const zones = [...Map.groupBy(nodes, ({ labels }) => `${labels[regionLabel] ?? ""}:${labels[zoneLabel] ?? ""}`).values()];
  const longest = Math.max(0, ...zones.map((zone) => zone.length));
  const order: NodeInfo[] = [];
  for (let i = 0; i < longest; i++) {
    for (const zone of zones) {
      const node = zone[i];
      if (node !== undefined) order.push(node);
    }
  }
  return order;
}
