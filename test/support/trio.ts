/** Three servers on one etcd, and what can befall the one that leads. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Lease } from "#api/gen/coordination-v1.ts";
import { deployments, leases } from "#api/resources.ts";
import { systemClock } from "#base/clock.ts";
import { eventually, pause } from "#base/waiting.ts";
import type { Client } from "#client/client.ts";
import { newClient } from "#client/http-client.ts";
import { httpsTransport } from "#client/https-transport.ts";
import { loadKubeconfig } from "#client/kubeconfig.ts";
import type { ClosableTransport } from "#client/transport.ts";
import { freePort, TestEtcd } from "./etcd.ts";
import { ServerProcess } from "./server-process.ts";
import { TcpProxy } from "./tcp-proxy.ts";

export const troubles = ["told to end", "killed", "stopped", "cut off"] as const;
export type Trouble = (typeof troubles)[number];

/** The lease, and who acts under it. */
const parts = { "kube-controller-manager": "system:kube-controller-manager", "kube-scheduler": "system:kube-scheduler" } as const;
type Part = keyof typeof parts;

/** How long the old leader's writes are looked at when it is back. */
const lookMs = 5_000;

interface Written { readonly user: { readonly username?: string }; readonly verb: string; readonly stage: string; readonly objectRef?: { readonly resource: string; readonly name?: string }; readonly responseStatus?: { readonly code: number }; readonly requestReceivedTimestamp: string }

export interface Change {
  /** From the trouble until another has the controllers' lease. */
  readonly seconds: number;
  /** Of controllers and scheduler: by the old one in all, and by the others since. */
  readonly writesBefore: number;
  readonly writesAfter: number;
  /** What the old one wrote after another led: asked for since then, and answered with yes. */
  readonly late: readonly string[];
}

class Seat {
  readonly way: TcpProxy;
  readonly flags: readonly string[];
  readonly audit: string;
  readonly client: Client;
  readonly #transport: ClosableTransport;
  readonly #dataDir: string;
  readonly #port: number;
  server: ServerProcess;

