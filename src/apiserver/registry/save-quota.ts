import type { ResourceQuota } from "#api/gen/core-v1.ts";
import { isStatus } from "#apimachinery/status.ts";
import type { Identity } from "#base/http.ts";
import { resourceQuotas } from "./core/resource-quota.ts";
import { update } from "./generic.ts";
import { erase, type StatusLike } from "./resource.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import type { StorageDeps } from "./writes.ts";

const self: Identity = { name: "system:apiserver", groups: ["system:masters"] };
const resource = erase(resourceQuotas);

/** Writes what admission has charged. False when the quota has changed or gone meanwhile. @param deps of which admission is a part */
export const quotaSaver = (deps: () => StorageDeps) => async (quota: ResourceQuota): Promise<boolean> => {
  const { name, namespace = "" } = quota.metadata;
  const write = resource.subresources?.["status"] as StatusLike<KubeObject>;
  try {
    await update(deps(), { resource, namespace, name }, { subresource: { name: "status", write }, next: () => structuredClone(quota) }, { user: self, dryRun: false, fieldManager: "kube-apiserver", warn: () => {} });
    return true;
  } catch (err) {
    if (isStatus(err, "Conflict", "NotFound")) return false;
    throw err;
  }
};
