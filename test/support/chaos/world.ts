/** A cluster in virtual time whose server may be killed at any moment: its nodes and its users live here, in the driver's process. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConfigMap, Pod } from "#api/gen/core-v1.ts";
import { configMaps } from "#api/resources.ts";
import { isStatus } from "#apimachinery/status.ts";
import { timestamp } from "#apimachinery/time.ts";
import { nextTurn, systemClock } from "#base/clock.ts";
import { runAll } from "#base/component.ts";
import { silent } from "#base/log.ts";
import { issue } from "#base/pki.ts";
import { VirtualClock } from "#base/virtual-clock.ts";
import type { Client } from "#client/client.ts";
import { newClient } from "#client/http-client.ts";
import { httpsTransport } from "#client/https-transport.ts";
import { newInformers } from "#client/informers.ts";
import { TransportError, type ClosableTransport } from "#client/transport.ts";
import { ensureServerPki } from "#cmd/instance-pki.ts";
import { newInstance } from "#cmd/new-instance.ts";
import { freePort } from "../etcd.ts";
import { Machine, simulatedNode, type Life } from "../simulated-node.ts";
import { Acknowledged } from "./acknowledged.ts";
import type { Bug } from "./bugs.ts";
import { Killed, VirtualServer } from "./server.ts";
import { endless, Traffic } from "./traffic.ts";
import { Witness } from "./witness.ts";

const shortestMs = 1_000;
/** Where nothing happens time takes longer steps. */
const idleMs = 5_000;
/** In a step. Leases and watches go on. */
const idleRequests = 5;
const namespace = "shop";
const ledgers = 10;

/** A killed process loses nothing that it has given to the kernel: waiting for a disk would show nothing more. */
const memory = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

export interface WorldOptions {
  readonly now: number;
  readonly bug?: Bug;
  readonly life: (pod: Pod) => Life;
  /** How long the server stays away after each kill, in virtual ms. */
  readonly downMs?: () => number;
  /** Called when the server runs again. */
  readonly revived?: () => void;
}

export class World {
  readonly clock: VirtualClock;
  readonly client: Client;
  readonly witness: Witness;
  readonly machines: Map<string, Machine> = new Map();
  readonly memory: { readonly now: number; readonly heapBytes: number; readonly rssBytes: number }[] = [];
  readonly server: VirtualServer;
  restarts = 0;
  readonly #options: WorldOptions;
  readonly #dataDir: string;
  readonly #transport: ClosableTransport;
  readonly #traffic = new Traffic();
  readonly #acknowledged = new Acknowledged();
  readonly #stopping = new AbortController();
  readonly #agents = new Map<string, { stop(): Promise<void> }>();
  readonly #watching: Promise<void>;
  #asked = 0;
  #serverNextMs = 0;
  #steps = 0;
  #idle = false;

  private constructor(options: WorldOptions, dataDir: string, transport: ClosableTransport) {
    this.#options = options;
    this.#dataDir = dataDir;
    this.#transport = transport;
    this.clock = new VirtualClock(options.now);
    this.client = this.#acknowledged.track(newClient(this.#traffic.transport(transport), this.clock));
    this.server = new VirtualServer(dataDir, options.bug);
    const informers = newInformers(this.client, this.clock, silent);
    this.witness = new Witness(informers, this.machines);
    this.#watching = runAll([informers], this.#stopping.signal);
  }

  static async start(options: WorldOptions): Promise<World> {
    const dataDir = mkdtempSync(join(memory, "seedpod-chaos-"));
    const instance = await newInstance({ name: "chaos", dataDir, bindAddress: "127.0.0.1", port: await freePort() });
    const { ca } = ensureServerPki(instance, ["127.0.0.1"], systemClock.now());
    const admin = issue(ca, { commonName: "admin", organizations: ["system:masters"], usages: ["client"], days: 1 }, systemClock.now());
    const world = new World(options, dataDir, httpsTransport({ server: `https://127.0.0.1:${instance.port}`, ca: readFileSync(join(instance.pkiDir, "ca.crt")), ...admin }));
    await world.server.open(options.now);
    return world;
  }

  /** Does it until it is acknowledged, or found done: the server may die under it. */
  async act(work: (client: Client) => Promise<unknown>): Promise<void> {
    for (;;) {
      try {
        return void await work(this.client);
      } catch (err) {
        if (isStatus(err, "AlreadyExists", "NotFound")) return; // what was not acknowledged was done
        if (!(err instanceof TransportError)) throw err;
        await this.#revive();
      }
    }
  }

