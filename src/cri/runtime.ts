/**
 * The container runtime, shaped as CRI v1: one method per unary call, generated request and response types.
 * Implementations: `grpc/` to any CRI runtime, `simulated/` for tests and hollow nodes; both keep `runtime.contract.ts`.
 * A missing sandbox or container is `RuntimeError` with code `NotFound`.
 */
import type { Unary } from "#base/grpc/channel.ts";
import type { ImageServiceCalls, RuntimeServiceCalls } from "./gen/cri-v1.ts";

export type RuntimeService = Unary<RuntimeServiceCalls>;
export type ImageService = Unary<ImageServiceCalls>;

export interface Runtime extends Omit<RuntimeService, "checkpointContainer" | "listMetricDescriptors" | "listPodSandboxMetrics"> {
  readonly images: ImageService;
  /** Something happened to a container or sandbox: where the runtime can say. Ends when `signal` aborts, throws when the connection breaks. May miss events: a relist is the safety net. */
  events(signal: AbortSignal): AsyncIterable<RuntimeEvent>;
  close(): void;
}

/** `id` is a container's or a sandbox's own. */
export interface RuntimeEvent {
  readonly type: "created" | "started" | "exited" | "deleted" | "oom";
  readonly id: string;
}

/** gRPC's status names. */
export type RuntimeErrorCode =
  "NotFound" | "AlreadyExists" | "InvalidArgument" | "DeadlineExceeded" | "Unavailable" | "Unimplemented" | "Cancelled" | "Unknown";

export class RuntimeError extends Error {
  override readonly name = "RuntimeError";
  readonly code: RuntimeErrorCode;
  /** The runtime's own words, without gRPC's code before them. */
  readonly said: string;

  constructor(code: RuntimeErrorCode, message: string, options?: { readonly cause?: unknown; readonly said?: string }) {
    super(message, options);
    this.code = code;
    this.said = options?.said ?? message;
  }
}
