import type { Pod, PodResourceClaimStatus } from "#api/gen/core-v1.ts";
import { referencesOf } from "#api/pod-references.ts";
import { isMirrorPod, mirrorAnnotation } from "#api/pod.ts";
import { nodes, pods } from "#api/resources.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import { notFound } from "#apimachinery/status.ts";
import type { AdmissionAttributes } from "../attributes.ts";
import { refused } from "../plugin.ts";
import type { Check } from "./check.ts";

/** Upstream: noderestriction admitPod */
export const pod: Check = async (attributes, self, object) => {
  switch (attributes.operation) {
    case "CREATE": return mirrorPod(attributes, self, object as Pod);
    case "DELETE": {
      const old = attributes.oldObject as Pod | undefined;
      if (old !== undefined && old.spec.nodeName !== self) throw refused(attributes, `node "${self}" can only delete pods with spec.nodeName set to itself`);
      return;
    }
    case "UPDATE": case "CONNECT":
      throw refused(attributes, `unexpected operation "${attributes.operation}", node "${self}" can only create and delete mirror pods`);
  }
};

/** The shadow of a pod that the node has from a file: it reaches no other object. Upstream: noderestriction admitPodCreate */
async function mirrorPod(attributes: AdmissionAttributes, self: string, made: Pod): Promise<void> {
  if (!isMirrorPod(made)) throw refused(attributes, `pod does not have "${mirrorAnnotation}" annotation, node "${self}" can only create mirror pods`);
  if (made.spec.nodeName !== self) throw refused(attributes, `node "${self}" can only create pods with spec.nodeName set to itself`);
  await ownedByItself(attributes, self, made);
  const refuse = (what: string): never => { throw refused(attributes, `node "${self}" can not create pods that reference ${what}`); };
  if (made.spec.serviceAccountName) refuse("a service account");
  const { secrets, configMaps } = referencesOf(made);
  if (secrets.size > 0) refuse("secrets");
  if (configMaps.size > 0) refuse("configmaps");
  const volumes = made.spec.volumes ?? [];
  if (volumes.some((v) => v.projected?.sources?.some((s) => s.clusterTrustBundle !== undefined))) refuse("clustertrustbundles");
  if (volumes.some((v) => v.projected?.sources?.some((s) => s.podCertificate !== undefined))) refuse("podcertificates");
  if (volumes.some((v) => v.persistentVolumeClaim !== undefined)) refuse("persistentvolumeclaims");
  if ((made.spec.resourceClaims ?? []).length > 0) refuse("resourceclaims");
}

async function ownedByItself(attributes: AdmissionAttributes, self: string, { metadata }: Pod): Promise<void> {
  const owners = metadata.ownerReferences ?? [];
  const [owner] = owners;
  if (owners.length > 1) throw refused(attributes, `node "${self}" can only create pods with a single owner reference set to itself`);
  if (owner?.apiVersion !== "v1" || owner.kind !== "Node" || owner.name !== self) throw refused(attributes, `node "${self}" can only create pods with an owner reference set to itself`);
  if (owner.controller !== true) throw refused(attributes, `node "${self}" can only create pods with a controller owner reference set to itself`);
  if (owner.blockOwnerDeletion === true) throw refused(attributes, `node "${self}" must not set blockOwnerDeletion on an owner reference`);
  const known = await attributes.reader.get(nodes, self);
  if (known === undefined) throw notFound({ group: "", resource: "nodes" }, self);
  if (owner.uid !== known.metadata.uid) throw refused(attributes, `node ${self} UID mismatch: expected ${owner.uid} got ${known.metadata.uid ?? ""}`);
}

/** Upstream: noderestriction admitPodStatus */
export const podStatus: Check = (attributes, self, object) => {
  const old = attributes.oldObject as Pod | undefined;
  if (attributes.operation !== "UPDATE" || old === undefined) throw refused(attributes, `unexpected operation "${attributes.operation}"`);
  const next = object as Pod;
  if (old.spec.nodeName !== self) throw refused(attributes, `node "${self}" can only update pod status for pods with spec.nodeName set to itself`);
  if (!semanticEqual(next.metadata.labels, old.metadata.labels)) throw refused(attributes, `node "${self}" cannot update labels through pod status`);
  if (!semanticEqual(claimNames(next), claimNames(old))) throw refused(attributes, `node "${self}" cannot update resource claim statues`);
  if (!semanticEqual(next.status.extendedResourceClaimStatus, old.status.extendedResourceClaimStatus)) throw refused(attributes, `node "${self}" cannot update extended resource claim statuses`);
};

const claimNames = ({ status }: Pod): readonly Partial<PodResourceClaimStatus>[] => (status.resourceClaimStatuses ?? []).map(({ name, resourceClaimName }) => ({ name, ...(resourceClaimName !== undefined && { resourceClaimName }) }));

/** Upstream: noderestriction admitPodEviction */
export const eviction: Check = async (attributes, self) => {
  if (attributes.operation !== "CREATE") throw refused(attributes, `unexpected operation ${attributes.operation}`);
  const target = await attributes.reader.get(pods, attributes.name, attributes.namespace);
  if (target === undefined) throw notFound({ group: "", resource: "pods" }, attributes.name);
  if (target.spec.nodeName !== self) throw refused(attributes, `node ${self} can only evict pods with spec.nodeName set to itself`);
};

export const otherPodWrite: Check = (attributes) => {
  throw refused(attributes, `unexpected pod subresource "${attributes.subresource}", only 'status' and 'eviction' are allowed`);
};
