/** The script of the day: what users and machines do, one step after the other. */
import type { CronJob, Job, JobSpec } from "#api/gen/batch-v1.ts";
import type { PersistentVolumeClaim, Pod, PodTemplateSpec } from "#api/gen/core-v1.ts";
import { cronJobs, daemonSets, deployments, jobs, namespaces, nodes, persistentVolumes, podDisruptionBudgets, pods, replicaSets, resourceQuotas, services, statefulSets, configMaps, type ResourceRef } from "#api/resources.ts";
import { controllerOf, type KubeObject } from "#apimachinery/meta.ts";
import type { Client } from "#client/client.ts";
import type { Life } from "../simulated-node.ts";
import type { World } from "./world.ts";

export interface Step {
  readonly name: string;
  /** Part of the short day, too. */
  readonly short?: true;
  /** The resources over whose writes the server should die. */
  readonly delicate?: readonly string[];
  readonly act: (world: World) => Promise<void>;
}

const counting = ["jobs", "pods"];
const ordering = ["pods", "statefulsets", "controllerrevisions", "persistentvolumeclaims"];
const collecting = ["replicasets", "deployments", "pods"];

const namespace = "shop";
const second = 1_000;
const minute = 60 * second;

/** How pods live is written on them. `fails`: `always`, or the index that does, or `INDEX:TIMES`. */
const annotation = { run: "chaos.example/run-seconds", fails: "chaos.example/fails" } as const;

/** Attempts so far, by Job and index: a pod fails by what it is, not by chance. */
export function newLife(): (pod: Pod) => Life {
  const attempts = new Map<string, number>();
  return (pod) => {
    const { [annotation.run]: run, [annotation.fails]: fails } = pod.metadata.annotations ?? {};
    const index = pod.metadata.labels?.["batch.kubernetes.io/job-completion-index"] ?? "";
    const key = `${controllerOf(pod)?.uid} ${index}`;
    attempts.set(key, (attempts.get(key) ?? 0) + 1);
    const [failing, times = "1000"] = (fails ?? "").split(":");
    const ends = fails === "always" || (failing === index && index !== "" && (attempts.get(key) ?? 0) <= Number(times));
    return { readyMs: 2 * second, stopMs: 3 * second, ...(run !== undefined && { runMs: Number(run) * second, exitCode: ends ? 1 : 0 }) };
  };
}

const pod = (image: string, pool: string, labels: Readonly<Record<string, string>> = {}, annotations: Readonly<Record<string, string>> = {}): PodTemplateSpec =>
  ({ metadata: { labels, annotations }, spec: { containers: [{ name: "c", image, resources: { requests: { cpu: "100m" } } }], nodeSelector: { pool } } } as PodTemplateSpec);
const labelled = (app: string, image: string): object => ({ selector: { matchLabels: { app } }, template: pod(image, "web", { app }) });
const work = (runSeconds: number, fails?: string): PodTemplateSpec => {
  const made = pod("work:1", "work", {}, { [annotation.run]: String(runSeconds), ...(fails !== undefined && { [annotation.fails]: fails }) });
  return { ...made, spec: { ...made.spec, restartPolicy: "Never" } } as PodTemplateSpec;
};
const image = (name: string): object => ({ spec: { template: { spec: { containers: [{ name: "c", image: name }] } } } });

const create = <T extends KubeObject>(world: World, ref: ResourceRef<T>, name: string, rest: object, at: string | undefined = namespace): Promise<void> =>
  world.act((client) => client.resource(ref).create({ metadata: { name, ...(ref.namespaced && { namespace: at }) }, status: {}, ...rest } as unknown as T));
const patch = <T extends KubeObject>(world: World, ref: ResourceRef<T>, name: string, body: object): Promise<void> =>
  world.act((client) => client.resource(ref).patch(name, ref.namespaced ? namespace : undefined, { type: "strategic", body }));
const remove = <T extends KubeObject>(world: World, ref: ResourceRef<T>, name: string, propagationPolicy: "Orphan" | "Background" | "Foreground"): Promise<void> =>
  world.act((client) => client.resource(ref).delete(name, ref.namespaced ? namespace : undefined, { propagationPolicy }));
const job = (world: World, name: string, spec: Partial<JobSpec>, at?: string): Promise<void> => create<Job>(world, jobs, name, { spec }, at);
const deployment = (world: World, name: string, replicas: number, at?: string): Promise<void> => create(world, deployments, name, { spec: { replicas, ...labelled(name, "web:1") } }, at);
const cron = (world: World, name: string, spec: object, runSeconds: number): Promise<void> =>
  create<CronJob>(world, cronJobs, name, { spec: { jobTemplate: { spec: { template: work(runSeconds) } }, ...spec } });

