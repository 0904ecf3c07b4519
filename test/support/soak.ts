/** The same work again and again on a server, and what is left of it. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { PodTemplateSpec } from "#api/gen/core-v1.ts";
import { configMaps, cronJobs, deployments, jobs, namespaces, nodes, secrets, serviceAccounts, services, statefulSets, type ResourceRef } from "#api/resources.ts";
import { isTrue } from "#api/conditions.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { systemClock } from "#base/clock.ts";
import { runAll } from "#base/component.ts";
import type { Client } from "#client/client.ts";
import { found, until } from "./churn.ts";
import type { ServerProcess } from "./server-process.ts";
import { Machine, simulatedNode } from "./simulated-node.ts";

const never = new AbortController().signal;
const machines = ["n1", "n2", "n3"];

const template = (app: string, image: string, spec: object = {}): PodTemplateSpec => ({ metadata: { labels: { app } }, spec: { containers: [{ name: "c", image }], ...spec } } as PodTemplateSpec);
const serves = (name: string, image: string, replicas: number): object => ({ spec: { replicas, serviceName: name, selector: { matchLabels: { app: name } }, template: template(name, image) } });
const names = (kind: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${kind}-${i}`);

/** Simulated nodes, and namespaces full of work that come and go on them. */
export class Soak {
  readonly #client: Client;
  readonly #size: number;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;

  private constructor(client: Client, size: number) {
    this.#client = client;
    this.#size = size;
    const life = ({ metadata: { labels } }: { readonly metadata: { readonly labels?: Readonly<Record<string, string>> } }) => ({ readyMs: 0, stopMs: 0, ...(labels?.["app"] === "work" && { runMs: 100 }) });
    this.#running = runAll(machines.map((name) => simulatedNode({ client, clock: systemClock, machine: new Machine(name), life })), this.#stopping.signal);
  }

  /** @param size Deployments in a round, and other things by it */
  static async start(client: Client, size: number): Promise<Soak> {
    const soak = new Soak(client, size);
    await until("the nodes", async () => (await client.resource(nodes).list()).items.filter(({ status }) => isTrue(status.conditions, "Ready")).length === machines.length);
    return soak;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** A namespace with everything, rolled out once more, and deleted. Resolves when nothing is left of it. */
  async round(i: number): Promise<void> {
    const [client, namespace, size] = [this.#client, `soak-${i}`, this.#size];
    await client.resource(namespaces).create({ metadata: { name: namespace }, spec: {}, status: {} });
    await until("the account", async () => (await found(client.resource(serviceAccounts).get("default", namespace))) !== undefined);
    const create = <T extends KubeObject>(ref: ResourceRef<T>, of: readonly string[], rest: (name: string) => object): Promise<unknown> =>
      Promise.all(of.map((name) => client.resource(ref).create({ metadata: { name, namespace }, status: {}, ...rest(name) } as unknown as T)));
    await create(configMaps, names("map", size), () => ({ data: { key: "value".repeat(200) } }));
    await create(secrets, names("secret", size), () => ({ stringData: { key: "value" } }));
    await create(services, names("web", size), (name) => ({ spec: { selector: { app: name }, ports: [{ port: 80 }] } }));
    await create(deployments, names("web", size), (name) => serves(name, "web:1", 3));
    await create(statefulSets, names("db", Math.ceil(size / 4)), (name) => serves(name, "db:1", 2));
    await create(jobs, names("job", size), () => ({ spec: { completions: 2, parallelism: 2, template: template("work", "work:1", { restartPolicy: "Never" }) } }));
    await create(cronJobs, names("cron", Math.ceil(size / 4)), () => ({ spec: { schedule: "0 0 1 1 *", jobTemplate: { spec: { template: template("work", "work:1", { restartPolicy: "Never" }) } } } }));
    await this.#served(namespace);
    await Promise.all(names("web", size).map((name) => client.resource(deployments).patch(name, namespace, { type: "strategic", body: { spec: { template: { spec: { containers: [{ name: "c", image: "web:2" }] } } } } })));
    await this.#served(namespace);
    await until("the work", async () => (await client.resource(jobs).list({ namespace })).items.every(({ status }) => isTrue(status.conditions, "Complete")));
    await client.resource(namespaces).delete(namespace, undefined);
    await until("the end", async () => (await found(client.resource(namespaces).get(namespace))) === undefined);
  }

  #served(namespace: string): Promise<void> {
    return until("the roll-outs", async () => (await this.#client.resource(deployments).list({ namespace })).items.every(({ metadata, spec, status }) =>
      status.observedGeneration === metadata.generation && status.updatedReplicas === spec.replicas && status.availableReplicas === spec.replicas && status.replicas === spec.replicas));
  }
}

/** What a server uses when a round is over. */
export interface Use { readonly heapMiB: number; readonly outsideMiB: number; readonly descriptors: number; readonly watches: number; readonly objects: number }

/** @param heap the file of `heap-meter.mjs` */
export async function use(server: ServerProcess, heap: string): Promise<Use> {
  const { pid, dataDir } = server;
  await systemClock.sleep(2_000, never); // what was under way ends
  const told = linesOf(heap).length;
  process.kill(pid, "SIGUSR2");
  await until("the collection", async () => linesOf(heap).length > told);
  const { heapUsed, external } = JSON.parse(linesOf(heap).at(-1) ?? "{}") as NodeJS.MemoryUsage;
  return { heapMiB: mib(heapUsed), outsideMiB: mib(external), descriptors: readdirSync(`/proc/${pid}/fd`).length, watches: await watchesOf(server), objects: rowsOf(join(dataDir, "server", "store.db")) };
}

const mib = (bytes: number): number => Math.round(bytes / 104_857.6) / 10;
const linesOf = (file: string): string[] => (existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : []);

async function watchesOf(server: ServerProcess): Promise<number> {
  const lines = (await server.kubectl("get", "--raw", "/metrics")).split("\n");
  return lines.filter((line) => /^apiserver_longrunning_requests\{.*verb="WATCH"/.test(line)).reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

/** Keys that stand, Events aside: of what happens to nodes there is one for an hour. */
function rowsOf(path: string): number {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return Number(database.prepare("SELECT count(*) AS count FROM live WHERE key NOT LIKE '/registry/core/events/%'").get()?.["count"]);
  } finally {
    database.close();
  }
}

/** What has grown from round to round: by more than a hundredth and a tenth of one in each. */
export function growth(rounds: readonly Use[]): string[] {
  return (["heapMiB", "outsideMiB", "descriptors", "watches", "objects"] as const).flatMap((what) => {
    const values = rounds.map((one) => one[what]);
    const [perRound, mean] = [slope(values), values.reduce((sum, value) => sum + value, 0) / values.length];
    return perRound > Math.max(mean / 100, 0.1) ? [`${what} grows by ${perRound.toFixed(2)} a round: ${values.join(", ")}`] : [];
  });
}

/** Of the line through these values that lies nearest to them. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const [up, across] = values.reduce(([a, b], value, i) => [a + (i - middle) * (value - mean), b + (i - middle) ** 2], [0, 0]);
  return up / across;
}
