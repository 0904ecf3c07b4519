import assert from "node:assert/strict";
import { test } from "node:test";
import type { MetricSpec } from "#api/gen/autoscaling-v2.ts";
import { parseLabelSelector } from "#apimachinery/selectors.ts";
import { StatusError } from "#apimachinery/status.ts";
import { systemClock } from "#base/clock.ts";
import type { Client } from "#client/client.ts";
import { KindMap } from "./kind-map.ts";
import { MetricsReader } from "./metrics-reader.ts";
import type { Reading } from "./proposal.ts";

const at = "2026-01-01T00:00:00Z";
const container = (name: string, cpu: string): object => ({ name, usage: { cpu, memory: "1Mi" } });
const api = "/apis/custom.metrics.k8s.io/v1beta2/namespaces/shop";
const groups = {
  "/apis/custom.metrics.k8s.io": { versions: [{ groupVersion: "custom.metrics.k8s.io/v1beta1" }, { groupVersion: "custom.metrics.k8s.io/v1beta2" }] },
  "/apis/networking.k8s.io": { versions: [{ groupVersion: "networking.k8s.io/v1" }] },
  "/apis/networking.k8s.io/v1": { groupVersion: "networking.k8s.io/v1", resources: [{ name: "ingresses", kind: "Ingress", namespaced: true, verbs: ["list"] }] },
};
const measured = {
  "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods?labelSelector=app%3Dweb": { items: [
    { metadata: { name: "a", namespace: "shop" }, timestamp: at, window: "15.5s", containers: [container("app", "250m"), container("log", "1")] },
    { metadata: { name: "b", namespace: "shop" }, timestamp: at, window: "1m0s", containers: [container("app", "3n"), { name: "log", usage: {} }] },
  ] },
  [`${api}/pods/*/hits?labelSelector=app%3Dweb&metricLabelSelector=verb%3DGET`]: { items: [{ describedObject: { name: "a" }, timestamp: at, windowSeconds: 30, value: "1500m" }] },
  [`${api}/ingresses.networking.k8s.io/main/hits`]: { items: [{ describedObject: { name: "main" }, timestamp: at, value: "7" }] },
  "/apis/external.metrics.k8s.io/v1beta1/namespaces/shop/queue": { items: [{ value: "3" }, { value: "500m" }] },
};

/** Answers from this table; what is not in it is not there. */
function reading(answers: Readonly<Record<string, unknown>>, spec: MetricSpec): Promise<Reading> {
  const request = async ({ path }: { readonly path: string }): Promise<unknown> => {
    if (answers[path] === undefined) throw new StatusError("NotFound", "the server could not find the requested resource");
    return answers[path];
  };
  const client = { request } as unknown as Client;
  return new MetricsReader(client, new KindMap(client, systemClock)).read(spec, { namespace: "shop", selector: parseLabelSelector("app=web") }, new AbortController().signal);
}

const average = { type: "AverageValue", averageValue: "1" };
const specs = {
  cpu: { type: "Resource", resource: { name: "cpu", target: average } },
  app: { type: "ContainerResource", containerResource: { name: "cpu", container: "app", target: average } },
  gpu: { type: "ContainerResource", containerResource: { name: "cpu", container: "gpu", target: average } },
  hits: { type: "Pods", pods: { metric: { name: "hits", selector: { matchLabels: { verb: "GET" } } }, target: average } },
  ingress: { type: "Object", object: { metric: { name: "hits" }, describedObject: { apiVersion: "networking.k8s.io/v1", kind: "Ingress", name: "main" }, target: average } },
  moon: { type: "Object", object: { metric: { name: "hits" }, describedObject: { apiVersion: "networking.k8s.io/v1", kind: "Moon", name: "main" }, target: average } },
  queue: { type: "External", external: { metric: { name: "queue" }, target: average } },
} as const satisfies Record<string, MetricSpec>;

const measure = (value: number, windowMs: number): object => ({ value, at: Date.parse(at), windowMs });
const all = { ...groups, ...measured };
const cases: readonly [name: string, answers: Readonly<Record<string, unknown>>, spec: MetricSpec, want: object][] = [
  ["a resource: pods of which every container is known", all, specs.cpu, { pods: new Map([["a", measure(1250, 15_500)]]) }],
  ["one container of each pod", all, specs.app, { pods: new Map([["a", measure(250, 15_500)], ["b", measure(1, 60_000)]]) }],
  ["a container that is not there", all, specs.gpu, { failure: "failed to get container metrics: container gpu not present in metrics for pod shop/a" }],
  ["no metrics of pods", { ...all, "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods?labelSelector=app%3Dweb": { items: [] } }, specs.cpu, { failure: "no metrics returned from resource metrics API" }],
  ["no such API", groups, specs.cpu, { failure: "unable to fetch metrics from resource metrics API: the server could not find the requested resource" }],
  ["a custom metric of pods", all, specs.hits, { pods: new Map([["a", measure(1500, 30_000)]]) }],
  ["custom metrics that nobody serves", measured, specs.hits, { failure: "unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered" }],
  ["an object's metric", all, specs.ingress, { value: 7_000 }],
  ["of a kind that is not there", all, specs.moon, { failure: 'unable to fetch metrics from custom metrics API: no matches for kind "Moon" in group "networking.k8s.io"' }],
  ["an external metric: the sum", all, specs.queue, { value: 3_500 }],
  ["external metrics that nobody serves", groups, specs.queue, { failure: "unable to fetch metrics from external metrics API: the server could not find the requested resource (get queue.external.metrics.k8s.io)" }],
];
for (const [name, answers, spec, want] of cases) test(name, async () => assert.deepEqual(await reading(answers, spec), want));
