import type { Clock } from "#base/clock.ts";
import { loop, type Component } from "#base/component.ts";
import type { Logger } from "#base/log.ts";
import { nthAddress } from "./addresses.ts";
import { ensureBridge } from "./bridge.ts";
import { writeCniConfig } from "./conf.ts";
import { allowForwarding, applyNodeRules } from "./rules.ts";

export interface NodeNetwork {
  /** Of the network and of the rules that are not in a table of our own. One per instance. */
  readonly name: string;
  readonly table: string;
  readonly bridge: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly mtu: number;
  /** Set where the host has no address of its own. */
  readonly nodeAddress?: string;
  readonly apiServer: { readonly address: string; readonly port: number };
  readonly configDir: string;
  readonly addressDir: string;
}

const repairMs = 30_000;

/** Makes bridge, packet rules and CNI configuration of this node. May be repeated; the configuration comes last, because the runtime counts the network as ready from then on. */
export async function setUpNetwork(network: NodeNetwork): Promise<void> {
  const { bridge, podCidr } = network;
  await ensureBridge({ name: bridge, podCidr, serviceCidr: network.serviceCidr, mtu: network.mtu, ...(network.nodeAddress !== undefined && { nodeAddress: network.nodeAddress }) });
  await applyNodeRules({ table: network.table, bridge, podCidr, apiServiceIp: nthAddress(network.serviceCidr, 1), apiServer: network.apiServer });
  await allowForwarding(bridge, network.name);
  writeCniConfig(network.configDir, { name: network.name, bridge, podCidr, mtu: network.mtu, addressDir: network.addressDir });
}

/** Repeats `setUpNetwork` now and then: somebody may have flushed all rules. */
export function networkRepair(network: NodeNetwork, clock: Clock, log: Logger): Component {
  return {
    name: "node-network",
    run: (signal) => loop(signal, async () => {
      await clock.sleep(repairMs, signal);
      await setUpNetwork(network).catch((err: unknown) => log.warn({ err }, "the node's network could not be repaired"));
    }),
  };
}
