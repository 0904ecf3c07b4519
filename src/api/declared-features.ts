/**
 * Features of young age that a node says it has (`status.declaredFeatures`), and which of them a pod asks for: an older
 * node would pass them over in silence. Upstream: component-helpers/nodedeclaredfeatures
 */
import { isDeepStrictEqual } from "node:util";
import type { Node, PodSpec } from "./gen/core-v1.ts";
import { isRestartableInit } from "./pod-resources.ts";
import { couldRestartAll } from "./restart-rules.ts";

interface Feature {
  readonly name: string;
  /** The pod must not come to a node without it. */
  readonly neededBy?: (spec: PodSpec) => boolean;
  /** A pod that is there must not be changed like this on a node without it. */
  readonly neededFor?: (next: PodSpec, old: PodSpec) => boolean;
}

/** By name. Ours are those of v1.36 that its gates have on by default and that a pod can ask for. */
const features: readonly Feature[] = [
  { name: "InPlacePodLevelResourcesVerticalScaling", neededFor: (next, old) => !isDeepStrictEqual(next.resources, old.resources) },
  {
    name: "InPlacePodVerticalScalingInitContainers",
    neededFor: (next, old) => (old.initContainers ?? []).some((container, i) => !isRestartableInit(container) && !isDeepStrictEqual(container.resources, next.initContainers?.[i]?.resources)),
  },
  { name: "RestartAllContainersOnContainerExits", neededBy: couldRestartAll },
];

/** The features that a pod of this spec needs. */
export const neededBy = (spec: PodSpec): readonly string[] => features.filter((feature) => feature.neededBy?.(spec) === true).map(({ name }) => name);
export const neededFor = (next: PodSpec, old: PodSpec): readonly string[] => features.filter((feature) => feature.neededFor?.(next, old) === true).map(({ name }) => name);

/** Those that the node does not have. */
export const lacking = ({ status }: Node, needed: readonly string[]): readonly string[] => needed.filter((name) => !(status.declaredFeatures ?? []).includes(name));
