import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { claimPidFile } from "#base/daemon.ts";
import { exec, tryExec, type ExecResult } from "#base/exec.ts";
import { pause } from "#base/waiting.ts";
import { remains } from "#cmd/cleanup.ts";
import { loadInstance, type Instance } from "#cmd/instance.ts";

const seedpod = join(import.meta.dirname, "../../seedpod");

/** A whole Seedpod of its own on this host, made by the command line. */
export class TestInstance {
  readonly dataDir: string;
  readonly #flags: readonly string[];

  constructor(dataDir: string) {
    this.dataDir = dataDir;
    this.#flags = ["--data-dir", dataDir];
  }

  get settings(): Instance {
    const found = loadInstance(this.dataDir);
    if (found === undefined) throw new Error(`no instance in ${this.dataDir}`);
    return found;
  }

  get kubeconfig(): string {
    return this.settings.kubeconfig;
  }

  seedpod(...args: readonly string[]): Promise<ExecResult> {
    return oneAtATime(args[0], () => tryExec(seedpod, [...args, ...this.#flags]));
  }

  /** Throws with the command's words when it fails. Returns standard output. */
  run(...args: readonly string[]): Promise<string> {
    return oneAtATime(args[0], () => exec(seedpod, [...args, ...this.#flags]));
  }

  async kubectl(...args: readonly string[]): Promise<string> {
    return exec("kubectl", args, { env: { ...process.env, KUBECONFIG: this.kubeconfig } });
  }

  /** With a manifest on standard input. */
  async kubectlWith(input: string, ...args: readonly string[]): Promise<string> {
    return exec("kubectl", args, { input, env: { ...process.env, KUBECONFIG: this.kubeconfig } });
  }

  tryKubectl(...args: readonly string[]): Promise<ExecResult> {
    return tryExec("kubectl", args, { env: { ...process.env, KUBECONFIG: this.kubeconfig } });
  }

  async json<T>(...args: readonly string[]): Promise<T> {
    return JSON.parse(await this.kubectl(...args, "-o", "json")) as T;
  }

  /** Stops and forgets it. Throws when something of it is left on this host. */
  async remove(): Promise<void> {
    const { networkName, ...paths } = this.settings;
    await this.run("down", "--purge", "--grace", "1");
    rmSync(this.dataDir, { recursive: true, force: true });
    const left = [...remains({ networkName, ...paths }), ...(await rulesOf(paths.table, networkName))];
    if (left.length > 0) throw new Error(`left after down: ${left.join(", ")}`);
  }
}

/** Two instances that are made at the same moment would choose the same ports and networks: test files take turns. */
async function oneAtATime<T>(command: string | undefined, run: () => Promise<T>): Promise<T> {
  if (command !== "up") return run();
  while (claimPidFile(turn) !== undefined) await pause(100);
  return run().finally(() => rmSync(turn, { force: true }));
}

const turn = join(tmpdir(), "seedpod-e2e-up.pid");
const kubeletConfig = join(import.meta.dirname, "kubelet.yaml");

/** Starts an instance with the images of the examples. */
export async function startInstance(...flags: readonly string[]): Promise<TestInstance> {
  const instance = new TestInstance(mkdtempSync(join(tmpdir(), "seedpod-e2e-")));
  try {
    await instance.run("up", "--kubelet-config", kubeletConfig, ...flags);
    await instance.run("image", "demo");
  } catch (err) {
    const logs = await tryExec("tail", ["-n", "30", join(instance.dataDir, "logs/server.log"), join(instance.dataDir, "logs/agent.log")]);
    await instance.seedpod("down", "--purge");
    throw new Error(`the instance does not start:\n${logs.stdout}`, { cause: err });
  }
  return instance;
}

async function rulesOf(table: string, network: string): Promise<string[]> {
  const tables = (await tryExec("nft", ["list", "tables"])).stdout;
  const rules = (await tryExec("iptables-save", [])).stdout;
  return [...(tables.includes(table) ? [`the nftables table ${table}`] : []), ...(rules.includes(network) ? [`iptables rules of ${network}`] : [])];
}
