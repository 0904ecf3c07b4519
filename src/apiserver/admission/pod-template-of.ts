import type { PodTemplateSpec } from "#api/gen/core-v1.ts";
import type { KubeObject } from "#apimachinery/meta.ts";

interface Loose { readonly template?: PodTemplateSpec; readonly spec?: { readonly template?: PodTemplateSpec; readonly jobTemplate?: { readonly spec?: { readonly template?: PodTemplateSpec } } } }

const inSpec = ({ spec }: Loose): PodTemplateSpec | undefined => spec?.template;
const places: Readonly<Record<string, (object: Loose) => PodTemplateSpec | undefined>> = {
  podtemplates: ({ template }) => template, replicationcontrollers: inSpec,
  "replicasets.apps": inSpec, "deployments.apps": inSpec, "statefulsets.apps": inSpec, "daemonsets.apps": inSpec, "jobs.batch": inSpec,
  "cronjobs.batch": ({ spec }) => spec?.jobTemplate?.spec?.template,
};

/** The resources that hold one. */
export const templateHolders: readonly string[] = Object.keys(places);

/** The pods that an object will make. @param resource `deployments.apps` Upstream: pod-security-admission/admission DefaultPodSpecExtractor */
export const podTemplateOf = (resource: string, object: KubeObject): PodTemplateSpec | undefined =>
  (Object.hasOwn(places, resource) ? places[resource]?.(object as Loose) : undefined);
