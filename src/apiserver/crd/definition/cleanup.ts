import type { CustomResourceDefinition, CustomResourceDefinitionCondition } from "#api/gen/apiextensions-v1.ts";
import { setCondition } from "./conditions.ts";

/** Holds a definition back until its instances are gone. */
export const cleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

/** What the first request to delete does to a definition. Upstream: apiextensions-apiserver/pkg/registry/customresourcedefinition/etcd.go Delete */
export function beginCleanup(crd: CustomResourceDefinition): void {
  const { finalizers = [], deletionTimestamp = "" } = crd.metadata;
  if (!finalizers.includes(cleanupFinalizer)) crd.metadata.finalizers = [...finalizers, cleanupFinalizer];
  setCondition(crd, terminating("True", "InstanceDeletionPending", "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon"), deletionTimestamp);
}

export const terminating = (status: "True" | "False", reason: string, message: string): CustomResourceDefinitionCondition => ({ type: "Terminating", status, reason, message });
