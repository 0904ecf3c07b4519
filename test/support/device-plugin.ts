/** A device plugin whose devices are all /dev/null under another name. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { Server, type sendUnaryData, type ServerUnaryCall, type ServerWritableStream, type ServiceDefinition } from "@grpc/grpc-js";
import { Channel } from "#base/grpc/channel.ts";
import type { RegistrationStatus } from "#csi/gen/plugin-registration-v1.ts";
import { pluginService, protocol, registrationService, type PluginDevice, type PluginOptions } from "#kubelet/devices/messages.ts";
import { announce, listen } from "./plugin-registrar.ts";

interface Asked { readonly devicesIds?: readonly string[]; readonly containerRequests?: readonly { readonly devicesIds?: readonly string[]; readonly availableDeviceIDs?: readonly string[] }[] }

export class TestDevicePlugin {
  /** What the kubelet has asked for, in order. */
  readonly asked: string[] = [];
  /** Its devices are CDI devices of this kind, too. */
  cdiKind: string | undefined;
  readonly #dir: string;
  readonly #resource: string;
  readonly #options: PluginOptions;
  readonly #server = new Server();
  readonly #watchers = new Set<ServerWritableStream<object, object>>();
  #devices: readonly PluginDevice[];

  /** @param dir the kubelet's `device-plugins` */
  constructor(dir: string, resource: string, devices: readonly PluginDevice[], options: PluginOptions = {}) {
    [this.#dir, this.#resource, this.#devices, this.#options] = [dir, resource, devices, options];
  }

  async start(): Promise<void> {
    const answer = <Q>(give: (request: Q) => object) => (call: ServerUnaryCall<Q, object>, done: sendUnaryData<object>): void => done(null, give(call.request));
    this.#server.addService(protocol()[pluginService] as ServiceDefinition, {
      GetDevicePluginOptions: answer(() => this.#options),
      ListAndWatch: (call: ServerWritableStream<object, object>) => {
        this.#watchers.add(call);
        call.write({ devices: this.#devices });
      },
      GetPreferredAllocation: answer(({ containerRequests = [] }: Asked) => ({ containerResponses: containerRequests.map(({ availableDeviceIDs = [] }) => ({ deviceIDs: [...availableDeviceIDs].sort().toReversed() })) })),
      Allocate: answer(({ containerRequests = [] }: Asked) => ({ containerResponses: containerRequests.map(({ devicesIds = [] }) => this.#give(devicesIds)) })),
      PreStartContainer: answer(({ devicesIds = [] }: Asked) => {
        this.asked.push(`start ${devicesIds.join()}`);
        return {};
      }),
    });
    await listen(this.#server, this.#socket);
  }

  /** Rejects with the kubelet's words. */
  async register(more: object = {}): Promise<void> {
    const channel = new Channel(join(this.#dir, "kubelet.sock"));
    try {
      await channel.unary(protocol(), registrationService)["register"]?.({ version: "v1beta1", endpoint: this.#endpoint, resourceName: this.#resource, options: this.#options, ...more }, { timeoutMs: 10_000 });
    } finally {
      channel.close();
    }
  }

  /** Registers by the kubelet's common way: a socket in `plugins_registry` that is there as long as the plugin. Returns how to stop, and what the kubelet says. */
  async announce(registry: string, versions: readonly string[] = ["v1beta1"]): Promise<{ readonly told: Promise<RegistrationStatus>; stop(): void }> {
    const path = join(registry, `${this.#resource.replaceAll("/", "-")}-reg.sock`);
    const { promise: told, resolve: tell } = Promise.withResolvers<RegistrationStatus>();
    const server = await announce(path, { type: "DevicePlugin", name: this.#resource, endpoint: this.#socket, supportedVersions: [...versions] }, tell);
    return { told, stop: () => { server.forceShutdown(); rmSync(path, { force: true }); } };
  }

  /** The plugin has other devices now. */
  tell(devices: readonly PluginDevice[]): void {
    this.#devices = devices;
    for (const watcher of this.#watchers) watcher.write({ devices });
  }

  stop(): void {
    this.#server.forceShutdown();
    rmSync(this.#socket, { force: true });
  }

  get #endpoint(): string {
    return `${this.#resource.replaceAll("/", "-")}.sock`;
  }
  get #socket(): string {
    return join(this.#dir, this.#endpoint);
  }

  #give(ids: readonly string[]): object {
    this.asked.push(`allocate ${ids.join()}`);
    return {
      envs: { NULLS: ids.join() }, annotations: { "example.com/nulls": ids.join() },
      devices: ids.map((id) => ({ hostPath: "/dev/null", containerPath: `/dev/${id}`, permissions: "rw" })),
      mounts: [{ hostPath: "/etc/hostname", containerPath: "/etc/nulls", readOnly: true }],
      ...(this.cdiKind !== undefined && { cdiDevices: ids.map((id) => ({ name: `${this.cdiKind}=${id}` })) }),
    };
  }
}
