import type { PodCertificateRequest } from "#api/gen/certificates-v1beta1.ts";
import { isMirrorPod } from "#api/pod.ts";
import { nodes, pods, serviceAccounts } from "#api/resources.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { internalError } from "#apimachinery/status.ts";
import { refused } from "../plugin.ts";
import type { Check } from "./check.ts";

/** A node asks for certificates for pods that run on it, as whom they are. What may be so a little later is no refusal. Upstream: noderestriction admitPodCertificateRequest */
export const podCertificateRequest: Check = async (attributes, self, object) => {
  if (attributes.operation !== "CREATE") throw refused(attributes, `unexpected operation ${attributes.operation}`);
  const { spec } = object as PodCertificateRequest;
  const { namespace, reader } = attributes;
  const [podKey, accountKey] = [`${namespace}/${spec.podName}`, `${namespace}/${spec.serviceAccountName}`];
  if (spec.nodeName !== self) throw refused(attributes, `PodCertificateRequest.Spec.NodeName="${spec.nodeName}", which is not the requesting node "${self}"`);
  const node = named(await reader.get(nodes, spec.nodeName), `node "${spec.nodeName}"`);
  if (node !== spec.nodeUID) throw later(`PodCertificateRequest for pod "${podKey}" names node UID "${spec.nodeUID}", inconsistent with the running node ("${node}")`);
  const pod = await reader.get(pods, spec.podName, namespace);
  const uid = named(pod, `pod "${podKey}"`);
  if (uid !== spec.podUID) throw later(`PodCertificateRequest for pod "${podKey}" contains pod UID ("${spec.podUID}") which differs from running pod "${uid}"`);
  if (pod?.spec.nodeName !== self) throw refused(attributes, `pod "${podKey}" is not running on node "${self}" named in the PodCertificateRequest`);
  if (isMirrorPod(pod)) throw refused(attributes, `pod "${podKey}" is a mirror pod`);
  const { serviceAccountName = "" } = pod.spec;
  if (spec.serviceAccountName !== serviceAccountName) throw refused(attributes, `PodCertificateRequest for pod "${podKey}" contains serviceAccountName ("${spec.serviceAccountName}") that differs from running pod ("${serviceAccountName}")`);
  const account = named(await reader.get(serviceAccounts, spec.serviceAccountName, namespace), `service account "${accountKey}"`);
  if (account !== spec.serviceAccountUID) throw later(`PodCertificateRequest for pod "${podKey}" names service account UID "${spec.serviceAccountUID}", which differs from the running service account ("${account}")`);
};

const later = (why: string): Error => internalError(new Error(why));

/** The object's uid. Throws when there is none. */
function named(object: KubeObject | undefined, what: string): string {
  if (object === undefined) throw later(`while retrieving ${what} named in the PodCertificateRequest: not found`);
  return object.metadata.uid ?? "";
}

export const otherPodCertificateRequest: Check = (attributes) => { throw refused(attributes, `unexpected subresource ${attributes.subresource}`); };
