/** What a server has to do once when it starts, under the names of upstream's hooks, which people and tools ask for. Upstream: apiserver/pkg/server/hooks.go, pkg/controlplane */
import type { HealthCheck } from "./health.ts";

/** `caches`, `definitions`: of the API server itself. `objects`: those of every cluster are there. `parts`: controllers and what else lives beside it run. */
export type StartStep = "caches" | "definitions" | "objects" | "parts";
export type Started = Readonly<Partial<Record<StartStep, Promise<unknown>>>>;

/** In upstream's order. Of what is not here (aggregation, peers, the tracking of objects' sizes) there is no check either. */
const hooks: readonly (readonly [name: string, after: StartStep])[] = [
  ["poststarthook/start-apiserver-admission-initializer", "caches"],
  ["poststarthook/generic-apiserver-start-informers", "caches"],
  ["poststarthook/priority-and-fairness-config-consumer", "caches"],
  ["poststarthook/priority-and-fairness-filter", "caches"],
  ["poststarthook/start-apiextensions-informers", "definitions"],
  ["poststarthook/start-apiextensions-controllers", "definitions"],
  ["poststarthook/crd-informer-synced", "definitions"],
  ["poststarthook/start-system-namespaces-controller", "objects"],
  ["poststarthook/start-kube-apiserver-identity-lease-controller", "parts"],
  ["poststarthook/start-kube-apiserver-identity-lease-garbage-collector", "parts"],
  ["poststarthook/storage-readiness", "caches"],
  ["poststarthook/start-legacy-token-tracking-controller", "objects"],
  ["poststarthook/start-service-ip-repair-controllers", "parts"],
  ["poststarthook/rbac/bootstrap-roles", "objects"],
  ["poststarthook/scheduling/bootstrap-system-priority-classes", "objects"],
  ["poststarthook/priority-and-fairness-config-producer", "objects"],
  ["poststarthook/bootstrap-controller", "parts"],
  ["poststarthook/start-kubernetes-service-cidr-controller", "parts"],
  ["poststarthook/apiservice-status-local-available-controller", "objects"],
  ["poststarthook/kube-apiserver-autoregistration", "objects"],
  ["autoregister-completion", "objects"],
];

/** A check for each hook of a step that this server takes. */
export function hookChecks(started: Started): HealthCheck[] {
  const over = new Set<StartStep>();
  for (const [step, done] of Object.entries(started) as [StartStep, Promise<unknown>][]) done.then(() => over.add(step), () => {});
  return hooks.filter(([, after]) => started[after] !== undefined).map(([name, after]) => ({ name, check: () => (over.has(after) ? undefined : "not finished") }));
}
