import { Client, connectivityState, credentials, Metadata, type CallOptions as GrpcCallOptions, type MethodDefinition } from "@grpc/grpc-js";
import { fromJSON, type PackageDefinition } from "@grpc/proto-loader";
import { systemClock, type Clock } from "../clock.ts";
import { grpcError } from "./errors.ts";

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** The unary calls of a service as functions, from its generated types. */
export type Unary<Calls> = {
  [K in keyof Calls as Calls[K] extends { stream: false } ? K : never]: Calls[K] extends { request: infer Request; response: infer Response }
    ? (request: Request, options?: CallOptions) => Promise<Response>
    : never;
};

export interface ChannelOptions {
  readonly clock?: Clock;
  /** What the caller's seam calls a failure. Default `GrpcError`. */
  readonly toError?: (err: unknown) => Error;
  /** Sent with every unary call. */
  readonly headers?: Readonly<Record<string, string>>;
}

type Method = MethodDefinition<object, object>;
type Descriptor = Parameters<typeof fromJSON>[0];

/** 64-bit numbers and enums as strings, as the generated types say; unset fields stay absent. */
const shape = { longs: String, enums: String, defaults: false, arrays: false, objects: false, oneofs: false } as const;

/** Answers of a big node (thousands of containers) pass gRPC's default of 4 MiB. */
const maxMessageBytes = 16 * 1024 * 1024;

/** One connection to one gRPC server; it reconnects by itself. */
export class Channel {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #toError: (err: unknown) => Error;
  readonly #metadata = new Metadata();

  /** @param endpoint `unix:///run/x.sock` or a bare path */
  constructor(endpoint: string, { clock = systemClock, toError = grpcError, headers = {} }: ChannelOptions = {}) {
    this.#clock = clock;
    this.#toError = toError;
    for (const [name, value] of Object.entries(headers)) this.#metadata.set(name, value);
    this.#client = new Client(endpoint.startsWith("/") ? `unix://${endpoint}` : endpoint, credentials.createInsecure(), {
      "grpc.max_receive_message_length": maxMessageBytes,
      "grpc.max_send_message_length": maxMessageBytes,
      "grpc.keepalive_time_ms": 60_000,
      "grpc.keepalive_timeout_ms": 10_000,
      "grpc.keepalive_permit_without_calls": 0,
      "grpc.initial_reconnect_backoff_ms": 100,
      "grpc.max_reconnect_backoff_ms": 1_000,
      "grpc.service_config_disable_resolution": 1,
    });
  }

  /** Every unary method of a service as a promise-returning function, named in camel case. Rejects with what `toError` makes. */
  unary(definition: PackageDefinition, service: string): Record<string, (request: object, options?: CallOptions) => Promise<object>> {
    const calls: Record<string, (request: object, options?: CallOptions) => Promise<object>> = {};
    for (const [name, method] of Object.entries(methodsOf(definition, service))) {
      if (!method.responseStream) calls[name.charAt(0).toLowerCase() + name.slice(1)] = (request, options) => this.#call(method, request, options);
    }
    return calls;
  }

  /** The answers of a server stream. Ends when `signal` aborts; throws what `toError` makes when the stream breaks. */
  async *stream(definition: PackageDefinition, service: string, name: string, request: object, signal: AbortSignal): AsyncGenerator<object, void> {
    const method = methodsOf(definition, service)[name];
    if (method === undefined) throw new Error(`${service} has no method ${name}`);
    if (signal.aborted) return;
    const call = this.#client.makeServerStreamRequest(method.path, method.requestSerialize, method.responseDeserialize, request);
    const stop = (): void => call.cancel();
    signal.addEventListener("abort", stop, { once: true });
    try {
      for await (const answer of call) yield answer as object;
    } catch (err) {
      if (!signal.aborted) throw this.#toError(err);
    } finally {
      signal.removeEventListener("abort", stop);
      call.cancel();
    }
  }

  /** Whether it is connected, now and at each change; it tries to be, all the time. Ends when `signal` aborts. */
  async *connected(signal: AbortSignal): AsyncGenerator<boolean, void> {
    const channel = this.#client.getChannel();
    while (!signal.aborted) {
      const state = channel.getConnectivityState(true);
      yield state === connectivityState.READY;
      await new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => resolve(), { once: true });
        channel.watchConnectivityState(state, Infinity, () => resolve());
      });
    }
  }

  close(): void {
    this.#client.close();
  }

  #call(method: Method, request: object, options: CallOptions = {}): Promise<object> {
    const { promise, resolve, reject } = Promise.withResolvers<object>();
    options.signal?.throwIfAborted();
    const deadline: GrpcCallOptions = options.timeoutMs === undefined ? {} : { deadline: this.#clock.now() + options.timeoutMs };
    const call = this.#client.makeUnaryRequest(method.path, method.requestSerialize, method.responseDeserialize, request, this.#metadata, deadline, (err, answer) => {
      options.signal?.removeEventListener("abort", stop);
      if (err !== null) reject(this.#toError(err));
      else resolve(answer ?? {});
    });
    const stop = (): void => call.cancel();
    options.signal?.addEventListener("abort", stop, { once: true });
    return promise;
  }
}

/** @param descriptor protobuf facts as protobufjs writes them (`gen/*.descriptor.json`) */
export const load = (descriptor: object): PackageDefinition => fromJSON(descriptor as Descriptor, shape);

const methodsOf = (definition: PackageDefinition, service: string): Record<string, Method> =>
  definition[service] as unknown as Record<string, Method>;
