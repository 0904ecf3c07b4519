/** The gRPC health check, plain text. Upstream: pkg/probe/grpc */
import { Client, credentials, Metadata, status, type ServiceError } from "@grpc/grpc-js";
import { goDuration } from "#apimachinery/go-duration.ts";
import type { ProbeResult } from "./probe.ts";

const path = "/grpc.health.v1.Health/Check";
const states = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];

/** Never rejects: what goes wrong is the probe's failure. */
export function grpcCheck(host: string, port: number, service: string, timeoutMs: number, signal: AbortSignal): Promise<ProbeResult> {
  const { promise, resolve } = Promise.withResolvers<ProbeResult>();
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const client = new Client(address, credentials.createInsecure(), {
    "grpc.enable_http_proxy": 0,
    "grpc.primary_user_agent": "kube-probe/1.36",
    "grpc.enable_retries": 0,
  });
  const deadline = performance.timeOrigin + performance.now() + timeoutMs;
  client.waitForReady(deadline, (notReady) => {
    if (notReady !== undefined && notReady !== null) {
      resolve({
        ok: false,
        output: `timeout: failed to connect service ${JSON.stringify(address)} within ${goDuration(timeoutMs)}: context deadline exceeded`,
      });
      return;
    }
    const call = client.makeUnaryRequest(path, encode, decode, service, new Metadata(), { deadline }, (err, state) =>
      resolve(verdict(err, state, timeoutMs)),
    );
    signal.addEventListener("abort", () => call.cancel(), { once: true });
  });
  return promise.finally(() => client.close());
}

function verdict(err: ServiceError | null, state: number | undefined, timeoutMs: number): ProbeResult {
  if (err?.code === status.UNIMPLEMENTED)
    return { ok: false, output: `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${err.details}` };
  if (err?.code === status.DEADLINE_EXCEEDED) return { ok: false, output: `timeout: health rpc did not complete within ${goDuration(timeoutMs)}` };
  if (err !== null) return { ok: false, output: `error: health rpc probe failed: ${err.details}` };
  return state === 1
    ? { ok: true, output: "service healthy" }
    : { ok: false, output: `service unhealthy (responded with "${states[state ?? 0] ?? state}")` };
}

/** HealthCheckRequest: the service's name as field 1. */
function encode(service: string): Buffer {
  const name = Buffer.from(service);
  const length: number[] = [];
  for (let rest = name.length; ; rest >>>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  return name.length === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([10, ...length]), name]);
}

/** HealthCheckResponse: the state as field 1, absent when unknown. */
const decode = (bytes: Buffer): number => (bytes[0] === 8 ? (bytes[1] ?? 0) : 0);
