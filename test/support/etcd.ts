import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pause } from "#base/waiting.ts";

export interface EtcdOptions {
  readonly flags?: readonly string[];
  /** Files. Clients must show a certificate of this CA then. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string };
}

/** Whether the distribution's etcd is installed: tests of it are skipped where it is not. */
export const hasEtcd: boolean = (process.env["PATH"] ?? "").split(delimiter).some((dir) => {
  try {
    accessSync(join(dir, "etcd"), constants.X_OK);
    return true;
  } catch {
    return false;
  }
});

interface Member { readonly name: string; readonly port: number; readonly peerPort: number }

const peerUrl = ({ peerPort }: Member): string => `http://127.0.0.1:${peerPort}`;
const newMember = async (index: number): Promise<Member> => ({ name: `member-${index}`, port: await freePort(), peerPort: await freePort() });

/** A real etcd, alone or a member of a cluster, on ports of its own of 127.0.0.1 and a directory of its own. */
export class TestEtcd {
  readonly url: string;
  readonly port: number;
  readonly #directory = mkdtempSync(join(tmpdir(), "seedpod-etcd-"));
  readonly #args: readonly string[];
  #process: ChildProcess | undefined;
  /** It does not outlive who started it and then failed. */
  readonly #onExit = (): void => void this.#process?.kill("SIGKILL");

  private constructor(member: Member, cluster: readonly Member[], { flags = [], tls }: EtcdOptions) {
    this.port = member.port;
    const scheme = tls === undefined ? "http" : "https";
    this.url = `${scheme}://127.0.0.1:${member.port}`;
    this.#args = [
      "--data-dir", this.#directory, "--name", member.name, "--log-level", "error",
      "--listen-client-urls", this.url, "--advertise-client-urls", this.url,
      "--listen-peer-urls", peerUrl(member), "--initial-advertise-peer-urls", peerUrl(member),
      "--initial-cluster", cluster.map((other) => `${other.name}=${peerUrl(other)}`).join(","), "--initial-cluster-token", String(cluster[0]?.peerPort),
      ...(tls === undefined ? [] : ["--client-cert-auth", "--trusted-ca-file", tls.ca, "--cert-file", tls.cert, "--key-file", tls.key]),
      ...flags,
    ];
  }

  static async start(options: EtcdOptions = {}): Promise<TestEtcd> {
    const [etcd] = await TestEtcd.startCluster(1, options);
    return etcd as TestEtcd;
  }

  static async startCluster(size: number, options: EtcdOptions = {}): Promise<readonly TestEtcd[]> {
    const members = await Promise.all(Array.from({ length: size }, (_, i) => newMember(i)));
    const cluster = members.map((member) => new TestEtcd(member, members, options));
    await Promise.all(cluster.map((etcd) => etcd.start()));
    return cluster;
  }

  /** Starts it again, on what it left. */
  async start(): Promise<void> {
    const child = spawn("etcd", this.#args, { stdio: ["ignore", "ignore", "pipe"], env: { PATH: process.env["PATH"], ETCD_UNSUPPORTED_ARCH: process.arch } });
    this.#process = child;
    process.once("exit", this.#onExit);
    let said = "";
    child.stderr.on("data", (text: Buffer) => { said = (said + text.toString()).slice(-4_000); });
    while (!(await listens(this.port))) {
      if (child.exitCode !== null) throw new Error(`etcd ended with ${child.exitCode}: ${said}`);
      await pause(20);
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** Ends it and keeps what it has stored. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    process.off("exit", this.#onExit);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    child.kill("SIGCONT");
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop("SIGKILL");
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function listens(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, "127.0.0.1", () => { socket.destroy(); resolve(true); });
  socket.on("error", () => resolve(false));
  return promise;
}

