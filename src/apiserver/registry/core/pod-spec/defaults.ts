import { containerRequests, isPodLevel } from "#api/pod-resources.ts";
import type * as core from "#api/gen/core-v1.ts";
import { isHugePages } from "#api/resource-names.ts";
import { defaultContainer } from "./default-container.ts";
import { defaultVolume } from "./default-volume.ts";

/** What upstream fills into a pod spec wherever it stands. Upstream: pkg/apis/core/v1 SetDefaults_PodSpec */
function defaultPodSpec(spec: core.PodSpec): void {
  spec.containers ??= [];
  spec.restartPolicy ||= "Always";
  spec.dnsPolicy ||= "ClusterFirst";
  spec.securityContext ??= {};
  spec.schedulerName ||= "default-scheduler";
  spec.terminationGracePeriodSeconds ??= 30;
  syncAccountName(spec);
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])]) defaultContainer(container);
}

/** `serviceAccount` is the old name of `serviceAccountName`; both are shown. Upstream: pkg/apis/core/v1 Convert_core_PodSpec_To_v1_PodSpec */
function syncAccountName(spec: core.PodSpec): void {
  const name = spec.serviceAccountName || spec.serviceAccount;
  if (!name) return;
  spec.serviceAccountName = name;
  spec.serviceAccount = name;
}

/** The template of a workload: as a pod's spec, but nothing that only a real pod gets. */
export function defaultPodTemplate(template: core.PodTemplateSpec | undefined): void {
  if (template?.spec !== undefined) defaultPodSpec(template.spec);
}

/** What only a real pod gets, not a template. Upstream: pkg/apis/core/v1 SetDefaults_Pod */
export function defaultPod({ spec }: core.Pod): void {
  defaultPodSpec(spec);
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    requestLimits(container);
    if (spec.hostNetwork === true) for (const port of container.ports ?? []) port.hostPort ||= port.containerPort;
  }
  requestOfPod(spec);
  spec.enableServiceLinks ??= true;
}

/** A limit without a request is a request as well. */
function requestLimits(holder: { resources?: core.ResourceRequirements }): void {
  const limits = holder.resources?.limits;
  if (holder.resources !== undefined && limits !== undefined) holder.resources.requests = { ...limits, ...holder.resources.requests };
}

/** What a pod with resources of its own does not ask for is what its containers ask for, else its limit. Upstream: pkg/apis/core/v1 defaultPodRequests */
function requestOfPod(spec: core.PodSpec): void {
  if (spec.resources === undefined) return;
  const asked = Object.entries(containerRequests(spec)).filter(([name]) => isPodLevel(name) && !isHugePages(name)).map(([name, amount]) => [name, amount.toString()]);
  const requests = { ...spec.resources.limits, ...Object.fromEntries(asked), ...spec.resources.requests };
  if (Object.keys(requests).length > 0) spec.resources.requests = requests;
}
