import type { Container, LimitRange, LimitRangeItem, PersistentVolumeClaim, Pod } from "#api/gen/core-v1.ts";
import { podLimits, podRequests } from "#api/pod.ts";
import { resourceList, type ResourceList } from "#api/resource-list.ts";
import { limitRanges } from "#api/resources.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import type { AdmissionAttributes } from "./attributes.ts";
import { limitProblems, requestProblems } from "./limits.ts";
import { concerns, refused, type AdmissionPlugin } from "./plugin.ts";

const annotation = "kubernetes.io/limit-ranger";

/** Fills in what a namespace's ranges give to containers, and refuses what lies outside of them. Upstream: plugin/pkg/admission/limitranger */
export const limitRanger: AdmissionPlugin = {
  name: "LimitRanger",
  resources: ["pods", "persistentvolumeclaims"],
  async admit(attributes, object) {
    if (attributes.operation !== "CREATE" || !concerns(attributes, "", "pods")) return;
    for (const range of await rangesFor(attributes)) fill(object as Pod, range);
  },
  async validate(attributes, object) {
    if (object === undefined || !isLimited(attributes) || attributes.oldObject?.metadata.deletionTimestamp !== undefined) return;
    for (const range of await rangesFor(attributes)) {
      const problems = range.spec.limits.flatMap((item) => problemsOf(attributes, item, object));
      if (problems.length > 0) throw refused(attributes, aggregate(problems));
    }
  },
};

const rangesFor = ({ reader, namespace }: AdmissionAttributes): Promise<readonly LimitRange[]> => reader.list(limitRanges, namespace);

function isLimited(attributes: AdmissionAttributes): boolean {
  const { operation } = attributes;
  if (concerns(attributes, "", "pods")) return operation === "CREATE";
  if (concerns(attributes, "", "pods", "resize")) return operation === "UPDATE";
  return (operation === "CREATE" || operation === "UPDATE") && concerns(attributes, "", "persistentvolumeclaims");
}

/** Upstream: mergePodResourceRequirements */
function fill(pod: Pod, { spec: { limits } }: LimitRange): void {
  const items = limits.filter(({ type }) => type === "Container");
  const given = (list: "default" | "defaultRequest"): Record<string, string> => Object.assign({}, ...items.map((item) => item[list] ?? {})) as Record<string, string>;
  const [limit, request] = [given("default"), given("defaultRequest")];
  const notes = [
    ...pod.spec.containers.flatMap((container) => fillContainer(container, "container", limit, request)),
    ...(pod.spec.initContainers ?? []).flatMap((container) => fillContainer(container, "init container", limit, request)),
  ];
  if (notes.length > 0) pod.metadata.annotations = { ...pod.metadata.annotations, [annotation]: `LimitRanger plugin set: ${notes.join("; ")}` };
}

function fillContainer(container: Container, what: string, limit: Readonly<Record<string, string>>, request: Readonly<Record<string, string>>): readonly string[] {
  const { limits = {}, requests = {} } = container.resources ?? {};
  const lacking = (from: Readonly<Record<string, string>>, has: object): readonly string[] => Object.keys(from).filter((name) => !Object.hasOwn(has, name)).toSorted();
  const [noLimit, noRequest] = [lacking(limit, limits), lacking(request, requests)];
  if (noLimit.length + noRequest.length > 0) container.resources = { ...container.resources, limits: { ...limit, ...limits }, requests: { ...request, ...requests } };
  return [
    ...(noRequest.length > 0 ? [`${noRequest.join(", ")} request for ${what} ${container.name}`] : []),
    ...(noLimit.length > 0 ? [`${noLimit.join(", ")} limit for ${what} ${container.name}`] : []),
  ];
}

function problemsOf(attributes: AdmissionAttributes, item: LimitRangeItem, object: KubeObject): readonly string[] {
  if (attributes.resource.names.plural === "persistentvolumeclaims") {
    return item.type === "PersistentVolumeClaim" ? requestProblems(item, resourceList((object as PersistentVolumeClaim).spec.resources?.requests)) : [];
  }
  return amountsOf(item.type, object as Pod).flatMap(({ requests, limits }) => limitProblems(item, requests, limits));
}

interface Amounts { readonly requests: ResourceList; readonly limits: ResourceList }

/** What of the pod is held against a range of this type: each container, or the pod as a whole. */
function amountsOf(type: string, pod: Pod): readonly Amounts[] {
  if (type === "Container") {
    return [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].map(({ resources }) => ({ requests: resourceList(resources?.requests), limits: resourceList(resources?.limits) }));
  }
  return type === "Pod" ? [{ requests: podRequests(pod, { excludeOverhead: true }), limits: podLimits(pod, { excludeOverhead: true }) }] : [];
}

/** Each problem once; several in brackets. Upstream: apimachinery/pkg/util/errors NewAggregate */
function aggregate(problems: readonly string[]): string {
  const each = [...new Set(problems)];
  return each.length === 1 ? (each[0] ?? "") : `[${each.join(", ")}]`;
}
