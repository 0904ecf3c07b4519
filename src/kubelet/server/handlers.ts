import { availableParallelism, totalmem } from "node:os";
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { findContainer } from "../containers/containers.ts";
import { containerLogs } from "./container-logs.ts";
import { exposition, textContentType, type Family } from "./exposition.ts";
import { cadvisorMetrics } from "./cadvisor-metrics.ts";
import { HttpError } from "./http-error.ts";
import { nodeLog } from "./node-logs.ts";
import { findPod } from "./pod-lookup.ts";
import { resourceMetrics } from "./resource-metrics.ts";
import { volumeMetrics } from "./volume-metrics.ts";
import type { Route } from "./routes.ts";
import type { KubeletServerOptions } from "./server.ts";
import type { CommandOptions } from "./streaming/command-options.ts";
import { upgradeCommand, upgradePortForward, type Upgrade } from "./streaming/upgrade-handler.ts";

export interface Handlers {
  /** Throws `HttpError` before it has written anything; later failures break the connection off. */
  answer(route: Route, query: URLSearchParams, response: ServerResponse): Promise<void>;
  /** Resolves when the stream is over. */
  upgrade(route: Route, upgrade: Upgrade): Promise<void>;
}

type OnContainer = Extract<Route, { readonly container: string }>;

/** What each route does, once the caller is known and allowed. */
export function newHandlers({ host, clock }: Pick<KubeletServerOptions, "host" | "clock">): Handlers {
  const { stats, metrics } = host;
  const machine = { cores: availableParallelism(), memoryBytes: totalmem() };

  async function claimsMetrics(): Promise<readonly Family[]> {
    const claiming = host.pods().filter(({ spec }) => spec.volumes?.some(({ persistentVolumeClaim, ephemeral }) => (persistentVolumeClaim ?? ephemeral) !== undefined) === true);
    return claiming.length === 0 ? [] : volumeMetrics(await stats.disk(claiming));
  }

  /** @param missing what is said when it does not run */
  async function containerId(route: OnContainer, missing: string): Promise<string> {
    findPod(host, route);
    const found = await host.findContainer(route.namespace, route.pod, route.container);
    if (found === undefined || !found.running) throw new HttpError(500, missing);
    return found.id;
  }

  async function execUrl(route: OnContainer, options: CommandOptions): Promise<string> {
    const { command, stdin, stdout, stderr, tty } = options;
    const { url } = await host.runtime.exec({ containerId: await containerId(route, `container not found ("${route.container}")`), cmd: [...command], stdin, stdout, stderr, tty });
    return url ?? "";
  }

  async function attachUrl(route: OnContainer, { stdin, stdout, stderr }: CommandOptions): Promise<string> {
    const tty = findContainer(findPod(host, route), route.container)?.container.tty === true; // the terminal is the process's own: it cannot be chosen now
    const id = await containerId(route, `container ${route.container} not found in pod ${route.pod}_${route.namespace}`);
    const { url } = await host.runtime.attach({ containerId: id, stdin, stdout, stderr: stderr && !tty, tty });
    return url ?? "";
  }

  async function portForwardUrl(route: Route & { readonly kind: "portForward" }, ports: readonly number[]): Promise<string> {
    findPod(host, route);
    const podSandboxId = await host.findSandbox(route.namespace, route.pod);
    if (podSandboxId === undefined) throw new HttpError(500, `pod not found ("${route.pod}_${route.namespace}")`);
    const { url } = await host.runtime.portForward({ podSandboxId, port: [...ports] });
    return url ?? "";
  }

  return {
    async answer(route, query, response) {
      switch (route.kind) {
        case "healthz": return send(response, "text/plain; charset=utf-8", "ok");
        case "pods": return send(response, "application/json", JSON.stringify({ kind: "PodList", apiVersion: "v1", metadata: {}, items: host.pods() }));
        case "configz": return send(response, "application/json", JSON.stringify({ kubeletconfig: host.config }));
        case "stats": return send(response, "application/json", JSON.stringify(await stats.summary(query.get("only_cpu_and_memory") === "true")));
        case "metrics": return send(response, metrics.registry.contentType, `${await metrics.text()}${exposition(await claimsMetrics())}`);
        case "probeMetrics": return send(response, metrics.probes.contentType, await metrics.probes.metrics());
        case "resourceMetrics": return sendFamilies(response, resourceMetrics(await stats.look()));
        case "cadvisorMetrics": return sendFamilies(response, cadvisorMetrics(await stats.look(), machine));
        case "checkpoint": throw new HttpError(501, "checkpointing containers is not supported by this kubelet\n");
        case "logs": return await sendLogs(route, query, response);
        case "nodeLogs": return await sendNodeLog(host.nodeLogsDir, route.path, response);
        case "exec": case "attach": case "portForward": throw new HttpError(400, "Upgrade request required");
      }
    },
    async upgrade(route, upgrade) {
      if (route.kind === "exec") return await upgradeCommand(upgrade, (options) => execUrl(route, options));
      if (route.kind === "attach") return await upgradeCommand(withTty(upgrade, route), (options) => attachUrl(route, options));
      if (route.kind === "portForward") return await upgradePortForward(upgrade, (ports) => portForwardUrl(route, ports));
      throw new HttpError(400, "this path cannot be upgraded");
    },
  };

  /** The streams that the runtime waits for follow the container's terminal, not the client's wish. */
  function withTty(upgrade: Upgrade, route: OnContainer): Upgrade {
    const query = new URLSearchParams(upgrade.query);
    query.set("tty", String(findContainer(findPod(host, route), route.container)?.container.tty === true));
    return { ...upgrade, query };
  }

  async function sendLogs(route: OnContainer, query: URLSearchParams, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const pieces = await containerLogs(host, clock, route, query, gone.signal);
    response.writeHead(200, { "content-type": "text/plain; charset=utf-8" }).flushHeaders();
    await pipeline(Readable.from(pieces, { objectMode: false, highWaterMark: 64 * 1024 }), response);
  }
}

async function sendNodeLog(root: string | undefined, path: string, response: ServerResponse): Promise<void> {
  if (root === undefined) throw new HttpError(405, "logs endpoint is disabled.\n");
  const log = await nodeLog(root, path);
  response.setHeader("x-content-type-options", "nosniff");
  if (log.kind === "redirect") return void response.writeHead(301, { location: log.location }).end();
  if (log.kind === "page") return send(response, "text/html; charset=utf-8", log.html);
  const { file, bytes, contentType, modified } = log;
  response.writeHead(200, { "content-type": contentType, "content-length": bytes, "last-modified": modified.toUTCString() });
  await pipeline(bytes === 0 ? Readable.from([]) : file.createReadStream({ start: 0, end: bytes - 1 }), response).finally(() => file.close());
}

const sendFamilies = (response: ServerResponse, families: readonly Family[]): void => send(response, textContentType, exposition(families));

function send(response: ServerResponse, contentType: string, body: string): void {
  response.writeHead(200, { "content-type": contentType }).end(body);
}
