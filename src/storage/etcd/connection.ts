import { getDefaultHighWaterMark, setDefaultHighWaterMark } from "node:stream";
import { Client, credentials, type ClientDuplexStream, type MethodDefinition } from "@grpc/grpc-js";
import { fromJSON } from "@grpc/proto-loader";
import type { Clock } from "#base/clock.ts";
import { Unavailable, WriteFailed } from "../store.ts";
import { mayPass, readFault, writeFault } from "./faults.ts";
import descriptor from "./gen/etcd-v3.descriptor.json" with { type: "json" };
import type { KVCalls, MaintenanceCalls, WatchRequest, WatchResponse } from "./gen/etcd-v3.ts";

export interface Tls { /** PEM, each. */ readonly ca?: string; readonly cert?: string; readonly key?: string }
export interface Timeouts {
  /** Of a call with all its attempts. */
  readonly callMs: number;
  /** Of one attempt of a read, before the next server is asked. */
  readonly attemptMs: number;
  /** Until a silent connection is asked for a sign of life, and until it is given up without one. */
  readonly keepAliveMs: number;
  readonly keepAliveTimeoutMs: number;
}
export const defaultTimeouts: Timeouts = { callMs: 10_000, attemptMs: 3_000, keepAliveMs: 10_000, keepAliveTimeoutMs: 5_000 };

interface Calls extends KVCalls { readonly status: MaintenanceCalls["status"] }
export type WatchStream = ClientDuplexStream<WatchRequest, WatchResponse>;
type Method = MethodDefinition<object, object>;
type Descriptor = Parameters<typeof fromJSON>[0];

/** Unset fields stay absent; no 64-bit number that matters here passes 2^53. */
const definition = fromJSON(descriptor as unknown as Descriptor, { longs: Number, enums: String, defaults: false, arrays: false, objects: false, oneofs: false });
const methodsOf = (service: string): Record<string, Method> => definition[`etcdserverpb.${service}`] as unknown as Record<string, Method>;
const { Range: range, Put: put, DeleteRange: deleteRange, Txn: txn, Compact: compact } = methodsOf("KV") as Record<"Range" | "Put" | "DeleteRange" | "Txn" | "Compact", Method>;
const { Status: status } = methodsOf("Maintenance") as Record<"Status", Method>;
const { Watch: watchMethod } = methodsOf("Watch") as Record<"Watch", Method>;
const methods: Readonly<Record<keyof Calls, Method>> = { range, put, deleteRange, txn, compact, status };

/** A pause before a read is tried again. */
const pauseMs = 100;
/** How long a write waits for one server's connection before it looks for another server. */
const connectMs = 1_000;

/** Connections to the servers of one etcd cluster. One of them is asked, until it fails; then the next. */
export class Connection {
  readonly #clients: readonly Client[];
  readonly #clock: Clock;
  readonly #timeouts: Timeouts;
  readonly #closed = new AbortController();
  #current = 0;

  /** @param servers `http://host:port` or `https://host:port` */
  constructor(servers: readonly string[], tls: Tls, clock: Clock, timeouts: Timeouts) {
    this.#clock = clock;
    this.#timeouts = timeouts;
    this.#clients = servers.map((server) => newClient(new URL(server), tls, timeouts));
  }

