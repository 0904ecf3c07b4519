import { join } from "node:path";
import type { Node } from "#api/gen/core-v1.ts";
import type { Clock } from "#base/clock.ts";
import { loop, type Component } from "#base/component.ts";
import type { Logger } from "#base/log.ts";
import type { Informer } from "#client/lister.ts";
import { networkRepair, setUpNetwork, type NodeNetwork } from "#cni/node-network.ts";
import type { Instance } from "./instance.ts";
import type { NodeAddress } from "./node-address.ts";

const againMs = 2_000;

/** Waits until the controllers have given this node its share of the pods' addresses, and makes the network for it. */
export function nodeNetwork(instance: Instance, address: NodeAddress, own: Informer<Node>, clock: Clock, log: Logger): Component {
  return {
    name: "network",
    run: (signal) => loop(signal, async () => {
      const network = networkOf(instance, address, await podCidr(own, signal));
      try {
        await setUpNetwork(network);
        log.info({ podCidr: network.podCidr, bridge: network.bridge }, "pod network is ready");
        await networkRepair(network, clock, log).run(signal);
      } catch (err) {
        if (signal.aborted) return;
        log.error({ err }, "the pod network cannot be made");
        await clock.sleep(againMs, signal);
      }
    }),
  };
}

function podCidr(own: Informer<Node>, signal: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const stop = own.onChange(({ object }) => { if (object?.spec?.podCIDR !== undefined) resolve(object.spec.podCIDR); });
  signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  return promise.finally(stop);
}

function networkOf(instance: Instance, { address, onBridge, mtu }: NodeAddress, cidr: string): NodeNetwork {
  return {
    name: instance.networkName, table: instance.table, bridge: instance.bridge, podCidr: cidr, serviceCidr: instance.serviceCidr, mtu,
    ...(onBridge && { nodeAddress: address }), apiServer: { address, port: instance.port },
    configDir: join(instance.cniDir, "conf.d"), addressDir: join(instance.cniDir, "networks"),
  };
}
