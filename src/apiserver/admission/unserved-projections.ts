import type { Pod, PodSpec, VolumeProjection } from "#api/gen/core-v1.ts";
import { optionalKinds, runtimeConfigKey, type OptionalKind } from "#api/optional-kinds.ts";
import { qualified, type KubeObject } from "#apimachinery/meta.ts";
import { groupResourceOf } from "../registry/registry.ts";
import type { AdmissionPlugin } from "./plugin.ts";
import { podTemplateOf, templateHolders } from "./pod-template-of.ts";

/** What of a projected volume is made of a kind's objects. */
const fieldOf: Readonly<Record<OptionalKind, "clusterTrustBundle" | "podCertificate">> = { clustertrustbundles: "clusterTrustBundle", podcertificaterequests: "podCertificate" };

/**
 * Projections of objects that this server does not serve are taken out of pods and templates that do not have them yet.
 * Not a plugin upstream but a part of the registry, which says nothing of it; here a warning does.
 * Upstream: pkg/api/pod/util.go dropDisabledClusterTrustBundleProjection, dropDisabledPodCertificateProjection
 */
export function unservedProjections(asked: readonly OptionalKind[]): AdmissionPlugin {
  const unserved = optionalKinds.filter((kind) => !asked.includes(kind));
  return {
    name: "UnservedProjections",
    resources: unserved.length === 0 ? [] : ["pods", ...templateHolders],
    admit(attributes, object) {
      const { operation, resource, subresource, oldObject } = attributes;
      if (object === undefined || subresource !== "" || (operation !== "CREATE" && operation !== "UPDATE")) return;
      const name = qualified(groupResourceOf(resource));
      const [next, old] = [projectionsOf(specIn(name, object)), oldObject === undefined ? [] : projectionsOf(specIn(name, oldObject))];
      for (const kind of unserved) {
        const field = fieldOf[kind];
        if (!next.some((source) => source[field] !== undefined) || old.some((source) => source[field] !== undefined)) continue;
        for (const source of next) delete source[field];
        attributes.warn(`projected volumes: ${field} is left out, for this server does not serve ${kind}; it does with --runtime-config=${runtimeConfigKey(kind)}=true`);
      }
    },
  };
}

const specIn = (resource: string, object: KubeObject): PodSpec | undefined => (resource === "pods" ? (object as Pod).spec : podTemplateOf(resource, object)?.spec);
const projectionsOf = (spec: PodSpec | undefined): readonly VolumeProjection[] => (spec?.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? []);
