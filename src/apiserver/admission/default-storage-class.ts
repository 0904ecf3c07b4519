import type { PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import { storageClasses } from "#api/resources.ts";
import { isDefaultClass } from "../registry/storage/storage-class.ts";
import { newest } from "./newest.ts";
import { concerns, type AdmissionPlugin } from "./plugin.ts";

const betaAnnotation = "volume.beta.kubernetes.io/storage-class";

/** A claim without a class gets the default one; of several the newest. Upstream: plugin/pkg/admission/storage/storageclass/setdefault */
export const defaultStorageClass: AdmissionPlugin = {
  name: "DefaultStorageClass",
  resources: ["persistentvolumeclaims"],
  async admit(attributes, object) {
    if (attributes.operation !== "CREATE" || !concerns(attributes, "", "persistentvolumeclaims")) return;
    const claim = object as PersistentVolumeClaim;
    if (claim.spec.storageClassName !== undefined || claim.metadata.annotations?.[betaAnnotation] !== undefined) return;
    const chosen = newest((await attributes.reader.list(storageClasses)).filter(isDefaultClass));
    if (chosen !== undefined) claim.spec.storageClassName = chosen.metadata.name;
  },
};
