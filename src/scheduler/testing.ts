/** Short ways to write nodes, pods and clusters in this folder's tables of tests. */
import type { Node, Pod, PodSpec } from "#api/gen/core-v1.ts";
import { SchedulerCache } from "./cache.ts";
import { FilterRun } from "./filter-run.ts";
import type { Plugin } from "./framework.ts";
import { Nominations } from "./nominations.ts";
import { PodInfo } from "./pod-info.ts";
import { scoreNodes } from "./score-nodes.ts";

export type NodeParts = { readonly labels?: Record<string, string>; readonly allocatable?: Record<string, string>; readonly images?: Node["status"]["images"]; readonly declaredFeatures?: string[] } & Node["spec"];
export type PodParts = Partial<PodSpec> & { readonly name?: string; readonly namespace?: string; readonly labels?: Record<string, string>; readonly requests?: Record<string, string>; readonly on?: string; readonly leaving?: boolean; readonly startTime?: string };

export function node(name: string, parts: NodeParts = {}): Node {
  const { labels = {}, allocatable = { cpu: "4", memory: "8Gi", pods: "110" }, images, declaredFeatures, ...spec } = parts;
  return { metadata: { name, labels: { "kubernetes.io/hostname": name, ...labels } }, spec, status: { allocatable, ...(images && { images }), ...(declaredFeatures && { declaredFeatures }) } };
}

let serial = 0;

export function pod(parts: PodParts = {}): Pod {
  const { name = `pod-${++serial}`, namespace = "default", labels, requests, on, leaving, startTime, ...spec } = parts;
  return {
    metadata: { name, namespace, uid: `uid-${name}`, ...(labels && { labels }), ...(leaving && { deletionTimestamp: "2026-01-01T00:00:00Z" }) },
    spec: { containers: [{ name: "c", image: "nginx:1", ...(requests && { resources: { requests } }) }], schedulerName: "default-scheduler", ...(on !== undefined && { nodeName: on }), ...spec },
    status: { phase: on === undefined ? "Pending" : "Running", ...(startTime !== undefined && { startTime }) },
  };
}

/** The nodes with the pods that say which one they are on. */
export function clusterOf(nodes: readonly Node[], pods: readonly Pod[] = []): SchedulerCache {
  const cache = new SchedulerCache();
  for (const one of nodes) cache.setNode(one);
  for (const one of pods) cache.setPod(new PodInfo(one), one.spec.nodeName ?? "");
  return cache;
}

/** What one plugin says of the pod on each node: `""` for yes, else its words; its words once, under `*`, when it rejects all nodes at once. */
export function filterAll(plugin: Plugin, incoming: Pod, cluster: SchedulerCache): Readonly<Record<string, string>> {
  const run = new FilterRun([plugin], new PodInfo(incoming), cluster, new Nominations());
  const all = run.prepare();
  if (all !== undefined) return { "*": all.reasons.join(", ") };
  return Object.fromEntries(cluster.nodes.map((n) => [n.name, run.only?.has(n.name) === false ? "not named" : (run.verdict(n)?.reasons.join(", ") ?? "")]));
}

/** One plugin's score of each node, normalised, without its weight. */
export function scoreAll(plugin: Plugin, incoming: Pod, cluster: SchedulerCache): Readonly<Record<string, number>> {
  const scores = scoreNodes([{ ...plugin, weight: 1 }], new PodInfo(incoming), cluster.nodes, cluster);
  return Object.fromEntries(cluster.nodes.map((n, i) => [n.name, scores[i] ?? NaN]));
}
