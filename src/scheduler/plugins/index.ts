/** The registry: upstream's default plugins in upstream's order, which is the order in which nodes are filtered. */
import { mayBeDevices } from "#api/resource-names.ts";
import type { DisruptionBudgets, NamespaceLabels, Plugin } from "../framework.ts";
import type { Preemptor } from "../preemptor.ts";
import { defaultPreemption } from "./default-preemption.ts";
import { dynamicResources, type DynamicResourcesDeps } from "./dynamic-resources.ts";
import { imageLocality } from "./image-locality.ts";
import { interPodAffinity } from "./inter-pod-affinity.ts";
import { nodeAffinity } from "./node-affinity.ts";
import { nodeDeclaredFeatures } from "./node-declared-features.ts";
import { nodeName } from "./node-name.ts";
import { nodePorts } from "./node-ports.ts";
import { nodeResourcesBalancedAllocation } from "./node-resources-balanced-allocation.ts";
import { nodeResourcesFit } from "./node-resources-fit.ts";
import { nodeUnschedulable } from "./node-unschedulable.ts";
import { nodeVolumeLimits, type VolumeLimitListers } from "./node-volume-limits.ts";
import { podTopologySpread } from "./pod-topology-spread.ts";
import type { DefaultSelector } from "./pod-topology-spread-score.ts";
import { schedulingGates } from "./scheduling-gates.ts";
import { taintToleration } from "./taint-toleration.ts";
import { volumeBinding, type VolumeBinder } from "./volume-binding.ts";
import { volumeRestrictions } from "./volume-restrictions.ts";
import { volumeZone } from "./volume-zone.ts";

/** What plugins need beside the cluster itself. */
export interface PluginDeps {
  readonly volumes: VolumeBinder;
  readonly volumeLimits: VolumeLimitListers;
  readonly devices: DynamicResourcesDeps;
  readonly namespaceLabels: NamespaceLabels;
  readonly defaultSelector: DefaultSelector;
  readonly disruptionBudgets: DisruptionBudgets;
  readonly preemptor: Preemptor;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
}

export const defaultPlugins = ({ volumes, volumeLimits, devices, namespaceLabels, defaultSelector, disruptionBudgets, preemptor, random }: PluginDeps): readonly Plugin[] => [
  schedulingGates,
  nodeUnschedulable,
  nodeName,
  taintToleration,
  nodeAffinity,
  nodePorts,
  nodeResourcesFit((resource) => mayBeDevices(resource) && devices.devices.byResource.has(resource)),
  volumeRestrictions(volumes.claims),
  nodeVolumeLimits(volumeLimits),
  volumeBinding(volumes),
  volumeZone(volumes.claims, volumes.volumes),
  podTopologySpread(defaultSelector),
  interPodAffinity(namespaceLabels),
  dynamicResources(devices),
  defaultPreemption({ disruptionBudgets, preemptor, random }),
  nodeResourcesBalancedAllocation,
  imageLocality,
  nodeDeclaredFeatures,
];