const claims = [{ metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"], storageClassName: "manual", resources: { requests: { storage: "1Gi" } } }, status: {} }] as PersistentVolumeClaim[];
const statefulSet = (name: string, replicas: number, rest: object): object => ({ spec: { replicas, serviceName: name, ...labelled(name, "db:1"), ...rest } });

/** Deletes one pod of these that has not ended, by its name. */
async function deleteOne(world: World, labelSelector: string, how: (client: Client, name: string) => Promise<unknown>): Promise<void> {
  let chosen: string | undefined;
  await world.act(async (client) => {
    chosen ??= (await client.resource(pods).list({ namespace, labelSelector })).items.map(({ metadata }) => metadata.name).sort()[0];
    if (chosen !== undefined) await how(client, chosen);
  });
}

export const machines: Readonly<Record<string, Readonly<Record<string, string>>>> = { w1: { pool: "web" }, w2: { pool: "web" }, w3: { pool: "web" }, j1: { pool: "work" }, j2: { pool: "work" } };

export const day: readonly Step[] = [
  {
    name: "the shop opens", short: true,
    async act(world) {
      await create(world, namespaces, namespace, { spec: {} });
      for (const [name, labels] of Object.entries(machines)) world.join(name, labels);
      for (let i = 0; i < 10; i++) await create(world, persistentVolumes, `disk-${i}`, { spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], storageClassName: "manual", persistentVolumeReclaimPolicy: "Retain", hostPath: { path: `/disk/${i}` } } });
      await create(world, resourceQuotas, "most", { spec: { hard: { pods: "200", "count/jobs.batch": "100" } } });
      for (const name of ["web", "db"]) await create(world, services, name, { spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 80 }], ...(name === "db" && { clusterIP: "None" }) } });
      await deployment(world, "web", 3);
      await create(world, podDisruptionBudgets, "web", { spec: { minAvailable: 2, selector: { matchLabels: { app: "web" } } } });
      await create(world, statefulSets, "db", statefulSet("db", 3, { volumeClaimTemplates: claims }));
      await create(world, statefulSets, "par", statefulSet("par", 4, { podManagementPolicy: "Parallel" }));
      await create(world, daemonSets, "log", { spec: { selector: { matchLabels: { app: "log" } }, template: { metadata: { labels: { app: "log" } }, spec: { containers: [{ name: "c", image: "log:1" }] } } } });
      await cron(world, "tick", { schedule: "*/20 * * * *", timeZone: "Europe/Berlin" }, 60);
      await cron(world, "slow", { schedule: "5,35 * * * *", concurrencyPolicy: "Forbid", successfulJobsHistoryLimit: 1 }, 10 * 60);
      await cron(world, "night", { schedule: "30 2 * * *", timeZone: "Europe/Berlin", successfulJobsHistoryLimit: 50 }, 30);
    },
  },
  { name: "eight pieces of work, three at a time", short: true, delicate: counting, act: (world) => job(world, "batch", { completions: 8, parallelism: 3, template: work(20) }) },
  { name: "more is sold", async act(world) { await patch(world, deployments, "web", { spec: { replicas: 6 } }); await patch(world, statefulSets, "db", { spec: { replicas: 2 } }); } },
  { name: "by index; one takes three attempts, one never succeeds", short: true, delicate: counting, act: (world) => job(world, "indexed", { completions: 6, parallelism: 3, completionMode: "Indexed", backoffLimitPerIndex: 2, maxFailedIndexes: 5, template: work(15, "2:2") }) },
  { name: "a new version", delicate: collecting, act: (world) => patch(world, deployments, "web", image("web:2")) },
  { name: "work that never succeeds", delicate: counting, act: (world) => job(world, "doomed", { backoffLimit: 3, template: work(10, "always") }) },
  { name: "the database rolls", short: true, delicate: ordering, async act(world) { await patch(world, statefulSets, "db", image("db:2")); await world.pass(4 * second); await patch(world, statefulSets, "db", { spec: { replicas: 3 } }); } },
  { name: "a version too much, and back", short: true, delicate: collecting, async act(world) { await patch(world, deployments, "web", image("web:3")); await world.pass(6 * second); await patch(world, deployments, "web", image("web:2")); } },
  { name: "work that leaves nothing", delicate: counting, act: (world) => job(world, "brief", { ttlSecondsAfterFinished: 90, completions: 3, parallelism: 2, template: work(10) }) },
  {
    name: "deleted from the bottom, in the background, and not at all", short: true, delicate: collecting,
    async act(world) {
      for (const name of ["fore", "back", "left"]) await deployment(world, name, 3);
      await world.pass(20 * second);
      await remove(world, deployments, "fore", "Foreground");
      await remove(world, deployments, "back", "Background");
      await remove(world, deployments, "left", "Orphan");
      await world.pass(20 * second);
      await world.act(async (client) => {
        for (const { metadata } of (await client.resource(replicaSets).list({ namespace, labelSelector: "app=left" })).items) await client.resource(replicaSets).delete(metadata.name, namespace, { propagationPolicy: "Orphan" });
      });
    },
  },
  { name: "a node falls silent and returns", async act(world) { await world.leave("w3"); await world.pass(7 * minute); world.join("w3", machines["w3"]); } },
  {
    name: "a namespace comes and goes", short: true,
    async act(world) {
      await create(world, namespaces, "temp", { spec: {} });
      await world.pass(2 * second);
      await deployment(world, "web", 2, "temp");
      await job(world, "batch", { completions: 4, parallelism: 2, template: work(600) }, "temp");
      await create(world, configMaps, "notes", { data: { a: "b" } }, "temp");
      await create(world, statefulSets, "db", statefulSet("db", 1, {}), "temp");
      await world.pass(15 * second);
      await remove(world, namespaces, "temp", "Background");
    },
  },
  {
    name: "a node dies, and another takes its name",
    async act(world) {
      await world.leave("w2");
      world.machines.get("w2")?.off();
      await world.pass(2 * minute);
      await remove(world, nodes, "w2", "Background");
      await world.pass(2 * minute);
      world.join("w2", machines["w2"]);
    },
  },
  {
    name: "work rests and goes on, wider", delicate: counting,
    async act(world) {
      await job(world, "rests", { completions: 6, parallelism: 2, template: work(200) }); // long: what kills cost is not counted by `pass`, and it must not be over before it rests
      await world.pass(220 * second);
      await patch(world, jobs, "rests", { spec: { suspend: true } });
      await world.pass(30 * second);
      await patch(world, jobs, "rests", { spec: { suspend: false, parallelism: 3 } });
    },
  },
  { name: "all at once", short: true, delicate: ordering, async act(world) { for (const replicas of [1, 5, 3]) { await patch(world, statefulSets, "par", { spec: { replicas } }); await world.pass(2 * second); } } },
  {
    name: "an owner goes and another takes over", delicate: ordering,
    async act(world) {
      await remove(world, statefulSets, "par", "Orphan");
      await world.pass(10 * second);
      await create(world, statefulSets, "par", statefulSet("par", 3, { podManagementPolicy: "Parallel" }));
    },
  },
  { name: "no more slow runs", async act(world) { await patch(world, cronJobs, "tick", { spec: { suspend: true } }); await remove(world, cronJobs, "slow", "Foreground"); await world.pass(30 * second); await patch(world, cronJobs, "tick", { spec: { suspend: false } }); } },
  { name: "logs roll", act: (world) => patch(world, daemonSets, "log", image("log:2")) },
  { name: "one is evicted", act: (world) => deleteOne(world, "app=web", (client, name) => client.resource(pods).createSubresource(name, namespace, "eviction", { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } })) },
  {
    name: "a piece of work is taken away", delicate: counting,
    async act(world) {
      await job(world, "poked", { completions: 2, parallelism: 1, template: work(400) });
      await world.pass(20 * second);
      await deleteOne(world, "job-name=poked", (client, name) => client.resource(pods).delete(name, namespace));
      await deleteOne(world, "app=db", (client, name) => client.resource(pods).delete(name, namespace));
    },
  },
  { name: "part of the database rolls", delicate: ordering, act: (world) => patch(world, statefulSets, "db", { spec: { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 2 } }, ...(image("db:3") as { spec: object }).spec } }) },
  { name: "work is deleted under way", short: true, delicate: counting, async act(world) { await job(world, "short", { completions: 5, parallelism: 5, template: work(600) }); await world.pass(20 * second); await remove(world, jobs, "short", "Foreground"); } },
  { name: "less is sold", async act(world) { await patch(world, deployments, "web", { spec: { replicas: 2 } }); } },
  { name: "evening", short: true, async act() {} },
];
