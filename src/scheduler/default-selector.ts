import type { ReplicaSet } from "#api/gen/apps-v1.ts";
import type { Service } from "#api/gen/core-v1.ts";
import { controllerOf } from "#apimachinery/meta.ts";
import { labelSelectorOf, type LabelSelector } from "#apimachinery/selectors.ts";
import type { Lister } from "#client/lister.ts";
import type { Labels } from "./framework.ts";
import type { PodInfo } from "./pod-info.ts";
import type { DefaultSelector } from "./plugins/pod-topology-spread-score.ts";

/** By which labels a pod's equals are found: those of its Services and of its ReplicaSet. Upstream: pkg/scheduler/framework/plugins/helper/spread.go DefaultSelector */
export const defaultSelectorFrom = (services: Lister<Service>, replicaSets: Lister<ReplicaSet>): DefaultSelector => (pod) => {
  const matchLabels = Object.assign({}, ...services.list(pod.namespace).map((s) => s.spec.selector ?? {}).filter((selector) => selects(selector, pod.labels))) as Labels;
  const { matchLabels: ownLabels, matchExpressions } = ownerSelector(pod, replicaSets);
  const selector: LabelSelector = labelSelectorOf({ matchLabels: { ...matchLabels, ...ownLabels }, ...(matchExpressions && { matchExpressions }) });
  return selector.empty ? undefined : selector;
};

function ownerSelector({ pod, namespace }: PodInfo, replicaSets: Lister<ReplicaSet>): NonNullable<ReplicaSet["spec"]["selector"]> {
  const owner = controllerOf(pod);
  return (owner?.kind === "ReplicaSet" ? replicaSets.get(`${namespace}/${owner.name}`)?.spec.selector : undefined) ?? {};
}

function selects(selector: Labels, labels: Labels): boolean {
  const entries = Object.entries(selector);
  return entries.length > 0 && entries.every(([key, value]) => labels[key] === value);
}
