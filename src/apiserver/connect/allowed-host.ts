import { BlockList, isIP } from "node:net";
import { badRequest } from "#apimachinery/status.ts";

/** Loopback, link-local, unspecified, multicast and broadcast: what lies there is neither a node nor a pod. IPv4 rules hold for addresses written as `::ffff:a.b.c.d` too. */
const forbidden = new BlockList();
for (const [net, prefix] of [["0.0.0.0", 8], ["127.0.0.0", 8], ["169.254.0.0", 16], ["224.0.0.0", 4]] as const) forbidden.addSubnet(net, prefix, "ipv4");
for (const [net, prefix] of [["::", 128], ["::1", 128], ["fe80::", 10], ["ff00::", 8]] as const) forbidden.addSubnet(net, prefix, "ipv6");
forbidden.addAddress("255.255.255.255", "ipv4");

/**
 * The address as it stands in a URL. Throws BadRequest for one that may not be connected to, and for a name: it would be
 * looked up at each connection, and could mean something else each time. Upstream: apimachinery/pkg/util/proxy IsProxyableIP
 */
export function allowedHost(address: string): string {
  const family = isIP(address); // and not what a URL makes of it, to which 2130706433 is 127.0.0.1
  if (family === 0 || address.includes("%") || forbidden.check(address, family === 6 ? "ipv6" : "ipv4")) throw badRequest("address not allowed");
  return family === 6 ? `[${address}]` : address;
}
