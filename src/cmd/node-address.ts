import { nthAddress } from "#cni/addresses.ts";
import { readHostNetwork } from "#cni/host-network.ts";
import type { Instance } from "./instance.ts";

export interface NodeAddress {
  readonly address: string;
  /** The host has no address of its own: this one stands on our bridge. */
  readonly onBridge: boolean;
  readonly mtu: number;
}

/** The node's address: the host's, or, where it has no network at all, the first pod network's gateway. */
export async function nodeAddressOf(instance: Instance): Promise<NodeAddress> {
  const { address, mtu } = await readHostNetwork([instance.bridge]);
  return { address: address ?? nthAddress(instance.podCidr, 1), onBridge: address === undefined, mtu };
}