  /** Lets this much time go by with the server running. */
  async pass(ms: number): Promise<void> {
    let leftMs = ms;
    while (leftMs > 0) {
      const stepMs = Math.min(leftMs, this.#stepMs());
      if (await this.#step(stepMs)) leftMs -= stepMs;
      else await this.#revive();
    }
  }

  async until(time: number): Promise<void> {
    while (this.clock.now() < time) await this.pass(Math.min(60_000, time - this.clock.now()));
  }

  /** Plugs a machine in, or starts the agent of one that runs. */
  join(name: string, labels: Readonly<Record<string, string>> = {}): void {
    const machine = this.machines.get(name) ?? new Machine(name, (run) => this.witness.started(run));
    this.machines.set(name, machine);
    const stopping = new AbortController();
    const running = simulatedNode({ client: this.client, clock: this.clock, machine, labels, life: this.#options.life, leaseMs: 20_000 }).run(stopping.signal);
    this.#agents.set(name, { stop: async () => { stopping.abort(); await running; } });
    this.witness.lost.delete(name);
  }

  /** Stops a node's agent; its pods run on. */
  async leave(name: string): Promise<void> {
    this.witness.lost.add(name);
    await this.#agents.get(name)?.stop();
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.#agents.values()].map((agent) => agent.stop()));
    await this.#watching;
    this.#transport.close();
    await this.server.close();
    rmSync(this.#dataDir, { recursive: true, force: true });
  }

  #stepMs(): number {
    const nextMs = Math.min(this.clock.nextMs ?? Infinity, this.#serverNextMs, 60_000);
    return Math.max(nextMs, this.#idle ? idleMs : shortestMs);
  }

  /** @returns whether the server lived through it */
  async #step(ms: number): Promise<boolean> {
    this.clock.advance(ms);
    if (++this.#steps % 20 === 0) await this.#write(this.#steps);
    const before = this.#asked;
    try {
      for (let asked = -1; asked !== this.#asked && this.#asked - before < endless;) {
        asked = this.#asked;
        await this.#traffic.calm(3);
        const answer = await this.server.time(this.clock.now());
        this.#serverNextMs = answer.nextMs;
        this.#asked = answer.asked + this.#traffic.total;
        if (asked === -1) asked = this.#asked - 1; // at least twice: what the first round gave to do may travel
        this.#remember(answer);
      }
    } catch (err) {
      if (!(err instanceof Killed)) throw err;
      return false;
    }
    if (this.#asked - before >= endless) throw new Error(`at ${timestamp(this.clock.now())} there is no end of requests: ${[...this.witness.violations].join("; ")}`);
    this.#idle = this.#asked - before < idleRequests;
    this.witness.calm();
    return true;
  }

  #remember({ heapBytes, rssBytes }: { readonly heapBytes: number; readonly rssBytes: number }): void {
    const now = this.clock.now();
    if (now - (this.memory.at(-1)?.now ?? 0) >= 60_000) this.memory.push({ now, heapBytes, rssBytes });
  }

  /** A line in the ledger: ConfigMaps that nobody ever deletes. */
  async #write(line: number): Promise<void> {
    const name = `ledger-${line % ledgers}`;
    const data = { line: String(line) };
    await this.act((client) => client.resource(configMaps).patch(name, namespace, { type: "merge", body: { data } }).catch((err: unknown) => {
      if (!isStatus(err, "NotFound")) throw err;
      return client.resource(configMaps).create({ metadata: { name, namespace }, data } satisfies ConfigMap).catch((cause: unknown) => { if (!isStatus(cause, "NotFound")) throw cause; });
    }));
  }

  async #revive(): Promise<void> {
    if (this.server.runs) return await nextTurn(); // its end is not told yet
    this.clock.advance(this.#options.downMs?.() ?? 0);
    const revision = await this.server.open(this.clock.now()).catch((err: unknown) => { if (!(err instanceof Killed)) throw err; });
    this.restarts++;
    if (revision === undefined) return; // killed while it came up
    this.#serverNextMs = 0;
    await this.act(async (client) => {
      for (const wrong of await this.#acknowledged.missing(client, revision, `${namespace}/ledger-`)) this.witness.violations.add(wrong);
    });
    this.#options.revived?.();
  }
}
