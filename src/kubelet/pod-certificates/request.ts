import type { PodCertificateRequest } from "#api/gen/certificates-v1beta1.ts";
import type { Pod, PodCertificateProjection } from "#api/gen/core-v1.ts";
import { podCertificateRequests, serviceAccounts } from "#api/resources.ts";
import { messageOf } from "#base/error-message.ts";
import type { Client } from "#client/client.ts";
import { namespaceOf, uidOf } from "../names.ts";

export interface Asker { readonly client: Client; readonly nodeName: string; readonly nodeUid: () => string | undefined }
/** Whom a certificate is for, as far as the pod does not say it. */
interface Identity { readonly serviceAccountUID: string; readonly nodeName: string; readonly nodeUID: string }

/** Asks the API server for a certificate. Throws with upstream's words. @param stub a PKCS #10 request of the key, DER @param which for the words only */
export async function askFor({ client, nodeName, nodeUid }: Asker, pod: Pod, source: PodCertificateProjection, stub: Buffer, which: "initial" | "refresh"): Promise<PodCertificateRequest> {
  const account = await saying("while fetching service account", () => client.resource(serviceAccounts).get(pod.spec.serviceAccountName ?? "", namespaceOf(pod)));
  const uid = nodeUid();
  if (uid === undefined) throw new Error(`while getting node object from local cache: node "${nodeName}" not found`);
  const request = requestOf(pod, source, stub, { serviceAccountUID: account.metadata.uid ?? "", nodeName, nodeUID: uid });
  return await saying(`while creating ${which} PodCertificateRequest: while creating on API`, () => client.resource(podCertificateRequests).create(request));
}

async function saying<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (err) {
    throw new Error(`${what}: ${messageOf(err)}`, { cause: err });
  }
}

/** It goes with its pod. Upstream: pkg/kubelet/podcertificate createPodCertificateRequest */
function requestOf(pod: Pod, source: PodCertificateProjection, stub: Buffer, identity: Identity): PodCertificateRequest {
  const { name } = pod.metadata;
  const { signerName = "", maxExpirationSeconds, userAnnotations } = source;
  return {
    metadata: { name: "", generateName: "req-", namespace: namespaceOf(pod), ownerReferences: [{ apiVersion: "v1", kind: "Pod", name, uid: uidOf(pod) }] },
    spec: {
      ...identity, signerName, podName: name, podUID: uidOf(pod), serviceAccountName: pod.spec.serviceAccountName ?? "", stubPKCS10Request: stub.toString("base64"),
      ...(maxExpirationSeconds !== undefined && { maxExpirationSeconds }), ...(userAnnotations !== undefined && { unverifiedUserAnnotations: userAnnotations }),
    },
    status: {},
  };
}
