/** Pods of every sort that come and go. */
import type { ConfigMap, Pod, PodSpec, Secret } from "#api/gen/core-v1.ts";
import { isPodReady } from "#api/pod.ts";
import { configMaps, namespaces, pods, secrets, serviceAccounts } from "#api/resources.ts";
import { isStatus } from "#apimachinery/status.ts";
import { until as within } from "#base/waiting.ts";
import type { Client } from "#client/client.ts";

const image = "seedpod.local/busybox:1";
/** A machine under load takes its time; that something never comes is what is looked for. */
const patienceMs = 180_000;

interface Sort {
  readonly spec: (i: number) => PodSpec;
  /** When it is deleted. */
  readonly until: (pod: Pod) => boolean;
  readonly graceSeconds?: number;
}

const sleeper = { name: "c", image, command: ["sleep", "100000"] };
const state = (pod: Pod): string => pod.status.containerStatuses?.[0]?.state?.waiting?.reason ?? "";

/** One of each kind of start, of volume, and of end. */
const sorts: readonly Sort[] = [
  {
    spec: () => ({ volumes: [{ name: "c", configMap: { name: "churn" } }, { name: "s", secret: { secretName: "churn" } }, { name: "e", emptyDir: {} }], containers: [{ ...sleeper, volumeMounts: [{ name: "c", mountPath: "/c/key", subPath: "key" }, { name: "s", mountPath: "/s" }, { name: "e", mountPath: "/e", subPath: "a/b" }] }] }),
    until: isPodReady, graceSeconds: 1,
  },
  { spec: () => ({ volumes: [{ name: "m", emptyDir: { medium: "Memory" } }], initContainers: [{ name: "i", image, command: ["true"] }], containers: [{ ...sleeper, volumeMounts: [{ name: "m", mountPath: "/m" }] }] }), until: isPodReady, graceSeconds: 0 },
  { spec: () => ({ restartPolicy: "Never", containers: [{ name: "c", image, command: ["true"] }] }), until: ({ status }) => status.phase === "Succeeded" },
  { spec: () => ({ containers: [sleeper] }), until: () => true, graceSeconds: 0 },
  { spec: (i) => ({ containers: [{ ...sleeper, ports: [{ containerPort: 80, hostPort: 31_000 + (i % 1000) }], readinessProbe: { exec: { command: ["true"] }, periodSeconds: 1 } }] }), until: isPodReady, graceSeconds: 1 },
  { spec: () => ({ containers: [{ name: "c", image: "seedpod.local/none:1", imagePullPolicy: "Never" }] }), until: (pod) => state(pod) === "ErrImageNeverPull" },
  { spec: () => ({ containers: [{ name: "c", image, command: ["false"] }] }), until: (pod) => (pod.status.containerStatuses?.[0]?.restartCount ?? 0) > 0, graceSeconds: 0 },
  { spec: () => ({ shareProcessNamespace: true, containers: [{ ...sleeper, lifecycle: { preStop: { exec: { command: ["true"] } } } }, { ...sleeper, name: "d" }] }), until: isPodReady, graceSeconds: 1 },
];

/** A namespace for them. */
export async function churnNamespace(client: Client, name: string): Promise<void> {
  const metadata = { name: "churn", namespace: name };
  await client.resource(namespaces).create({ metadata: { name }, spec: {}, status: {} });
  await client.resource(configMaps).create({ metadata, data: { key: "value" } } satisfies ConfigMap);
  await client.resource(secrets).create({ metadata, stringData: { key: "value" } } satisfies Secret);
  await until("the default account", async () => (await found(client.resource(serviceAccounts).get("default", name))) !== undefined);
}

/** `count` pods, at most `atOnce` of them at a time, each deleted in its turn. Resolves when all are gone. */
export async function churn(client: Client, namespace: string, count: number, atOnce: number): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (next < count) await comeAndGo(client, namespace, next++);
  }));
}

async function comeAndGo(client: Client, namespace: string, i: number): Promise<void> {
  const [name, sort] = [`churn-${i}`, sorts[i % sorts.length] as Sort];
  const api = client.resource(pods);
  await api.create({ metadata: { name, namespace }, spec: sort.spec(i), status: {} });
  await until(`${name} to have come`, async () => sort.until(await api.get(name, namespace)));
  await api.delete(name, namespace, { ...(sort.graceSeconds !== undefined && { gracePeriodSeconds: sort.graceSeconds }) });
  await until(`${name} to have gone`, async () => (await found(api.get(name, namespace))) === undefined);
}

/** Undefined for what is not there. */
export const found = <T>(read: Promise<T>): Promise<T | undefined> => read.catch((err: unknown) => {
  if (isStatus(err, "NotFound")) return undefined;
  throw err;
});

/** Waits until `is`. Throws after three minutes, naming what did not come. */
export async function until(what: string, is: () => Promise<boolean>): Promise<void> {
  await within(what, is, patienceMs);
}