  /** A call that can be repeated: it is, on the next server, until one answers or time is up. Throws etcd's refusals as they are, and `Unavailable`. */
  async read<N extends keyof Calls>(name: N, request: Calls[N]["request"]): Promise<Calls[N]["response"]> {
    const until = this.#clock.now() + this.#timeouts.callMs;
    for (;;) {
      const at = this.#current;
      try {
        return await this.#call(at, name, request, Math.min(until, this.#clock.now() + this.#timeouts.attemptMs));
      } catch (err) {
        if (!mayPass(err)) throw err;
        this.#leave(at);
        if (this.#closed.signal.aborted || this.#clock.now() + pauseMs >= until) throw readFault(err);
      }
      await this.#clock.sleep(pauseMs, this.#closed.signal).catch(() => {});
    }
  }

  /** A call that is sent at most once, over a connection that stands. Throws `WriteFailed`, which says whether the outcome is known. */
  async write<N extends keyof Calls>(name: N, request: Calls[N]["request"]): Promise<Calls[N]["response"]> {
    const until = this.#clock.now() + this.#timeouts.callMs;
    const at = await this.#connected(until);
    try {
      return await this.#call(at, name, request, until);
    } catch (err) {
      if (mayPass(err)) this.#leave(at);
      throw writeFault(err);
    }
  }

  openWatch(): WatchStream {
    if (this.#closed.signal.aborted) throw new Unavailable("the store is closed");
    const { path, requestSerialize, responseDeserialize } = watchMethod;
    return readingOneAhead(() => this.#client(this.#current).makeBidiStreamRequest(path, requestSerialize, responseDeserialize)) as WatchStream;
  }

  /** What each server says its version is; undefined for one that does not answer. */
  versions(): Promise<(string | undefined)[]> {
    const until = this.#clock.now() + this.#timeouts.attemptMs;
    return Promise.all(this.#clients.map((_, at) => this.#call(at, "status", {}, until).then(({ version }) => version, () => undefined)));
  }

  close(): void {
    this.#closed.abort();
    for (const client of this.#clients) client.close();
  }

  #call<N extends keyof Calls>(at: number, name: N, request: Calls[N]["request"], deadline: number): Promise<Calls[N]["response"]> {
    const { promise, resolve, reject } = Promise.withResolvers<Calls[N]["response"]>();
    const { path, requestSerialize, responseDeserialize } = methods[name];
    this.#client(at).makeUnaryRequest(path, requestSerialize, responseDeserialize, request, { deadline }, (err, answer) => {
      if (err !== null) reject(err);
      else resolve((answer ?? {}) as Calls[N]["response"]);
    });
    return promise;
  }

  /** Which server has a connection. Nothing is sent before, so that a failure is known to be one. */
  async #connected(until: number): Promise<number> {
    for (;;) {
      const at = this.#current;
      const connected = Promise.withResolvers<boolean>();
      if (this.#closed.signal.aborted) throw new WriteFailed("the store is closed");
      this.#client(at).waitForReady(Math.min(until, this.#clock.now() + connectMs), (err) => connected.resolve(err === undefined || err === null));
      if (await connected.promise) return at;
      this.#leave(at);
      if (this.#clock.now() >= until) throw new WriteFailed("no etcd server can be reached; nothing was written");
    }
  }

  #client(at: number): Client {
    return this.#clients[at] as Client;
  }

  #leave(at: number): void {
    if (this.#current === at) this.#current = (at + 1) % this.#clients.length;
  }
}

/** A stream that is made there holds one message that nobody has taken, not sixteen: one of etcd's has up to 2 MB. */
function readingOneAhead<T>(make: () => T): T {
  const usual = getDefaultHighWaterMark(true);
  setDefaultHighWaterMark(true, 1);
  try {
    return make();
  } finally {
    setDefaultHighWaterMark(true, usual);
  }
}

function newClient({ protocol, host }: URL, { ca, cert, key }: Tls, { keepAliveMs, keepAliveTimeoutMs }: Timeouts): Client {
  const pem = (text: string | undefined): Buffer | null => (text === undefined ? null : Buffer.from(text));
  const identity = protocol === "https:" ? credentials.createSsl(pem(ca), pem(key), pem(cert)) : credentials.createInsecure();
  return new Client(host, identity, {
    "grpc.max_receive_message_length": -1, // lists are asked for in pages; a watch's answers come in fragments
    "grpc.max_send_message_length": -1, // etcd says what is too large
    "grpc.keepalive_time_ms": keepAliveMs,
    "grpc.keepalive_timeout_ms": keepAliveTimeoutMs,
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 1_000,
    "grpc.service_config_disable_resolution": 1,
  });
}
