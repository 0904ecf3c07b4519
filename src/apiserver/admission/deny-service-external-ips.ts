import type { Service } from "#api/gen/core-v1.ts";
import { concerns, refused, type AdmissionPlugin } from "./plugin.ts";

/**
 * Nobody draws the traffic of others to a Service by claiming their addresses; what is there may stay. Upstream has the plugin and leaves it off;
 * here it is on (CVE-2020-8554). Upstream: plugin/pkg/admission/denyserviceexternalips
 */
export const denyServiceExternalIps: AdmissionPlugin = {
  name: "DenyServiceExternalIPs",
  resources: ["services"],
  validate(attributes, object) {
    if ((attributes.operation !== "CREATE" && attributes.operation !== "UPDATE") || !concerns(attributes, "", "services")) return;
    const old = new Set((attributes.oldObject as Service | undefined)?.spec.externalIPs);
    const added = ((object as Service).spec.externalIPs ?? []).some((ip) => !old.has(ip));
    if (added) throw refused(attributes, "Use of external IPs is denied by admission control.");
  },
};
