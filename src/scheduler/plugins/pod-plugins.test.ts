/** The plugins that look at other pods: affinity and spreading. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { PodAffinityTerm, TopologySpreadConstraint } from "#api/gen/core-v1.ts";
import { selectorOfLabels } from "#apimachinery/selectors.ts";
import { zoneLabel } from "#api/node.ts";
import { hostnameLabel } from "../node-order.ts";
import { clusterOf, filterAll, node, pod, scoreAll, type PodParts } from "../testing.ts";
import { interPodAffinity } from "./inter-pod-affinity.ts";
import { podTopologySpread } from "./pod-topology-spread.ts";

const zones = [node("a1", { labels: { [zoneLabel]: "a" } }), node("a2", { labels: { [zoneLabel]: "a" } }), node("b1", { labels: { [zoneLabel]: "b" } })];
const web = { app: "web" };
const term = (topologyKey: string, parts: Partial<PodAffinityTerm> = {}): PodAffinityTerm => ({ topologyKey, labelSelector: { matchLabels: web }, ...parts });
const near = (...terms: PodAffinityTerm[]): PodParts => ({ affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } } });
const apart = (...terms: PodAffinityTerm[]): PodParts => ({ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } } });

describe("InterPodAffinity", () => {
  const plugin = interPodAffinity((namespace) => ({ team: namespace }));
  const noAffinity = "node(s) didn't match pod affinity rules";
  const noAntiAffinity = "node(s) didn't match pod anti-affinity rules";
  const existing = "node(s) didn't satisfy existing pods anti-affinity rules";
  const there = pod({ on: "a1", labels: web });
  const cases: readonly { readonly name: string; readonly pod: PodParts; readonly on: readonly ReturnType<typeof pod>[]; readonly says: Readonly<Record<string, string>> }[] = [
    { name: "a pod goes into the zone of those it wants to be near", pod: near(term(zoneLabel)), on: [there], says: { a1: "", a2: "", b1: noAffinity } },
    { name: "it fits nowhere while there is none", pod: near(term(zoneLabel)), on: [], says: { a1: noAffinity, a2: noAffinity, b1: noAffinity } },
    { name: "the first of a group that wants to be together may go anywhere", pod: { ...near(term(zoneLabel)), labels: web }, on: [], says: { a1: "", a2: "", b1: "" } },
    { name: "but not where the label is missing", pod: { ...near(term("rack")), labels: web }, on: [], says: { a1: noAffinity, a2: noAffinity, b1: noAffinity } },
    { name: "a pod keeps away from the host of those it avoids", pod: apart(term(hostnameLabel)), on: [there], says: { a1: noAntiAffinity, a2: "", b1: "" } },
    { name: "a pod keeps away from those that avoid it", pod: { labels: web }, on: [pod({ on: "a1", ...apart(term(zoneLabel)) })], says: { a1: existing, a2: existing, b1: "" } },
    { name: "another namespace does not count", pod: near(term(zoneLabel)), on: [pod({ on: "a1", labels: web, namespace: "other" })], says: { a1: noAffinity, a2: noAffinity, b1: noAffinity } },
    { name: "unless it is named", pod: near(term(zoneLabel, { namespaces: ["other"] })), on: [pod({ on: "b1", labels: web, namespace: "other" })], says: { a1: noAffinity, a2: noAffinity, b1: "" } },
    { name: "or selected by its labels", pod: near(term(zoneLabel, { namespaceSelector: { matchLabels: { team: "other" } } })), on: [pod({ on: "b1", labels: web, namespace: "other" })], says: { a1: noAffinity, a2: noAffinity, b1: "" } },
  ];
  for (const { name, pod: parts, on, says } of cases) test(name, () => assert.deepEqual(filterAll(plugin, pod(parts), clusterOf(zones, on)), says));

  test("preferences pull and push, scaled to 0..100", () => {
    const likes: PodParts = { affinity: { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 10, podAffinityTerm: term(zoneLabel) }] }, podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 5, podAffinityTerm: term(hostnameLabel) }] } } };
    assert.deepEqual(scoreAll(plugin, pod(likes), clusterOf(zones, [pod({ on: "a1", labels: web })])), { a1: 50, a2: 100, b1: 0 });
  });

  test("an existing pod's required affinity draws the pods it speaks of", () => {
    const existing = pod({ on: "b1", ...near(term(zoneLabel)) });
    assert.deepEqual(scoreAll(plugin, pod({ labels: web }), clusterOf(zones, [existing])), { a1: 0, a2: 0, b1: 100 });
  });
});

describe("PodTopologySpread", () => {
  const plugin = podTopologySpread((info) => (info.labels["app"] === "web" ? selectorOfLabels(web) : undefined));
  const unbalanced = "node(s) didn't match pod topology spread constraints";
  const spread = (parts: Partial<TopologySpreadConstraint> = {}): PodParts =>
    ({ labels: web, topologySpreadConstraints: [{ maxSkew: 1, topologyKey: zoneLabel, whenUnsatisfiable: "DoNotSchedule", labelSelector: { matchLabels: web }, ...parts }] });
  const cases: readonly { readonly name: string; readonly pod: PodParts; readonly on: readonly ReturnType<typeof pod>[]; readonly says: Readonly<Record<string, string>> }[] = [
    { name: "keeps zones balanced", pod: spread(), on: [pod({ on: "a1", labels: web })], says: { a1: unbalanced, a2: unbalanced, b1: "" } },
    { name: "allows the skew that is allowed", pod: spread({ maxSkew: 2 }), on: [pod({ on: "a1", labels: web })], says: { a1: "", a2: "", b1: "" } },
    { name: "pods that are leaving do not count", pod: spread(), on: [pod({ on: "a1", labels: web, leaving: true })], says: { a1: "", a2: "", b1: "" } },
    { name: "pods of other namespaces do not count", pod: spread(), on: [pod({ on: "a1", labels: web, namespace: "other" })], says: { a1: "", a2: "", b1: "" } },
    { name: "with fewer domains than wanted the least counts as none", pod: spread({ minDomains: 3 }), on: [pod({ on: "a1", labels: web }), pod({ on: "b1", labels: web })], says: { a1: unbalanced, a2: unbalanced, b1: unbalanced } },
    { name: "nodes that the pod cannot go to do not count", pod: { ...spread(), nodeSelector: { [zoneLabel]: "a" } }, on: [pod({ on: "a1", labels: web })], says: { a1: "", a2: "", b1: "" } },
    { name: "a node without the label is out", pod: spread({ topologyKey: "rack" }), on: [], says: { a1: `${unbalanced} (missing required label)`, a2: `${unbalanced} (missing required label)`, b1: `${unbalanced} (missing required label)` } },
  ];
  for (const { name, pod: parts, on, says } of cases) test(name, () => assert.deepEqual(filterAll(plugin, pod(parts), clusterOf(zones, on)), says));

  test("soft constraints prefer the emptier zone", () => {
    const scores = scoreAll(plugin, pod(spread({ whenUnsatisfiable: "ScheduleAnyway" })), clusterOf(zones, [pod({ on: "a1", labels: web }), pod({ on: "a2", labels: web }), pod({ on: "b1", labels: web })]));
    assert.equal(scores["b1"], 100);
    assert(scores["a1"] !== undefined && scores["a1"] < 100);
  });

  test("pods of a Service are spread over hosts though they say nothing", () => {
    const scores = scoreAll(plugin, pod({ labels: web }), clusterOf([node("a"), node("b")], [pod({ on: "a", labels: web })]));
    assert(scores["a"] !== undefined && scores["b"] !== undefined && scores["a"] < scores["b"]);
  });
});
