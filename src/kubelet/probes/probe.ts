/** One try of a probe. Upstream: pkg/probe, pkg/kubelet/prober/prober.go */
import { connect } from "node:net";
import type { Container, Probe } from "#api/gen/core-v1.ts";
import { messageOf } from "#base/error-message.ts";
import type { Runtime } from "#cri/runtime.ts";
import { RuntimeError } from "#cri/runtime.ts";
import { expand } from "../containers/expansion.ts";
import { grpcCheck } from "./grpc-check.ts";
import { goWords, httpGet, portOf, urlOf } from "./http-get.ts";

export interface ProbeTarget {
  readonly container: Container;
  readonly containerId: string;
  readonly podIp: string;
}
export interface ProbeResult {
  readonly ok: boolean;
  readonly output: string;
  readonly warning?: true;
}

const maxRedirects = 10;

/** Throws when the probe could not be tried. */
export async function tryProbe(runtime: Runtime, probe: Probe, target: ProbeTarget, signal: AbortSignal): Promise<ProbeResult> {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1_000;
  if (probe.exec !== undefined) return execProbe(runtime, probe.exec.command ?? [], target, timeoutMs, signal);
  if (probe.httpGet !== undefined) return httpProbe(probe.httpGet, target, timeoutMs, signal);
  if (probe.tcpSocket !== undefined)
    return tcpProbe(probe.tcpSocket.host || target.podIp, portOf(probe.tcpSocket.port, target.container), timeoutMs, signal);
  if (probe.grpc !== undefined) return grpcCheck(target.podIp, probe.grpc.port, probe.grpc.service ?? "", timeoutMs, signal);
  throw new Error(`missing probe handler for ${target.container.name}`);
}

async function execProbe(
  runtime: Runtime,
  command: readonly string[],
  { container, containerId }: ProbeTarget,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const literals = (name: string): string | undefined => container.env?.find((e) => e.name === name && e.valueFrom === undefined)?.value;
  const cmd = command.map((text) => expand(text, literals));
  try {
    const {
      stdout,
      stderr,
      exitCode = 0,
    } = await runtime.execSync({ containerId, cmd, timeout: String(timeoutMs / 1_000) }, { signal, timeoutMs: timeoutMs + 5_000 });
    return { ok: exitCode === 0, output: Buffer.concat([stdout ?? new Uint8Array(), stderr ?? new Uint8Array()]).toString("utf8") };
  } catch (err) {
    if (err instanceof RuntimeError && err.code === "DeadlineExceeded")
      return { ok: false, output: `command ${JSON.stringify(cmd.join(" "))} timed out` };
    throw err;
  }
}

async function httpProbe(
  action: NonNullable<Probe["httpGet"]>,
  { container, podIp }: ProbeTarget,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ProbeResult> {
  let url = urlOf(action, container, podIp);
  for (let hops = 0; ; hops++) {
    let answer;
    try {
      answer = await httpGet(url, action, { purpose: "probe", timeoutMs, signal });
    } catch (err) {
      return { ok: false, output: messageOf(err) };
    }
    const { status, body, location } = answer;
    if (status < 200 || status >= 400) return { ok: false, output: `HTTP probe failed with statuscode: ${status}` };
    if (status < 300 || location === undefined || !URL.canParse(location, url.href)) return { ok: true, output: body };
    const next = new URL(location, url);
    if (next.hostname !== url.hostname) return { ok: true, warning: true, output: `Probe terminated redirects, Response body: ${body}` };
    if (hops >= maxRedirects) return { ok: false, output: `Get "${url.href}": stopped after 10 redirects` };
    url = next;
  }
}

function tcpProbe(host: string, port: number, timeoutMs: number, signal: AbortSignal): Promise<ProbeResult> {
  const { promise, resolve } = Promise.withResolvers<ProbeResult>();
  const either = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const socket = connect({ host, port, signal: either });
  socket.on("connect", () => {
    resolve({ ok: true, output: "" });
    socket.destroy();
  });
  socket.on("error", (err) => {
    resolve({ ok: false, output: either.aborted ? `dial tcp ${host}:${port}: i/o timeout` : goWords(err, { hostname: host, port }, false) });
    socket.destroy();
  });
  return promise;
}
