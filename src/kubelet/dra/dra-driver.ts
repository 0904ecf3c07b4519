/** One plugin of a DRA driver, by its socket. Upstream: pkg/kubelet/cm/dra/plugin/dra_plugin.go */
import type { PackageDefinition } from "@grpc/proto-loader";
import type { Clock } from "#base/clock.ts";
import { Channel, load, type Unary } from "#base/grpc/channel.ts";
import type { DeviceHealth, NodeWatchResourcesResponse } from "./gen/dra-health-v1alpha1.ts";
import healthDescriptor from "./gen/dra-health-v1alpha1.descriptor.json" with { type: "json" };
import draDescriptor from "./gen/dra-v1.descriptor.json" with { type: "json" };
import type { Claim, DRAPluginCalls, NodePrepareResourceResponse, NodeUnprepareResourceResponse } from "./gen/dra-v1.ts";
import type { DraMetrics } from "./metrics.ts";

/** Upstream: defaultClientCallTimeout */
const callMs = 45_000;

/** The gRPC services that a plugin may have, by how it names them when it registers. Both have the same messages. */
const services: Readonly<Record<string, string>> = {
  "v1.DRAPlugin": "k8s.io.kubelet.pkg.apis.dra.v1.DRAPlugin",
  "v1beta1.DRAPlugin": "k8s.io.kubelet.pkg.apis.dra.v1beta1.DRAPlugin",
};

/** The first of a plugin's services that this kubelet knows. Throws in upstream's words. Upstream: validateSupportedServices */
export function chooseService(driver: string, endpoint: string, supported: readonly string[]): string {
  const refusal = (why: string): Error => new Error(`invalid supported gRPC versions of DRA driver plugin ${driver} at endpoint ${endpoint}: ${why}`);
  const quoted = (names: readonly string[]): string => `[${names.map((name) => JSON.stringify(name)).join(" ")}]`;
  if (supported.length === 0) throw refusal("empty list of supported gRPC services (aka supported versions)");
  const chosen = supported.find((name) => Object.hasOwn(services, name));
  if (chosen === undefined) throw refusal(`none of services supported by the plugin (${quoted(supported)}) are supported by the kubelet (${quoted(Object.keys(services))})`);
  return services[chosen] ?? "";
}

let definitions: { readonly dra: PackageDefinition; readonly health: PackageDefinition } | undefined;
/** Made when they are asked for first: most nodes never meet a driver. */
export const draDefinitions = (): NonNullable<typeof definitions> => (definitions ??= { dra: load(draDescriptor), health: load(healthDescriptor) });
export const healthService = "v1alpha1.DRAResourceHealth";

export class DraDriver {
  readonly name: string;
  readonly endpoint: string;
  readonly #service: string;
  readonly #channel: Channel;
  readonly #calls: Unary<DRAPluginCalls>;
  readonly #metrics: DraMetrics;
  readonly #stop = new AbortController();

  constructor(name: string, endpoint: string, service: string, metrics: DraMetrics, clock: Clock) {
    [this.name, this.endpoint, this.#service, this.#metrics] = [name, endpoint, service, metrics];
    this.#channel = new Channel(endpoint, { clock });
    this.#calls = this.#channel.unary(draDefinitions().dra, service) as unknown as Unary<DRAPluginCalls>;
  }

  /** By the claims' uids. */
  async prepare(claims: readonly Claim[], signal: AbortSignal): Promise<Readonly<Record<string, NodePrepareResourceResponse>>> {
    const response = await this.#timed("NodePrepareResources", () => this.#calls.nodePrepareResources({ claims: [...claims] }, { timeoutMs: callMs, signal }));
    return response.claims ?? {};
  }

  async unprepare(claims: readonly Claim[], signal: AbortSignal): Promise<Readonly<Record<string, NodeUnprepareResourceResponse>>> {
    const response = await this.#timed("NodeUnprepareResources", () => this.#calls.nodeUnprepareResources({ claims: [...claims] }, { timeoutMs: callMs, signal }));
    return response.claims ?? {};
  }

  /** Whether the plugin is there, now and at each change. Ends at `close`. */
  connected(): AsyncGenerator<boolean, void> {
    return this.#channel.connected(this.#stop.signal);
  }

  /** How its devices are, all of them each time. Throws when the plugin does not say, or no more; ends at `close`. */
  async *healths(): AsyncGenerator<readonly DeviceHealth[], void> {
    for await (const answer of this.#channel.stream(draDefinitions().health, healthService, "NodeWatchResources", {}, this.#stop.signal)) yield (answer as NodeWatchResourcesResponse).devices ?? [];
  }

  get closed(): AbortSignal {
    return this.#stop.signal;
  }
  close(): void {
    this.#stop.abort();
    this.#channel.close();
  }

  #timed<T>(method: string, call: () => Promise<T>): Promise<T> {
    return this.#metrics.call(this.name, `/${this.#service}/${method}`, call);
  }
}
