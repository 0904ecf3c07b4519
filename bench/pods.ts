/**
 * Pod start and stop on the cluster of KUBECONFIG, image present: from the create request being sent to a watch
 * event that says Ready, and from delete to the DELETED event (grace 1 s). One at a time, then all at once.
 *
 * `node bench/pods.ts [sequential=20] [burst=20] [image]`
 */
import type { Pod } from "#api/gen/core-v1.ts";
import { namespaces, pods, serviceAccounts } from "#api/resources.ts";
import { isPodReady } from "#api/pod.ts";
import { systemClock } from "#base/clock.ts";
import type { Client } from "#client/client.ts";
import { latency, nowMs, round, say } from "./support.ts";
import { clusterClient } from "./cluster-client.ts";

const [sequential = 20, burst = 20] = process.argv.slice(2, 4).map(Number);
const image = process.argv[4] ?? "seedpod.local/busybox:1";

class Bench {
  readonly #client: Client;
  readonly #namespace: string;
  readonly #ready = new Map<string, () => void>();
  readonly #gone = new Map<string, () => void>();

  constructor(client: Client, namespace: string) {
    this.#client = client;
    this.#namespace = namespace;
  }

  /** Follows the namespace's pods until `signal` aborts. */
  async follow(resourceVersion: string, signal: AbortSignal): Promise<void> {
    for await (const event of this.#client.resource(pods).watch({ namespace: this.#namespace, resourceVersion }, signal)) {
      if (event.type === "BOOKMARK") continue;
      const waiting = event.type === "DELETED" ? this.#gone : isPodReady(event.object) ? this.#ready : undefined;
      waiting?.get(event.object.metadata.name)?.();
    }
  }

  /** Milliseconds from create to Ready. */
  async start(name: string): Promise<number> {
    return this.#timed(this.#ready, name, () => this.#client.resource(pods).create(this.#pod(name)));
  }

  /** Milliseconds from delete to gone. */
  async stop(name: string): Promise<number> {
    return this.#timed(this.#gone, name, () => this.#client.resource(pods).delete(name, this.#namespace));
  }

  async #timed(waiting: Map<string, () => void>, name: string, act: () => Promise<unknown>): Promise<number> {
    const from = nowMs();
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.set(name, resolve);
    await act();
    const late = systemClock.sleep(120_000, AbortSignal.timeout(130_000)).then(() => { throw new Error(`${name}: nothing within 120 s`); });
    late.catch(() => {});
    await Promise.race([promise, late]);
    return nowMs() - from;
  }

  #pod(name: string): Pod {
    const command = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.05; done"];
    return {
      metadata: { name, namespace: this.#namespace }, status: {},
      spec: { terminationGracePeriodSeconds: 1, containers: [{ name: "c", image, imagePullPolicy: "IfNotPresent", command }] },
    };
  }
}

async function waitForAccount(client: Client, namespace: string): Promise<void> {
  for (let i = 0; i < 200; i++) {
    const account = await client.resource(serviceAccounts).get("default", namespace).catch(() => undefined);
    if (account !== undefined) return;
    await systemClock.sleep(50, AbortSignal.timeout(1000));
  }
}

const stop = new AbortController();
const { client, close } = await clusterClient();
const namespace = `bench-${process.pid}`;
await client.resource(namespaces).create({ metadata: { name: namespace }, spec: {}, status: {} });
await waitForAccount(client, namespace);
const bench = new Bench(client, namespace);
const { resourceVersion } = await client.resource(pods).list({ namespace });
const following = bench.follow(resourceVersion, stop.signal).catch(() => {});

const up: number[] = [];
const down: number[] = [];
for (let i = 0; i < sequential; i++) {
  up.push(await bench.start(`s-${i}`));
  down.push(await bench.stop(`s-${i}`));
}
if (sequential > 0) {
  say("one at a time: create to Ready", latency(up));
  say("one at a time: delete to gone", latency(down));
}
if (burst > 0) {
  const names = Array.from({ length: burst }, (_, i) => `b-${i}`);
  let from = nowMs();
  const started = await Promise.all(names.map((name) => bench.start(name)));
  say(`${burst} at once: create to Ready`, { ...latency(started), allMs: round(nowMs() - from) });
  from = nowMs();
  const gone = await Promise.all(names.map((name) => bench.stop(name)));
  say(`${burst} at once: delete to gone`, { ...latency(gone), allMs: round(nowMs() - from) });
}
await client.resource(namespaces).delete(namespace, undefined);
stop.abort();
await following;
close();
