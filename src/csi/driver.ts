/** One CSI driver's services, as the node calls them. CSI is https://github.com/container-storage-interface/spec, v1. */
import type { PackageDefinition } from "@grpc/proto-loader";
import type { Clock } from "#base/clock.ts";
import { Channel, load, type CallOptions, type Unary } from "#base/grpc/channel.ts";
import csiDescriptor from "./gen/csi-v1.descriptor.json" with { type: "json" };
import type { NodeCalls, NodeServiceCapabilityRPCType } from "./gen/csi-v1.ts";

/** Upstream: pkg/volume/csi csiTimeout */
const timeoutMs = 120_000;

export type NodeCapability = NodeServiceCapabilityRPCType;
export type NodeCapabilities = ReadonlySet<NodeCapability>;

export interface CsiDriver {
  readonly name: string;
  readonly endpoint: string;
  readonly node: Unary<NodeCalls>;
  /** What the driver's node service can do; asked once. */
  capabilities(): Promise<NodeCapabilities>;
  close(): void;
}

let definition: PackageDefinition | undefined;

/** Connects on the first call. Calls reject with `GrpcError`. @param endpoint the driver's socket */
export function newCsiDriver(name: string, endpoint: string, clock: Clock): CsiDriver {
  const channel = new Channel(endpoint, { clock });
  definition ??= load(csiDescriptor);
  const node = bounded(channel.unary(definition, "csi.v1.Node")) as unknown as Unary<NodeCalls>;
  let known: Promise<NodeCapabilities> | undefined;
  const ask = async (): Promise<NodeCapabilities> => {
    const { capabilities = [] } = await node.nodeGetCapabilities({});
    return new Set(capabilities.flatMap(({ rpc }) => (rpc?.type === undefined ? [] : [rpc.type])));
  };
  const capabilities = (): Promise<NodeCapabilities> => {
    known ??= ask().catch((err: unknown) => {
      known = undefined;
      throw err;
    });
    return known;
  };
  return { name, endpoint, node, capabilities, close: () => channel.close() };
}

type Calls = ReturnType<Channel["unary"]>;

const bounded = (calls: Calls): Calls =>
  Object.fromEntries(Object.entries(calls).map(([name, call]) => [name, (request: object, options?: CallOptions) => call(request, { timeoutMs, ...options })]));
