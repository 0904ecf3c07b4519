import { readFileSync } from "node:fs";
import { readPidFile, type ProcessId } from "#base/daemon.ts";
import type { Node } from "#api/gen/core-v1.ts";
import { nodes } from "#api/resources.ts";
import { newClient } from "#client/http-client.ts";
import { httpsTransport } from "#client/https-transport.ts";
import { loadKubeconfig } from "#client/kubeconfig.ts";
import { findProgram } from "#containerd/programs.ts";
import { programVersion, type ProgramVersion } from "#containerd/versions.ts";
import type { Instance } from "./instance.ts";
import { storeText } from "./etcd-settings.ts";
import { coloured, print, table } from "./output.ts";
import { gaveUp, runningProcess } from "./processes.ts";

interface ProcessStatus { readonly name: string; readonly pid: number | null; readonly residentMiB: number | null; readonly gaveUp?: string }
interface Status {
  readonly name: string; readonly dataDir: string; readonly kubeconfig: string; readonly server: string; readonly store: string; readonly running: boolean;
  readonly processes: readonly ProcessStatus[];
  readonly nodes: readonly { readonly name: string; readonly ready: boolean; readonly address: string; readonly message: string }[];
  readonly programs: readonly ProgramVersion[];
}

const answerMs = 3_000;
const notRunning = 3;

/** Prints how an instance is; the exit code is 3 when it does not run. */
export async function status(instance: Instance, json: boolean): Promise<void> {
  const found = await statusOf(instance);
  print(json ? JSON.stringify(found, undefined, 2) : human(found));
  if (!found.running) process.exitCode = notRunning;
}

async function statusOf(instance: Instance): Promise<Status> {
  const processes = [
    processStatus("server", runningProcess(instance, "server")),
    { ...processStatus("agent", runningProcess(instance, "agent")), ...reason(runningProcess(instance, "agent") === undefined ? gaveUp(instance, "agent") : undefined) },
    processStatus("containerd", readPidFile(instance.containerdPid)),
  ];
  const [found, ...programs] = await Promise.all([
    nodesOf(instance).catch(() => []),
    ...(["containerd", "runc"] as const).map((name) => programVersion(name, findProgram(name) ?? name)),
  ]);
  return {
    name: instance.name, dataDir: instance.dataDir, kubeconfig: instance.kubeconfig, server: `https://127.0.0.1:${instance.port}`, store: storeText(instance),
    running: processes.every(({ pid }) => pid !== null), processes,
    nodes: found.map(nodeStatus), programs: programs.filter((program) => program !== undefined),
  };
}

async function nodesOf(instance: Instance): Promise<readonly Node[]> {
  const transport = httpsTransport(await loadKubeconfig(instance.kubeconfig));
  try {
    return (await newClient(transport).resource(nodes).list({}, AbortSignal.timeout(answerMs))).items;
  } finally {
    transport.close();
  }
}

function nodeStatus({ metadata, status: state }: Node): Status["nodes"][number] {
  const ready = state?.conditions?.find(({ type }) => type === "Ready");
  return { name: metadata.name ?? "", ready: ready?.status === "True", address: state?.addresses?.find(({ type }) => type === "InternalIP")?.address ?? "", message: ready?.message ?? "" };
}

const reason = (why: string | undefined): Pick<ProcessStatus, "gaveUp"> => (why === undefined ? {} : { gaveUp: why });

const processStatus = (name: string, id: ProcessId | undefined): ProcessStatus => ({ name, pid: id?.pid ?? null, residentMiB: id === undefined ? null : residentMiB(id.pid) });

function residentMiB(pid: number): number | null {
  try {
    return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024);
  } catch {
    return null;
  }
}

function human(found: Status): string {
  const mark = (good: boolean, text: string): string => coloured(good ? "green" : "red", text);
  return [
    `instance "${found.name}" ${mark(found.running, found.running ? "runs" : "does not run")}`,
    table([
      ["  data", found.dataDir], ["  kubeconfig", found.kubeconfig], ["  API server", found.server], ["  store", found.store],
      ...found.processes.map(({ name, pid, residentMiB: size, gaveUp: why }) => [`  ${name}`, pid === null ? mark(false, why === undefined ? "not running" : `not running: ${why}`) : `process ${pid}, ${size ?? "?"} MiB`]),
      ...found.nodes.map(({ name, ready, address, message }) => [`  node ${name}`, `${mark(ready, ready ? "Ready" : "not ready")} at ${address}${ready ? "" : `: ${message}`}`]),
      ...found.programs.map(({ program, version }) => [`  ${program} version`, version]),
    ]),
    ...found.programs.flatMap(({ warnings }) => warnings.map((warning) => coloured("yellow", `  warning: ${warning}`))),
  ].join("\n");
}
