import type { Clock } from "#base/clock.ts";
import { Channel, load, type CallOptions } from "#base/grpc/channel.ts";
import criDescriptor from "../gen/cri-v1.descriptor.json" with { type: "json" };
import type { ImageService, Runtime, RuntimeService } from "../runtime.ts";
import { runtimeError } from "./errors.ts";
import { runtimeEvents } from "./events.ts";

/** Calls that nobody gave a limit end after this. Upstream: KubeletConfiguration runtimeRequestTimeout (2 min) */
const defaultTimeoutMs = 120_000;
/** Pulling and stopping take as long as they take: their callers bound them. */
const unlimited = new Set(["pullImage", "stopContainer", "execSync", "runPodSandbox"]);

/**
 * A CRI runtime behind a socket. Connects on the first call and again whenever the connection is lost;
 * a call made meanwhile is rejected with `RuntimeError` `Unavailable`.
 * @param endpoint `unix:///run/containerd/containerd.sock`, or the bare path
 */
export function newGrpcRuntime(endpoint: string, clock?: Clock): Runtime {
  const channel = new Channel(endpoint, { toError: runtimeError, ...(clock !== undefined && { clock }) });
  const definition = load(criDescriptor);
  const runtime = bounded(channel.unary(definition, "runtime.v1.RuntimeService")) as unknown as RuntimeService;
  const images = bounded(channel.unary(definition, "runtime.v1.ImageService")) as unknown as ImageService;
  return { ...runtime, images, events: (signal) => runtimeEvents(channel, definition, signal), close: () => channel.close() };
}

type Calls = ReturnType<Channel["unary"]>;

const bounded = (calls: Calls): Calls =>
  Object.fromEntries(
    Object.entries(calls).map(([name, call]) => [
      name,
      unlimited.has(name) ? call : (request: object, options?: CallOptions) => call(request, { timeoutMs: defaultTimeoutMs, ...options }),
    ]),
  );
