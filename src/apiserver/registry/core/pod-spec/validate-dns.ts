import type { HostAlias, PodSpec } from "#api/gen/core-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";
import { dns1123Subdomain, ipAddress } from "#apimachinery/validation/names.ts";

const mostNameservers = 3;
const mostSearches = 32;
const longestSearchList = 2048;
const policies: readonly string[] = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];

/** Upstream: pkg/apis/core/validation validateDNSPolicy */
export function validateDnsPolicy(policy: string | undefined, field: string): readonly Cause[] {
  if (!policy) return [required(field)];
  return policies.includes(policy) ? [] : [notSupported(field, policy, policies)];
}

/** Upstream: pkg/apis/core/validation validatePodDNSConfig */
export function validateDnsConfig({ dnsPolicy, dnsConfig }: PodSpec, field: string): readonly Cause[] {
  if (dnsPolicy === "None" && dnsConfig === undefined) return [required(field, "must provide `dnsConfig` when `dnsPolicy` is None")];
  if (dnsPolicy === "None" && !dnsConfig?.nameservers?.length) {
    return [required(`${field}.nameservers`, "must provide at least one DNS nameserver when `dnsPolicy` is None")];
  }
  const { nameservers = [], searches = [], options = [] } = dnsConfig ?? {};
  return [
    ...(nameservers.length > mostNameservers ? [invalidValue(`${field}.nameservers`, nameservers, `must not have more than ${mostNameservers} nameservers`)] : []),
    ...nameservers.flatMap((server, i) => eachInvalid(`${field}.nameservers[${i}]`, server, ipAddress(server))),
    ...(searches.length > mostSearches ? [invalidValue(`${field}.searches`, searches, `must not have more than ${mostSearches} search paths`)] : []),
    ...(searches.join(" ").length > longestSearchList
      ? [invalidValue(`${field}.searches`, searches, `must not have more than ${longestSearchList} characters (including spaces) in the search list`)]
      : []),
    ...searches.flatMap((search, i) => {
      const domain = search.replace(/\.$/, "");
      return search === "." ? [] : eachInvalid(`${field}.searches[${i}]`, domain, dns1123Subdomain(domain.replaceAll("_", "-")));
    }),
    ...options.flatMap(({ name }, i) => (name ? [] : [required(`${field}.options[${i}]`, "must not be empty")])),
  ];
}

/** Upstream: pkg/apis/core/validation ValidateHostAliases */
export const validateHostAliases = (aliases: readonly HostAlias[], field: string): readonly Cause[] =>
  aliases.flatMap(({ ip, hostnames = [] }, i) => [
    ...eachInvalid(`${field}[${i}].ip`, ip, ipAddress(ip)),
    ...hostnames.flatMap((name, j) => eachInvalid(`${field}[${i}].hostnames[${j}]`, name, dns1123Subdomain(name))),
  ]);
