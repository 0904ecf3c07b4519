/** A whole kubelet on a simulated runtime and an API server in memory, for this folder's tests. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Container, Event, Pod } from "#api/gen/core-v1.ts";
import { pods } from "#api/resources.ts";
import { systemClock, type Clock } from "#base/clock.ts";
import { silent } from "#base/log.ts";
import { eventually } from "#base/waiting.ts";
import { newEventRecorder } from "#client/event-recorder.ts";
import { newInformers } from "#client/informers.ts";
import type { Runtime } from "#cri/runtime.ts";
import { CsiDrivers } from "#csi/drivers.ts";
import { newSimulatedRuntime, type SimulatedOptions } from "#cri/simulated/runtime.ts";
import { VolumesInUse } from "#volumes/csi/in-use.ts";
import type { CsiDeps } from "#volumes/csi/staging.ts";
import { volumePlugins } from "#volumes/index.ts";
import { FakeClient } from "./fake-client.ts";
import type { KubeletHost } from "./host.ts";
import { newKubelet } from "./kubelet.ts";
import type { KubeletOptions } from "./options.ts";
import { defaultSettings } from "./settings/settings.ts";

export interface FakeNode {
  readonly client: FakeClient;
  readonly runtime: Runtime;
  readonly host: KubeletHost;
  readonly dir: string;
  create(name: string, spec: Partial<Pod["spec"]>, metadata?: Partial<Pod["metadata"]>): Promise<void>;
  pod(name: string): Pod | undefined;
  /** Waits until the check does not throw any more. */
  eventually(check: () => void | Promise<void>, withinMs?: number): Promise<void>;
  /** `reason: message` of what was recorded about a pod, in order. */
  events(name: string): string[];
  /** The node goes down. */
  shutDown(): Promise<void>;
  /** Another kubelet takes over, as after a restart. */
  restart(): Promise<void>;
}

type MoreOptions = Partial<Pick<KubeletOptions, "settings" | "evictionSource" | "devicePlugins" | "cdiDirs">>;

export const image = "example.com/app:1";
export const app = (more: Partial<Container> = {}): Container => ({ name: "app", image, ...more });

/** @param more of the kubelet */
export async function startNode(t: TestContext, options: SimulatedOptions = {}, more: MoreOptions = {}, runtime: Runtime = newSimulatedRuntime({ images: [image], ...options })): Promise<FakeNode> {
  const dir = await mkdtemp(join(tmpdir(), "fake-node-"));
  const client = new FakeClient();
  const clock = options.clock ?? systemClock;
  let running = run(client, runtime, dir, clock, more);
  t.after(async () => {
    await running.stop();
    await rm(dir, { recursive: true, force: true });
  });
  const pod = (name: string): Pod | undefined => client.read(`pods/default/${name}`) as Pod | undefined;
  return {
    client,
    runtime,
    dir,
    pod,
    get host() {
      return running.host;
    },
    async create(name, spec, metadata = {}) {
      await client.resource(pods).create({
        metadata: { name, namespace: "default", generation: 1, ...metadata },
        spec: { containers: [app()], ...spec, nodeName: "n1" },
        status: { phase: "Pending", qosClass: "BestEffort" },
      });
    },
    eventually,
    events: (name) =>
      (client.list("events") as Event[]).filter((e) => e.involvedObject.name === name).map((e) => `${e.reason ?? ""}: ${e.message ?? ""}`),
    shutDown: () => running.shutDown(),
    async restart() {
      await running.stop();
      running = run(client, runtime, dir, clock, more);
    },
  };
}

function run(client: FakeClient, runtime: Runtime, dir: string, clock: Clock, more: MoreOptions): { readonly host: KubeletHost; shutDown(): Promise<void>; stop(): Promise<void> } {
  const stop = new AbortController();
  const informers = newInformers(client, clock, silent);
  const csi: CsiDeps = { drivers: new CsiDrivers(clock), inUse: new VolumesInUse(), rootDir: join(dir, "kubelet"), nodeName: "n1" };
  const kubelet = newKubelet({
    client,
    informers,
    runtime,
    volumePlugins: volumePlugins({ clock, csi }),
    csi,
    events: newEventRecorder(client, "kubelet", "n1"),
    clock,
    log: silent,
    nodeName: "n1",
    nodeAddresses: ["192.0.2.1"],
    kubeletPort: 10250,
    rootDir: join(dir, "kubelet"),
    podLogsDir: join(dir, "logs"),
    nodeLogsDir: join(dir, "node-logs"),
    clusterDns: ["10.43.0.10"],
    clusterDomain: "cluster.local",
    cgroupParent: undefined,
    staticPods: { dir: manifestsOf(dir), parse: async (text) => JSON.parse(text) as Pod },
    settings: defaultSettings,
    ...more,
  });
  const done = Promise.all([informers.run(stop.signal), kubelet.run(stop.signal)]);
  return {
    host: kubelet.host,
    shutDown: () => kubelet.shutDown(),
    stop: async () => {
      stop.abort();
      await done;
    },
  };
}

/** Where a fake node's static pods are. */
export const manifestsOf = (dir: string): string => join(dir, "manifests");
