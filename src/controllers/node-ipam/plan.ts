/** The first free /24 of the cluster's range, or undefined when all are taken. @param clusterCidr IPv4, e.g. `10.42.0.0/16` */
export function freeSubnet(clusterCidr: string, taken: ReadonlySet<string>): string | undefined {
  const [base = "", bits = "16"] = clusterCidr.split("/");
  const first = base.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  for (let i = 0; i < 2 ** (24 - Number(bits)); i++) {
    const at = first + i * 256;
    const subnet = `${Math.floor(at / 2 ** 24) % 256}.${Math.floor(at / 2 ** 16) % 256}.${Math.floor(at / 256) % 256}.0/24`;
    if (!taken.has(subnet)) return subnet;
  }
  return undefined;
}
