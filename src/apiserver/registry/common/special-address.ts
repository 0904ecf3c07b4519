import { isIPv4 } from "node:net";

/** Why traffic may not be sent to this address; empty when it may. IPv4 addresses in IPv6 clothes are seen through. Upstream: pkg/apis/core/validation ValidateNonSpecialIP */
export function specialAddress(ip: string): readonly string[] {
  const mapped = /^::ffff:(.*)$/i.exec(ip)?.[1];
  const address = mapped === undefined ? ip : isIPv4(mapped) ? mapped : fromHex(mapped);
  if (address === "0.0.0.0" || /^[0:]+$/.test(address)) return [`may not be unspecified (${ip})`];
  if (/^127\./.test(address) || /^[0:]*:0*1$/.test(address)) return ["may not be in the loopback range (127.0.0.0/8, ::1/128)"];
  if (/^169\.254\./.test(address) || /^fe[89ab][0-9a-f]:/i.test(address)) return ["may not be in the link-local range (169.254.0.0/16, fe80::/10)"];
  if (/^224\.0\.0\./.test(address) || /^ff02:/i.test(address)) return ["may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"];
  return [];
}

/** `7f00:1` of `::ffff:7f00:1` is 127.0.0.1. */
function fromHex(text: string): string {
  const [high = 0, low = 0] = text.split(":").map((part) => Number.parseInt(part, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}
