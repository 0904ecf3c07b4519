import { addressAt, blockText, masked, parseBlock } from "#base/addresses.ts";

/** The first free /24 of the cluster's range, or undefined when all are taken. @param clusterCidr IPv4, e.g. `10.42.0.0/16` */
export function freeSubnet(clusterCidr: string, taken: ReadonlySet<string>): string | undefined {
  const range = parseBlock(clusterCidr);
  if (range?.address.family !== 4) throw new RangeError(`not a range of IPv4 addresses: ${clusterCidr}`);
  const { address } = masked(range);
  for (let i = 0; i < 2 ** (24 - range.prefix); i++) {
    const subnet = blockText({ address: addressAt(address, i * 256), prefix: 24 });
    if (!taken.has(subnet)) return subnet;
  }
  return undefined;
}
