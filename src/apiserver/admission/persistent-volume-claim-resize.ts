import type { PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import { storageClasses } from "#api/resources.ts";
import { Quantity } from "#apimachinery/quantity.ts";
import { quantityOf } from "../registry/common/quantity-of.ts";
import { concerns, refused, type AdmissionPlugin } from "./plugin.ts";

const betaAnnotation = "volume.beta.kubernetes.io/storage-class";
const classOf = ({ metadata, spec }: PersistentVolumeClaim): string => metadata.annotations?.[betaAnnotation] ?? spec.storageClassName ?? "";
const sizeOf = ({ spec }: PersistentVolumeClaim): Quantity => quantityOf(spec.resources?.requests?.["storage"]) ?? Quantity.zero;

/** Only a claim whose class says so may grow. Upstream: plugin/pkg/admission/storage/persistentvolume/resize */
export const persistentVolumeClaimResize: AdmissionPlugin = {
  name: "PersistentVolumeClaimResize",
  resources: ["persistentvolumeclaims"],
  async validate(attributes, object) {
    if (attributes.operation !== "UPDATE" || !concerns(attributes, "", "persistentvolumeclaims")) return;
    const [next, old] = [object as PersistentVolumeClaim, attributes.oldObject as PersistentVolumeClaim];
    if (sizeOf(next).cmp(sizeOf(old)) <= 0) return;
    if (old.status.phase !== "Bound") throw refused(attributes, "Only bound persistent volume claims can be expanded");
    const name = classOf(next);
    const found = name !== "" && name === classOf(old) ? await attributes.reader.get(storageClasses, name) : undefined;
    if (found?.allowVolumeExpansion !== true) {
      throw refused(attributes, "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize");
    }
  },
};
