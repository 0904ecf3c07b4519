/** metrics.k8s.io: what nodes and pods use. Nothing is stored; upstream it is served by metrics-server. */
import type { NodeMetrics, PodMetrics } from "#api/gen/metrics-v1beta1.ts";
import { nodes, pods } from "#api/resources.ts";
import { goDuration } from "#apimachinery/go-duration.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { Quantity } from "#apimachinery/quantity.ts";
import { timestamp } from "#apimachinery/time.ts";
import type { Clock } from "#base/clock.ts";
import type { Reader } from "../../admission/attributes.ts";
import type { PodUsage, Usage } from "../../usage/usage.ts";
import { nameColumn } from "../common/columns.ts";
import { erase, type AnyResource, type Column, type Resource } from "../resource.ts";

export interface MetricsSource {
  readonly usage: { readonly nodes: ReadonlyMap<string, Usage>; readonly pods: ReadonlyMap<string, PodUsage> };
  /** Says which of them there are, and their labels. */
  readonly reader: Reader;
  readonly clock: Clock;
}

const apiVersion = "metrics.k8s.io/v1beta1";

/** @param source none: the kinds are known, and empty */
export const metricsKinds = (source?: MetricsSource): readonly AnyResource[] => [erase(nodeMetrics(source)), erase(podMetrics(source))];

const nodeMetrics = (source: MetricsSource | undefined): Resource<NodeMetrics> => ({
  group: "metrics.k8s.io", version: "v1beta1", kind: "NodeMetrics", schema: "metrics/v1beta1.NodeMetrics", scope: "Cluster",
  names: { plural: "nodes", singular: "" },
  verbs: ["get", "list"],
  async computed() {
    return (await source?.reader.list(nodes))?.flatMap(({ metadata }) => {
      const usage = source?.usage.nodes.get(metadata.name);
      return usage === undefined ? [] : [{ kind: "NodeMetrics", apiVersion, metadata: metadataOf(metadata, source), ...windowOf(usage), usage: amounts(usage) }];
    }) ?? [];
  },
  columns: columnsOf(({ usage }) => [usage]),
});

const podMetrics = (source: MetricsSource | undefined): Resource<PodMetrics> => ({
  group: "metrics.k8s.io", version: "v1beta1", kind: "PodMetrics", schema: "metrics/v1beta1.PodMetrics", scope: "Namespaced",
  names: { plural: "pods", singular: "" },
  verbs: ["get", "list"],
  async computed() {
    const usages = source?.usage.pods;
    return (await source?.reader.list(pods))?.flatMap(({ metadata }) => {
      const usage = usages?.get(`${metadata.namespace ?? ""}/${metadata.name}`);
      if (usage === undefined) return [];
      return [{ kind: "PodMetrics", apiVersion, metadata: metadataOf(metadata, source), ...windowOf(usage), containers: usage.containers.map((c) => ({ name: c.name, usage: amounts(c) })) }];
    }) ?? [];
  },
  columns: columnsOf(({ containers }) => containers.map(({ usage }) => usage)),
});

/** Upstream: metrics-server pkg/api/table.go */
const columnsOf = <T extends KubeObject & { readonly window: string }>(usagesOf: (obj: T) => readonly Readonly<Record<string, string>>[]): readonly Column<T>[] => [
  nameColumn,
  ...["cpu", "memory"].map((name): Column<T> => ({ name, type: "string", format: "quantity", description: "", cell: (obj) => sum(usagesOf(obj).map((usage) => usage[name] ?? "0")) })),
  { name: "Window", type: "string", format: "duration", description: "", cell: ({ window }) => window },
];

const sum = (texts: readonly string[]): string => texts.map((text) => Quantity.parse(text)).reduce((all, one) => all.add(one), Quantity.zero).toString();

const metadataOf = ({ name, namespace, labels }: KubeObject["metadata"], source: MetricsSource | undefined): KubeObject["metadata"] =>
  ({ name, ...(namespace !== undefined && { namespace }), ...(source && { creationTimestamp: timestamp(source.clock.now()) }), ...(labels && { labels }) });

const windowOf = ({ at, windowMs }: Pick<Usage, "at" | "windowMs">): { timestamp: string; window: string } => ({ timestamp: timestamp(at), window: goDuration(windowMs) });

const amounts = ({ nanoCores, memoryBytes }: Usage): Record<string, string> => ({ cpu: Quantity.parse(`${nanoCores}n`).toString(), memory: Quantity.of(memoryBytes, "BinarySI").toString() });
