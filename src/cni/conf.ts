import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The network of one node's pods. */
export interface PodNetwork {
  /** Names the network on this host: in the plugins' caches and rules. One per instance. */
  readonly name: string;
  readonly bridge: string;
  /** The node's share of the pods' addresses, `10.42.0.0/24`. */
  readonly podCidr: string;
  readonly mtu: number;
  /** Where host-local keeps who has which address. */
  readonly addressDir: string;
}

/**
 * The list of plugins that the runtime calls for each sandbox. Masquerading is not the bridge plugin's (`ipMasq` costs
 * 17 ms and a chain per pod): `rules.ts` has one rule for all.
 */
export function cniConfig(network: PodNetwork): object {
  return {
    cniVersion: "0.4.0",
    name: network.name,
    plugins: [
      {
        type: "bridge",
        bridge: network.bridge,
        isGateway: true,
        isDefaultGateway: true,
        hairpinMode: true,
        mtu: network.mtu,
        ipam: { type: "host-local", dataDir: network.addressDir, ranges: [[{ subnet: network.podCidr }]] },
      },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  };
}

/** Writes the configuration whole, and only when it changed: the runtime reloads it on every write. */
export function writeCniConfig(dir: string, network: PodNetwork): void {
  const path = join(dir, "10-seedpod.conflist");
  const text = `${JSON.stringify(cniConfig(network), undefined, 2)}\n`;
  mkdirSync(dir, { recursive: true });
  try {
    if (readFileSync(path, "utf8") === text) return;
  } catch { /* not written yet */ }
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}
