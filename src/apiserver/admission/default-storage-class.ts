import type { PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import { storageClasses } from "#api/resources.ts";
import { isDefaultClass } from "../registry/storage/storage-class.ts";
import { concerns, type AdmissionPlugin } from "./plugin.ts";

const betaAnnotation = "volume.beta.kubernetes.io/storage-class";

/** A claim without a class gets the default one; of several the newest. Upstream: plugin/pkg/admission/storage/storageclass/setdefault */
export const defaultStorageClass: AdmissionPlugin = {
  name: "DefaultStorageClass",
  async admit(attributes, object) {
    if (attributes.operation !== "CREATE" || !concerns(attributes, "", "persistentvolumeclaims")) return;
    const claim = object as PersistentVolumeClaim;
    if (claim.spec.storageClassName !== undefined || claim.metadata.annotations?.[betaAnnotation] !== undefined) return;
    const age = (timestamp: string | undefined): number => Date.parse(timestamp ?? "") || 0;
    const [newest] = (await attributes.reader.list(storageClasses)).filter(isDefaultClass)
      .sort((a, b) => age(b.metadata.creationTimestamp) - age(a.metadata.creationTimestamp) || (a.metadata.name < b.metadata.name ? -1 : 1));
    if (newest !== undefined) claim.spec.storageClassName = newest.metadata.name;
  },
};