  private constructor(way: TcpProxy, dataDir: string, port: number, flags: readonly string[], server: ServerProcess, transport: ClosableTransport) {
    [this.way, this.#dataDir, this.#port, this.flags, this.server, this.#transport] = [way, dataDir, port, flags, server, transport];
    this.audit = `${dataDir}.audit`;
    this.client = newClient(transport);
  }

  static async take(etcd: TestEtcd, dataDir: string, more: readonly string[]): Promise<Seat> {
    const [way, port] = [await TcpProxy.to(etcd.port), await freePort()];
    const flags = [...more, `--etcd-servers=http://127.0.0.1:${way.port}`, `--audit-log-path=${dataDir}.audit`];
    const server = await ServerProcess.start(dataDir, port, flags);
    return new Seat(way, dataDir, port, flags, server, httpsTransport(await loadKubeconfig(join(dataDir, "kubeconfig"))));
  }

  async suffer(trouble: Trouble): Promise<void> {
    if (trouble === "told to end") await this.server.stop("SIGTERM");
    if (trouble === "killed") await this.server.stop("SIGKILL");
    if (trouble === "stopped") process.kill(this.server.pid, "SIGSTOP");
    if (trouble === "cut off") this.way.cut();
  }

  async recover(trouble: Trouble): Promise<void> {
    if (trouble === "told to end" || trouble === "killed") this.server = await ServerProcess.start(this.#dataDir, this.#port, this.flags);
    if (trouble === "stopped") process.kill(this.server.pid, "SIGCONT");
    if (trouble === "cut off") this.way.mend();
    await eventually(async () => { await this.server.kubectl("get", "--raw", "/readyz"); }, 60_000);
  }

  /** What its controllers and scheduler wrote and were answered yes. */
  writes(): readonly (Written & { readonly part: Part })[] {
    const lines = readFileSync(this.audit, "utf8").split("\n").slice(0, -1).map((line) => JSON.parse(line) as Written);
    return lines.flatMap((line) => {
      const part = (Object.keys(parts) as Part[]).find((one) => parts[one] === line.user.username);
      const counts = part !== undefined && line.stage === "ResponseComplete" && (line.responseStatus?.code ?? 500) < 300 && ["create", "update", "patch", "delete"].includes(line.verb);
      return counts && !["leases", "events"].includes(line.objectRef?.resource ?? "") ? [{ ...line, part }] : [];
    });
  }

  async stop(): Promise<void> {
    this.#transport.close();
    await this.server.stop("SIGKILL");
    this.way.close();
  }
}

export class Trio {
  readonly #etcd: TestEtcd;
  readonly #seats: readonly Seat[];
  readonly #stopping = new AbortController();
  readonly #working: Promise<void>;
  #away: Seat | undefined;

  private constructor(etcd: TestEtcd, seats: readonly Seat[]) {
    this.#etcd = etcd;
    this.#seats = seats;
    this.#working = this.#work();
  }

  static async start(directory: string): Promise<Trio> {
    const etcd = await TestEtcd.start({ flags: ["--grpc-keepalive-min-time", "100ms"] });
    const seats: Seat[] = [];
    try {
      seats.push(await Seat.take(etcd, join(directory, "one"), ["--store=etcd"]));
      for (const name of ["two", "three"]) seats.push(await Seat.take(etcd, join(directory, name), ["--join", join(directory, "one")]));
      return new Trio(etcd, seats);
    } catch (err) {
      await Promise.all(seats.map((seat) => seat.stop()));
      await etcd.remove();
      throw err;
    }
  }

  /** Troubles the leader, waits for the next, lets the old one come back, and looks at what it wrote. */
  async change(trouble: Trouble): Promise<Change> {
    const [watcher, before] = [this.#seats[0] as Seat, new Map<Part, Lease>()];
    for (const part of Object.keys(parts) as Part[]) before.set(part, await this.#led(watcher, part));
    const old = this.#holder(before.get("kube-controller-manager"));
    const schedules = this.#holder(before.get("kube-scheduler")) === old;
    const witness = this.#seats.find((seat) => seat !== old) as Seat;
    await pause(2_000);
    const from = systemClock.now();
    this.#away = old;
    await old.suffer(trouble);
    const next = await this.#led(witness, "kube-controller-manager", before.get("kube-controller-manager"));
    const seconds = (systemClock.now() - from) / 1000;
    await pause(lookMs);
    await old.recover(trouble);
    this.#away = undefined;
    await pause(lookMs);
    const scheduler = schedules ? acquired(await this.#led(witness, "kube-scheduler", before.get("kube-scheduler"))) : Infinity;
    const since = new Map<Part, number>([["kube-controller-manager", acquired(next)], ["kube-scheduler", scheduler]]);
    const late = old.writes().filter(({ part, requestReceivedTimestamp }) => Date.parse(requestReceivedTimestamp) > (since.get(part) ?? Infinity));
    const after = this.#seats.filter((seat) => seat !== old).flatMap((seat) => seat.writes()).filter(({ requestReceivedTimestamp }) => Date.parse(requestReceivedTimestamp) > acquired(next));
    return { seconds, writesBefore: old.writes().length, writesAfter: after.length, late: late.map(({ part, verb, objectRef, requestReceivedTimestamp }) => `${part} ${trouble}: ${verb} ${objectRef?.resource}/${objectRef?.name} at ${requestReceivedTimestamp}`) };
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#working;
    await Promise.all(this.#seats.map((seat) => seat.stop()));
    await this.#etcd.remove();
  }

  #holder(lease: Lease | undefined): Seat {
    const holder = lease?.spec.holderIdentity ?? "nobody";
    const found = this.#seats.find(({ server }) => server.log.split("\n").some((line) => line.includes(holder) && line.includes("became leader")));
    if (found === undefined) throw new Error(`nobody says that it is ${holder}`);
    return found;
  }

  /** The lease when somebody has it who had it not before. */
  async #led(witness: Seat, part: Part, before?: Lease): Promise<Lease> {
    let lease: Lease | undefined;
    await eventually(async () => {
      lease = await witness.client.resource(leases).get(part, "kube-system");
      if (!lease.spec.holderIdentity || lease.spec.holderIdentity === before?.spec.holderIdentity) throw new Error(`nobody new leads ${part}`);
    }, 120_000);
    return lease as Lease;
  }

  /** Deployments that come and go, so that a leader always has something to write. */
  async #work(): Promise<void> {
    const labels = { app: "web" };
    const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "c" }] } };
    for (let i = 0; !this.#stopping.signal.aborted; i++) {
      const seat = this.#seats.filter((one) => one !== this.#away)[i % 2] as Seat;
      const name = `web-${i % 20}`;
      const api = seat.client.resource(deployments);
      await (i % 40 < 20 ? api.create({ metadata: { name, namespace: "default" }, spec: { replicas: 2, selector: { matchLabels: labels }, template }, status: {} }) : api.delete(name, "default")).catch(() => undefined);
      await systemClock.sleep(250, this.#stopping.signal).catch(() => {});
    }
  }
}

const acquired = ({ spec }: Lease): number => Date.parse(spec.acquireTime ?? "");
