/** The plugins that look at the node itself: cordon, name, taints, affinity, ports, images. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Node, Pod } from "#api/gen/core-v1.ts";
import type { Plugin } from "../framework.ts";
import { clusterOf, filterAll, node, pod, scoreAll, type PodParts } from "../testing.ts";
import { imageLocality } from "./image-locality.ts";
import { nodeDeclaredFeatures } from "./node-declared-features.ts";
import { nodeAffinity } from "./node-affinity.ts";
import { nodeName } from "./node-name.ts";
import { nodePorts } from "./node-ports.ts";
import { nodeUnschedulable } from "./node-unschedulable.ts";
import { taintToleration } from "./taint-toleration.ts";

interface Case { readonly name: string; readonly pod: PodParts; readonly nodes: readonly Node[]; readonly on?: readonly Pod[]; readonly says?: Readonly<Record<string, string>>; readonly scores?: Readonly<Record<string, number>> }

function table(plugin: Plugin, cases: readonly Case[]): void {
  describe(plugin.name, () => {
    for (const { name, pod: parts, nodes, on = [], says, scores } of cases) {
      test(name, () => {
        const cluster = clusterOf(nodes, on);
        if (says !== undefined) assert.deepEqual(filterAll(plugin, pod(parts), cluster), says);
        if (scores !== undefined) assert.deepEqual(scoreAll(plugin, pod(parts), cluster), scores);
      });
    }
  });
}

const restartsAll: PodParts = { containers: [{ name: "c", image: "i", restartPolicyRules: [{ action: "RestartAllContainers", exitCodes: { operator: "In", values: [1] } }] }] };
table(nodeDeclaredFeatures, [
  { name: "lets a pod that needs none go anywhere", pod: {}, nodes: [node("a")], says: { a: "" } },
  { name: "keeps a pod off nodes that do not say they have what it needs", pod: restartsAll, nodes: [node("a"), node("b", { declaredFeatures: ["RestartAllContainersOnContainerExits"] })], says: { a: "node(s) didn't match Pod's required features", b: "" } },
]);

const cordoned = node("a", { unschedulable: true });
table(nodeUnschedulable, [
  { name: "keeps pods off a cordoned node", pod: {}, nodes: [cordoned, node("b")], says: { a: "node(s) were unschedulable", b: "" } },
  { name: "lets pods that tolerate it in", pod: { tolerations: [{ key: "node.kubernetes.io/unschedulable", operator: "Exists", effect: "NoSchedule" }] }, nodes: [cordoned], says: { a: "" } },
]);

table(nodeName, [
  { name: "lets a pod without a name go anywhere", pod: {}, nodes: [node("a")], says: { a: "" } },
  { name: "keeps a pod to the node it names", pod: { nodeName: "b" }, nodes: [node("a"), node("b")], says: { a: "node(s) didn't match the requested node name", b: "" } },
]);

const dedicated = node("a", { taints: [{ key: "dedicated", value: "gpu", effect: "NoSchedule" }] });
const shy = (name: string, count: number): Node => node(name, { taints: Array.from({ length: count }, (_, i) => ({ key: `t${i}`, effect: "PreferNoSchedule" as const })) });
table(taintToleration, [
  { name: "keeps pods off a taint", pod: {}, nodes: [dedicated, node("b")], says: { a: "node(s) had untolerated taint(s)", b: "" } },
  { name: "lets a pod in that tolerates it", pod: { tolerations: [{ key: "dedicated", value: "gpu", effect: "NoSchedule" }] }, nodes: [dedicated], says: { a: "" } },
  { name: "does not take another value for it", pod: { tolerations: [{ key: "dedicated", value: "cpu" }] }, nodes: [dedicated], says: { a: "node(s) had untolerated taint(s)" } },
  { name: "keeps pods off NoExecute too", pod: {}, nodes: [node("a", { taints: [{ key: "x", effect: "NoExecute" }] })], says: { a: "node(s) had untolerated taint(s)" } },
  { name: "only prefers to avoid PreferNoSchedule: the fewer the better", pod: {}, nodes: [shy("a", 0), shy("b", 1), shy("c", 2)], says: { a: "", b: "", c: "" }, scores: { a: 100, b: 50, c: 0 } },
]);

const mismatch = "node(s) didn't match Pod's node affinity/selector";
const required = (terms: NonNullable<NonNullable<NonNullable<PodParts["affinity"]>["nodeAffinity"]>["requiredDuringSchedulingIgnoredDuringExecution"]>["nodeSelectorTerms"]): PodParts =>
  ({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } } });
const labelled = [node("a", { labels: { disk: "ssd", size: "10" } }), node("b", { labels: { disk: "hdd", size: "20" } }), node("c")];
table(nodeAffinity, [
  { name: "asks for all labels of the node selector", pod: { nodeSelector: { disk: "ssd" } }, nodes: labelled, says: { a: "", b: mismatch, c: mismatch } },
  { name: "In", pod: required([{ matchExpressions: [{ key: "disk", operator: "In", values: ["ssd", "nvme"] }] }]), nodes: labelled, says: { a: "", b: mismatch, c: mismatch } },
  { name: "NotIn holds where the label is absent", pod: required([{ matchExpressions: [{ key: "disk", operator: "NotIn", values: ["ssd"] }] }]), nodes: labelled, says: { a: mismatch, b: "", c: "" } },
  { name: "Exists and DoesNotExist", pod: required([{ matchExpressions: [{ key: "disk", operator: "Exists" }, { key: "gpu", operator: "DoesNotExist" }] }]), nodes: labelled, says: { a: "", b: "", c: mismatch } },
  { name: "Gt compares numbers", pod: required([{ matchExpressions: [{ key: "size", operator: "Gt", values: ["9"] }, { key: "size", operator: "Lt", values: ["15"] }] }]), nodes: labelled, says: { a: "", b: mismatch, c: mismatch } },
  { name: "one term is enough", pod: required([{ matchExpressions: [{ key: "disk", operator: "In", values: ["ssd"] }] }, { matchExpressions: [{ key: "disk", operator: "In", values: ["hdd"] }] }]), nodes: labelled, says: { a: "", b: "", c: mismatch } },
  { name: "an empty term selects nothing", pod: required([{}]), nodes: labelled, says: { a: mismatch, b: mismatch, c: mismatch } },
  { name: "names narrow the search to the nodes named", pod: required([{ matchFields: [{ key: "metadata.name", operator: "In", values: ["b"] }] }]), nodes: labelled, says: { a: "not named", b: "", c: "not named" } },
  {
    name: "adds the weights of the preferences that hold, best is 100", nodes: labelled, scores: { a: 100, b: 25, c: 0 },
    pod: { affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [
      { weight: 6, preference: { matchExpressions: [{ key: "disk", operator: "In", values: ["ssd"] }] } },
      { weight: 2, preference: { matchExpressions: [{ key: "disk", operator: "Exists" }] } },
    ] } } },
  },
]);

const listens = (hostPort: number, hostIP?: string, protocol?: "UDP"): PodParts =>
  ({ containers: [{ name: "c", ports: [{ containerPort: 80, hostPort, ...(hostIP !== undefined && { hostIP }), ...(protocol && { protocol }) }] }] });
const taken = "node(s) didn't have free ports for the requested pod ports";
table(nodePorts, [
  { name: "keeps two pods off one port", pod: listens(80), nodes: [node("a"), node("b")], on: [pod({ on: "a", ...listens(80) })], says: { a: taken, b: "" } },
  { name: "tells protocols apart", pod: listens(80), nodes: [node("a")], on: [pod({ on: "a", ...listens(80, undefined, "UDP") })], says: { a: "" } },
  { name: "tells addresses apart", pod: listens(80, "10.0.0.1"), nodes: [node("a")], on: [pod({ on: "a", ...listens(80, "10.0.0.2") })], says: { a: "" } },
  { name: "takes 0.0.0.0 for every address", pod: listens(80, "10.0.0.1"), nodes: [node("a")], on: [pod({ on: "a", ...listens(80, "0.0.0.0") })], says: { a: taken } },
]);

const big = [{ names: ["big:latest"], sizeBytes: 1_000 * 1_024 * 1_024 }];
table(imageLocality, [
  { name: "prefers a node that has the image, the more the more nodes have it", pod: { containers: [{ name: "c", image: "big" }] }, nodes: [node("a", { images: big }), node("b", { images: big }), node("c")], scores: { a: 65, b: 65, c: 0 } },
]);
