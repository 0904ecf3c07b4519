import type { Authorizer } from "../../authz/authorizer.ts";
import { refused, type AdmissionPlugin } from "../plugin.ts";
import type { Check } from "./check.ts";
import { claimStatus, csiNode, csr, lease, node, otherClaimWrite, slice } from "./objects.ts";
import { otherPodCertificateRequest, podCertificateRequest } from "./pod-certificates.ts";
import { eviction, otherPodWrite, pod, podStatus } from "./pods.ts";
import { tokenRequests } from "./tokens.ts";

const userPrefix = "system:node:";

/**
 * A node writes about itself and its own pods only.
 * @param authorizer may let nodes ask for tokens of audiences that no pod names
 * Upstream: plugin/pkg/admission/noderestriction
 */
export function nodeRestriction(authorizer: Authorizer): AdmissionPlugin {
  const checks: Readonly<Record<string, Check>> = { ...fixed, "/serviceaccounts/token": tokenRequests(authorizer) };
  return {
    name: "NodeRestriction",
    async admit(attributes, object) {
      const { user, resource, subresource, operation } = attributes;
      if (!user.name.startsWith(userPrefix) || !user.groups.includes("system:nodes") || operation === "CONNECT") return;
      const self = user.name.slice(userPrefix.length);
      if (self === "") throw refused(attributes, `could not determine node from user "${user.name}"`);
      const whole = `${resource.group}/${resource.names.plural}`;
      const check = checks[subresource === "" ? whole : `${whole}/${subresource}`] ?? checks[`${whole}/*`];
      await check?.(attributes, self, object);
    },
  };
}

/** `*`: every other subresource. */
const fixed: Readonly<Record<string, Check>> = {
  "/pods": pod,
  "/pods/status": podStatus,
  "/pods/eviction": eviction,
  "/pods/*": otherPodWrite,
  "/nodes": node,
  "/nodes/*": node,
  "/persistentvolumeclaims": otherClaimWrite,
  "/persistentvolumeclaims/status": claimStatus,
  "coordination.k8s.io/leases": lease,
  "storage.k8s.io/csinodes": csiNode,
  "resource.k8s.io/resourceslices": slice,
  "certificates.k8s.io/certificatesigningrequests": csr,
  "certificates.k8s.io/podcertificaterequests": podCertificateRequest,
  "certificates.k8s.io/podcertificaterequests/*": otherPodCertificateRequest,
};
