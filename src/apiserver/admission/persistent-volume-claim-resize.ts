import type { PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import { storageClasses } from "#api/resources.ts";
import { quantityOf } from "../registry/common/checks.ts";
import { concerns, refused, type AdmissionPlugin } from "./plugin.ts";

/** Only a claim whose class says so may grow. Upstream: plugin/pkg/admission/storage/persistentvolume/resize */
export const persistentVolumeClaimResize: AdmissionPlugin = {
  name: "PersistentVolumeClaimResize",
  async validate(attributes, object) {
    if (attributes.operation !== "UPDATE" || !concerns(attributes, "", "persistentvolumeclaims")) return;
    const next = object as PersistentVolumeClaim;
    const asked = ({ spec }: PersistentVolumeClaim): string | undefined => spec.resources?.requests?.["storage"];
    const before = quantityOf(asked(attributes.oldObject as PersistentVolumeClaim));
    const after = quantityOf(asked(next));
    if (before === undefined || after === undefined || after.cmp(before) <= 0) return;
    if (next.status.phase !== "Bound") throw refused(attributes, "Only bound persistent volume claims can be expanded");
    const found = next.spec.storageClassName ? await attributes.reader.get(storageClasses, next.spec.storageClassName) : undefined;
    if (found?.allowVolumeExpansion !== true) {
      throw refused(attributes, "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize");
    }
  },
};
