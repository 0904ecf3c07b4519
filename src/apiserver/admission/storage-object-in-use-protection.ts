import { concerns, type AdmissionPlugin } from "./plugin.ts";

/** Claims and volumes in use are not deleted: a controller takes the finalizer away when they no longer are. Upstream: plugin/pkg/admission/storage/storageobjectinuseprotection */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: "StorageObjectInUseProtection",
  resources: ["persistentvolumes", "persistentvolumeclaims"],
  admit(attributes, object) {
    if (attributes.operation !== "CREATE" || object === undefined) return;
    const finalizer = concerns(attributes, "", "persistentvolumes") ? "kubernetes.io/pv-protection" : concerns(attributes, "", "persistentvolumeclaims") ? "kubernetes.io/pvc-protection" : undefined;
    if (finalizer === undefined || object.metadata.finalizers?.includes(finalizer) === true) return;
    object.metadata.finalizers = [...(object.metadata.finalizers ?? []), finalizer];
  },
};
