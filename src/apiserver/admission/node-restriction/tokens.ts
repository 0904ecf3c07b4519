import type { TokenRequest } from "#api/gen/authentication-v1.ts";
import type { Pod, Volume } from "#api/gen/core-v1.ts";
import { claimNameOf } from "#api/pod-references.ts";
import { csiDrivers, persistentVolumeClaims, persistentVolumes, pods } from "#api/resources.ts";
import { notFound } from "#apimachinery/status.ts";
import type { Authorizer } from "../../authz/authorizer.ts";
import type { AdmissionAttributes, Reader } from "../attributes.ts";
import { refused } from "../plugin.ts";
import type { Check } from "./check.ts";

/** A node gets tokens for its own pods, of audiences that they name. Upstream: noderestriction admitServiceAccount */
export const tokenRequests = (authorizer: Authorizer): Check => async (attributes, self, object) => {
  const { boundObjectRef: ref, audiences = [] } = (object as unknown as TokenRequest).spec;
  if (ref?.apiVersion !== "v1" || ref.kind !== "Pod" || !ref.name) throw refused(attributes, "node requested token not bound to a pod");
  if (!ref.uid) throw refused(attributes, "node requested token with a pod binding without a uid");
  const bound = await attributes.reader.get(pods, ref.name, attributes.namespace);
  if (bound === undefined) throw notFound({ group: "", resource: "pods" }, ref.name);
  if (ref.uid !== bound.metadata.uid) {
    throw refused(attributes, `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`);
  }
  if (bound.spec.nodeName !== self) throw refused(attributes, "node requested token bound to a pod scheduled on a different node");
  if (audiences.length > 1) throw refused(attributes, "node may only request 0 or 1 audiences");
  await audienceOf(attributes, authorizer, bound, audiences[0] ?? "");
};

/** Upstream: noderestriction validateNodeServiceAccountAudience */
async function audienceOf(attributes: AdmissionAttributes, authorizer: Authorizer, pod: Pod, audience: string): Promise<void> {
  for (const volume of pod.spec.volumes ?? []) if (await names(attributes.reader, pod, volume, audience)) return;
  const { user, namespace, name } = attributes;
  const { allowed } = await authorizer.authorize({ user, verb: "request-serviceaccounts-token-audience", group: "", version: "v1", resource: audience, namespace, name });
  if (!allowed) throw refused(attributes, `audience "${audience}" not found in pod spec volume, ${user.name} is not authorized to request tokens for this audience`);
}

/** Does a volume ask for tokens of this audience, itself or by its driver? */
async function names(reader: Reader, pod: Pod, volume: Volume, audience: string): Promise<boolean> {
  if (volume.projected?.sources?.some((s) => s.serviceAccountToken !== undefined && (s.serviceAccountToken.audience ?? "") === audience) === true) return true;
  const claim = claimNameOf(pod, volume);
  const driver = volume.csi?.driver ?? (claim && await driverOf(reader, pod.metadata.namespace ?? "", claim));
  const asks = driver ? (await reader.get(csiDrivers, driver))?.spec.tokenRequests : undefined;
  return asks?.some((request) => request.audience === audience) ?? false;
}

async function driverOf(reader: Reader, namespace: string, name: string): Promise<string | undefined> {
  const volume = (await reader.get(persistentVolumeClaims, name, namespace))?.spec.volumeName;
  return volume ? (await reader.get(persistentVolumes, volume))?.spec.csi?.driver : undefined;
}
