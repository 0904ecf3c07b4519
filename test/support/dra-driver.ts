/** A driver of dynamic resources for tests: gives for each claim what it is told to. Speaks DRA, the health of devices and plugin registration over sockets. */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Server, type sendUnaryData, type ServerUnaryCall, type ServerWritableStream, type ServiceDefinition } from "@grpc/grpc-js";
import type { RegistrationStatus } from "#csi/gen/plugin-registration-v1.ts";
import { draDefinitions, healthService } from "#kubelet/dra/dra-driver.ts";
import type { DeviceHealth } from "#kubelet/dra/gen/dra-health-v1alpha1.ts";
import type { Claim, Device, NodePrepareResourcesRequest } from "#kubelet/dra/gen/dra-v1.ts";
import { announce, listen } from "./plugin-registrar.ts";

export interface DraDriverOptions {
  readonly name: string;
  /** Where its socket is. */
  readonly dir: string;
  /** The kubelet's `plugins_registry`. */
  readonly registry: string;
  readonly give?: (claim: Claim) => readonly Device[];
  readonly version?: "v1" | "v1beta1";
  /** What it says it has, in place of the truth. */
  readonly supported?: readonly string[];
}

export class TestDraDriver {
  /** What it was asked, in order: `prepare <claim>`, `unprepare <claim>`. */
  readonly calls: string[] = [];
  readonly registrations: RegistrationStatus[] = [];
  /** What it says of every claim instead of doing as it is asked. */
  failing: { readonly prepare?: string; readonly unprepare?: string } = {};
  readonly #options: DraDriverOptions;
  readonly #watchers = new Set<ServerWritableStream<object, object>>();
  #devices: readonly DeviceHealth[] | undefined;
  #servers: Server[] = [];

  constructor(options: DraDriverOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { name, dir, registry, give = () => [], version = "v1", supported = [`${version}.DRAPlugin`] } = this.#options;
    await mkdir(dir, { recursive: true });
    const { dra, health } = draDefinitions();
    const own = new Server();
    own.addService(dra[`k8s.io.kubelet.pkg.apis.dra.${version}.DRAPlugin`] as ServiceDefinition, {
      NodePrepareResources: this.#answer("prepare", (claim) => ({ devices: give(claim) })),
      NodeUnprepareResources: this.#answer("unprepare", () => ({})),
    });
    own.addService(health[healthService] as ServiceDefinition, {
      NodeWatchResources: (call: ServerWritableStream<object, object>) => {
        this.#watchers.add(call);
        if (this.#devices !== undefined) call.write({ devices: this.#devices });
      },
    });
    await listen(own, this.#socket);
    const info = { type: "DRAPlugin", name, endpoint: this.#socket, supportedVersions: [...supported] };
    this.#servers = [own, await announce(join(registry, `${name}-reg.sock`), info, (status) => this.registrations.push(status))];
  }

  /** Its devices are so now. */
  tell(devices: readonly DeviceHealth[]): void {
    this.#devices = devices;
    for (const watcher of this.#watchers) watcher.write({ devices });
  }

  /** Goes without a word, its sockets stay. */
  kill(): void {
    for (const server of this.#servers) server.forceShutdown();
    this.#servers = [];
  }

  async stop(): Promise<void> {
    this.kill();
    await Promise.all([this.#socket, join(this.#options.registry, `${this.#options.name}-reg.sock`)].map((path) => rm(path, { force: true })));
  }

  get #socket(): string {
    return join(this.#options.dir, `${this.#options.name}.sock`);
  }

  #answer(method: "prepare" | "unprepare", give: (claim: Claim) => object) {
    return ({ request: { claims = [] } }: ServerUnaryCall<NodePrepareResourcesRequest, object>, done: sendUnaryData<object>): void => {
      this.calls.push(...claims.map(({ name = "" }) => `${method} ${name}`));
      done(null, { claims: Object.fromEntries(claims.map((claim) => [claim.uid ?? "", this.failing[method] === undefined ? give(claim) : { error: this.failing[method] }])) });
    };
  }
}
