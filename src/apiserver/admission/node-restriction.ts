import type { TokenRequest } from "#api/gen/authentication-v1.ts";
import type { Node, Pod } from "#api/gen/core-v1.ts";
import { pods } from "#api/resources.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import type { AdmissionAttributes } from "./attributes.ts";
import { restrictedLabels } from "./node-labels.ts";
import { refused, type AdmissionPlugin } from "./plugin.ts";

const userPrefix = "system:node:";
const mirror = "kubernetes.io/config.mirror";

type Check = (attributes: AdmissionAttributes, node: string, object: KubeObject | undefined) => Promise<void> | void;

/** A node writes about itself and its own pods only. Upstream: plugin/pkg/admission/noderestriction */
export const nodeRestriction: AdmissionPlugin = {
  name: "NodeRestriction",
  async validate(attributes, object) {
    const { user, resource, subresource } = attributes;
    if (!user.name.startsWith(userPrefix) || !user.groups.includes("system:nodes")) return;
    const check = checks[[resource.group, resource.names.plural, subresource].join("/").replace(/\/$/, "")];
    await check?.(attributes, user.name.slice(userPrefix.length), object);
  },
};

const checks: Readonly<Record<string, Check>> = {
  "/pods": pod,
  "/pods/status": podStatus,
  "/pods/eviction": eviction,
  "/nodes": node,
  "/nodes/status": node,
  "/serviceaccounts/token": token,
  "coordination.k8s.io/leases": lease,
};

function pod(attributes: AdmissionAttributes, self: string, object: KubeObject | undefined): void {
  const where = (attributes.operation === "CREATE" ? object : attributes.oldObject) as Pod | undefined;
  switch (attributes.operation) {
    case "CREATE": return mirrorPod(attributes, self, where as Pod);
    case "DELETE":
      if (where !== undefined && where.spec.nodeName !== self) throw refused(attributes, `node "${self}" can only delete pods with spec.nodeName set to itself`);
      return;
    case "UPDATE": case "CONNECT":
      throw refused(attributes, `unexpected operation "${attributes.operation}", node "${self}" can only create and delete mirror pods`);
  }
}

function mirrorPod(attributes: AdmissionAttributes, self: string, { metadata, spec }: Pod): void {
  if (metadata.annotations?.[mirror] === undefined) {
    throw refused(attributes, `pod does not have "${mirror}" annotation, node "${self}" can only create mirror pods`);
  }
  if (spec.nodeName !== self) throw refused(attributes, `node "${self}" can only create pods with spec.nodeName set to itself`);
  if (spec.serviceAccountName) throw refused(attributes, `node "${self}" can not create pods that reference a service account`);
  const volumes = spec.volumes ?? [];
  if (volumes.some((v) => v.secret !== undefined)) throw refused(attributes, `node "${self}" can not create pods that reference secrets`);
  if (volumes.some((v) => v.configMap !== undefined)) throw refused(attributes, `node "${self}" can not create pods that reference configmaps`);
  if (volumes.some((v) => v.persistentVolumeClaim !== undefined)) {
    throw refused(attributes, `node "${self}" can not create pods that reference persistentvolumeclaims`);
  }
}

function podStatus(attributes: AdmissionAttributes, self: string, object: KubeObject | undefined): void {
  const old = attributes.oldObject as Pod | undefined;
  if (attributes.operation !== "UPDATE" || old === undefined) throw refused(attributes, `unexpected operation "${attributes.operation}"`);
  if (old.spec.nodeName !== self) throw refused(attributes, `node "${self}" can only update pod status for pods with spec.nodeName set to itself`);
  if (!semanticEqual(object?.metadata.labels, old.metadata.labels)) throw refused(attributes, `node "${self}" cannot update labels through pod status`);
}

async function eviction(attributes: AdmissionAttributes, self: string): Promise<void> {
  const target = await attributes.reader.get(pods, attributes.name, attributes.namespace);
  if (target !== undefined && target.spec.nodeName !== self) throw refused(attributes, `node ${self} can only evict pods with spec.nodeName set to itself`);
}

function node(attributes: AdmissionAttributes, self: string, object: KubeObject | undefined): void {
  const name = attributes.name || (object?.metadata.name ?? "");
  if (name !== self) throw refused(attributes, `node "${self}" is not allowed to modify node "${name}"`);
  const next = object as Node | undefined;
  const old = attributes.oldObject as Node | undefined;
  if (next === undefined) return;
  const labels = restrictedLabels(next.metadata.labels, old?.metadata.labels);
  if (labels.length > 0) {
    throw refused(attributes, `node "${self}" is not allowed to ${old === undefined ? "set the following" : "modify"} labels: ${labels.join(", ")}`);
  }
  if (old === undefined) return;
  if (!semanticEqual(next.spec.taints, old.spec.taints)) throw refused(attributes, `node "${self}" is not allowed to modify taints`);
  if (!semanticEqual(next.metadata.ownerReferences, old.metadata.ownerReferences)) {
    throw refused(attributes, `node "${self}" is not allowed to modify ownerReferences`);
  }
}

async function token(attributes: AdmissionAttributes, self: string, object: KubeObject | undefined): Promise<void> {
  const ref = (object as unknown as TokenRequest).spec.boundObjectRef;
  if (ref?.apiVersion !== "v1" || ref.kind !== "Pod" || !ref.name) throw refused(attributes, "node requested token not bound to a pod");
  if (!ref.uid) throw refused(attributes, "node requested token with a pod binding without a uid");
  const bound = await attributes.reader.get(pods, ref.name, attributes.namespace);
  if (bound === undefined) throw refused(attributes, `pod "${ref.name}" not found`);
  if (ref.uid !== bound.metadata.uid) {
    throw refused(attributes, `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`);
  }
  if (bound.spec.nodeName !== self) throw refused(attributes, "node requested token bound to a pod scheduled on a different node");
}

function lease(attributes: AdmissionAttributes, self: string, object: KubeObject | undefined): void {
  if (attributes.namespace !== "kube-node-lease") throw refused(attributes, 'can only access leases in the "kube-node-lease" system namespace');
  if ((attributes.name || object?.metadata.name) !== self) throw refused(attributes, "can only access node lease with the same name as the requesting node");
}
