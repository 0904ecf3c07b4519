import type { Clock } from "#base/clock.ts";
import { Channel } from "#base/grpc/channel.ts";
import { pluginService, protocol, type AllocateResponse, type ContainerAllocateResponse, type ListAndWatchResponse, type PluginDevice, type PluginOptions, type PreferredAllocationResponse } from "./messages.ts";
import type { Offer } from "./choose.ts";

/** Upstream: devicemanager pluginapi.KubeletPreStartContainerRPCTimeoutInSecs */
const preStartMs = 30_000;
const callMs = 60_000;

/** One device plugin, by its socket. */
export class Plugin {
  readonly #channel: Channel;
  readonly #calls: ReturnType<Channel["unary"]>;
  readonly #stop = new AbortController();
  options: PluginOptions;

  constructor(socket: string, options: PluginOptions, clock: Clock) {
    this.options = options;
    this.#channel = new Channel(socket, { clock });
    this.#calls = this.#channel.unary(protocol(), pluginService);
  }

  /** Each list of its devices, as it changes. Ends when the plugin does, or at `close`; throws when the connection breaks. */
  async *devices(): AsyncGenerator<readonly PluginDevice[], void> {
    for await (const answer of this.#channel.stream(protocol(), pluginService, "ListAndWatch", {}, this.#stop.signal)) yield (answer as ListAndWatchResponse).devices ?? [];
  }

  async allocate(devicesIds: readonly string[]): Promise<ContainerAllocateResponse> {
    const { containerResponses = [] } = (await this.#call("allocate", { containerRequests: [{ devicesIds }] }, callMs)) as AllocateResponse;
    if (containerResponses[0] === undefined) throw new Error("no containers return in allocation response");
    return containerResponses[0];
  }

  async preferred({ must, free }: Offer, allocationSize: number): Promise<readonly string[]> {
    const request = { availableDeviceIDs: [...must, ...free], mustIncludeDeviceIDs: must, allocationSize };
    const { containerResponses = [] } = (await this.#call("getPreferredAllocation", { containerRequests: [request] }, callMs)) as PreferredAllocationResponse;
    return containerResponses[0]?.deviceIDs ?? [];
  }

  async preStart(devicesIds: readonly string[]): Promise<void> {
    await this.#call("preStartContainer", { devicesIds }, preStartMs);
  }

  /** What the plugin wants to be asked. Upstream: devicemanager PluginConnected */
  async ask(): Promise<void> {
    this.options = await this.#call("getDevicePluginOptions", {}, callMs);
  }

  close(): void {
    this.#stop.abort();
    this.#channel.close();
  }

  async #call(name: string, request: object, timeoutMs: number): Promise<object> {
    return (await this.#calls[name]?.(request, { timeoutMs })) ?? {};
  }
}
