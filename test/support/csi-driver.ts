/** A CSI driver for tests: volumes are directories, or files behind loop devices, of this host. Speaks CSI and plugin registration over sockets. */
import { mkdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { callbackify } from "node:util";
import { Server, status, type handleUnaryCall, type ServiceDefinition, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { exec } from "#base/exec.ts";
import { load } from "#base/grpc/channel.ts";
import csiDescriptor from "#csi/gen/csi-v1.descriptor.json" with { type: "json" };
import type * as csi from "#csi/gen/csi-v1.ts";
import type { RegistrationStatus } from "#csi/gen/plugin-registration-v1.ts";
import { bindMount, isMountPoint, unmount } from "#volumes/mounts.ts";
import { announce, listen } from "./plugin-registrar.ts";

export interface CsiDriverOptions {
  readonly name: string;
  /** Where it keeps its socket and its volumes. */
  readonly dir: string;
  /** The kubelet's `plugins_registry`; none: it does not register. */
  readonly registry?: string;
  readonly nodeId?: string;
  readonly maxVolumes?: number;
  readonly topology?: Readonly<Record<string, string>>;
  readonly capabilities?: readonly csi.NodeServiceCapabilityRPCType[];
}

type Handler = (request: never) => Promise<object> | object;

export class CsiTestDriver {
  readonly name: string;
  readonly endpoint: string;
  /** Every call that changes something, with its volume, in order. */
  readonly calls: string[] = [];
  /** The requests of the calls, the last of each name. */
  readonly last: Map<string, object> = new Map();
  /** Names of calls that are to fail, with the code. */
  readonly failing: Map<string, status> = new Map();
  readonly registrations: RegistrationStatus[] = [];
  readonly #options: CsiDriverOptions;
  readonly #servers: Server[] = [];

  constructor(options: CsiDriverOptions) {
    this.#options = options;
    this.name = options.name;
    this.endpoint = join(options.dir, "csi.sock");
  }

  async start(): Promise<void> {
    const { dir, registry, name } = this.#options;
    await mkdir(join(dir, "volumes"), { recursive: true });
    const definition = load(csiDescriptor);
    await this.#serve(this.endpoint, definition["csi.v1.Node"] as ServiceDefinition, this.#node);
    if (registry === undefined) return;
    const info = { type: "CSIPlugin", name, endpoint: this.endpoint, supportedVersions: ["1.0.0"] };
    this.#servers.push(await announce(join(registry, `${name}-reg.sock`), info, (told) => this.registrations.push(told)));
  }

  async stop(): Promise<void> {
    for (const server of this.#servers.splice(0)) server.forceShutdown();
    const { registry, name } = this.#options;
    await Promise.all([this.endpoint, ...(registry === undefined ? [] : [join(registry, `${name}-reg.sock`)])].map((path) => rm(path, { force: true })));
  }

  /** The directory of a volume's files. */
  volume(handle: string): string {
    return join(this.#options.dir, "volumes", handle);
  }
  image(handle: string): string {
    return `${this.volume(handle)}.img`;
  }

  async create(handle: string, bytes: number, block: boolean): Promise<void> {
    if (!block) await mkdir(this.volume(handle), { recursive: true, mode: 0o777 });
    else {
      await writeFile(this.image(handle), "");
      await truncate(this.image(handle), bytes);
    }
  }
  async delete(handle: string): Promise<void> {
    await rm(this.volume(handle), { recursive: true, force: true });
    await rm(this.image(handle), { force: true });
  }

  async #serve(socket: string, service: ServiceDefinition, handlers: Readonly<Record<string, Handler>>): Promise<void> {
    const server = new Server();
    const methods: UntypedServiceImplementation = {};
    for (const [method, handler] of Object.entries(handlers))
      methods[method] = callbackify((call: { readonly request: object }) => this.#answer(method, call.request, handler)) as unknown as handleUnaryCall<object, object>;
    server.addService(service, methods);
    await listen(server, socket);
    this.#servers.push(server);
  }

  async #answer(method: string, request: object, handler: Handler): Promise<object> {
    const volume = (request as { volumeId?: string }).volumeId;
    if (volume !== undefined) this.calls.push(`${method} ${volume}`);
    this.last.set(method, request);
    const code = this.failing.get(method);
    if (code !== undefined) throw Object.assign(new Error(), { code, details: `${method} is told to fail` }); // as gRPC's server reads it
    return handler(request as never);
  }

  readonly #node: Readonly<Record<string, Handler>> = {
    nodeGetInfo: (): csi.NodeGetInfoResponse => {
      const { nodeId = "test-node", maxVolumes = 0, topology } = this.#options;
      return { nodeId, maxVolumesPerNode: String(maxVolumes), ...(topology && { accessibleTopology: { segments: topology } }) };
    },
    nodeGetCapabilities: (): csi.NodeGetCapabilitiesResponse => ({ capabilities: (this.#options.capabilities ?? ["STAGE_UNSTAGE_VOLUME", "EXPAND_VOLUME", "GET_VOLUME_STATS"]).map((type) => ({ rpc: { type } })) }),
    nodeStageVolume: async ({ volumeId = "", stagingTargetPath = "", volumeCapability }: csi.NodeStageVolumeRequest) => {
      if (volumeCapability?.block === undefined) await mountOnce(this.volume(volumeId), stagingTargetPath);
      else await writeFile(join(stagingTargetPath, "device"), await loopOf(this.image(volumeId)));
      return {};
    },
    nodeUnstageVolume: async ({ volumeId = "", stagingTargetPath = "" }: csi.NodeUnstageVolumeRequest) => {
      if (await isMountPoint(stagingTargetPath)) await unmount(stagingTargetPath);
      const device = await readFile(join(stagingTargetPath, "device"), "utf8").catch(() => undefined);
      if (device !== undefined) await exec("losetup", ["-d", await loopOf(this.image(volumeId))]);
      await rm(join(stagingTargetPath, "device"), { force: true });
      return {};
    },
    nodePublishVolume: async ({ volumeId = "", stagingTargetPath, targetPath = "", volumeContext = {}, volumeCapability }: csi.NodePublishVolumeRequest) => {
      if (volumeCapability?.block !== undefined) {
        if (!(await isMountPoint(targetPath))) await writeFile(targetPath, "");
        await mountOnce(await loopOf(this.image(volumeId)), targetPath);
        return {};
      }
      if (stagingTargetPath === undefined || stagingTargetPath === "") await mkdir(this.volume(volumeId), { recursive: true });
      await mkdir(targetPath, { recursive: true });
      await mountOnce(this.volume(volumeId), targetPath);
      if (volumeContext["content"] !== undefined) await writeFile(join(targetPath, "content"), volumeContext["content"]);
      return {};
    },
    nodeUnpublishVolume: async ({ targetPath = "" }: csi.NodeUnpublishVolumeRequest) => {
      if (await isMountPoint(targetPath)) await unmount(targetPath);
      await rm(targetPath, { recursive: true, force: true });
      return {};
    },
    nodeGetVolumeStats: (): csi.NodeGetVolumeStatsResponse => ({
      usage: [{ unit: "BYTES", total: "1000", available: "600", used: "400" }, { unit: "INODES", total: "100", available: "90", used: "10" }],
    }),
    nodeExpandVolume: ({ capacityRange }: csi.NodeExpandVolumeRequest): csi.NodeExpandVolumeResponse => ({ capacityBytes: capacityRange?.requiredBytes ?? "0" }),
  };
}

async function mountOnce(from: string, to: string): Promise<void> {
  if (!(await isMountPoint(to))) await bindMount(from, to);
}

/** The loop device of a file, made where there is none. */
async function loopOf(file: string): Promise<string> {
  const known = (await exec("losetup", ["-j", file, "-O", "NAME", "-n"])).trim().split("\n")[0] ?? "";
  return known === "" ? (await exec("losetup", ["--show", "-f", file])).trim() : known;
}
