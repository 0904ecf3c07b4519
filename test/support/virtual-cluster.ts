/** The real server, controllers and simulated nodes in one process and one virtual time. */
import type { TestContext } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import { namespaces } from "#api/resources.ts";
import { isStatus } from "#apimachinery/status.ts";
import { systemClock, type Clock } from "#base/clock.ts";
import { runAll, type Component } from "#base/component.ts";
import { silent } from "#base/log.ts";
import { newCa, newSigningKey } from "#base/pki.ts";
import { VirtualClock } from "#base/virtual-clock.ts";
import type { Client } from "#client/client.ts";
import { newEventRecorder } from "#client/event-recorder.ts";
import { newClient } from "#client/http-client.ts";
import { inProcess } from "#client/in-process-transport.ts";
import { newInformers } from "#client/informers.ts";
import type { Informers } from "#client/lister.ts";
import type { Transport } from "#client/transport.ts";
import { controllers } from "#controllers/index.ts";
import type { ControllerDeps } from "#controllers/runner.ts";
import type { ControllerSettings } from "#controllers/settings.ts";
import { newScheduler } from "#scheduler/scheduler.ts";
import { startApiServer, type TestServerOptions } from "./api-server.ts";
import { Traffic } from "./chaos/traffic.ts";
import { Machine, simulatedNode, type Life } from "./simulated-node.ts";

export interface VirtualCluster {
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly steady: Clock;
  /** Lets this much time go by. */
  pass(ms: number): Promise<void>;
  /** Sets the time of day, as an administrator does: nobody's waits change. */
  jump(ms: number): void;
  /** @returns how to silence it */
  addNode(name: string, options?: { readonly life?: (pod: Pod) => Life; readonly leaseMs?: number }): () => Promise<void>;
}

/** Time goes in steps of at least so much: whole seconds are all that the API keeps. */
const shortestMs = 1_000;
const longestMs = 60_000;

/** Runs these controllers until the test ends. @param now the time at the beginning, in ms */
export async function startVirtualCluster(t: TestContext, now: number, make: readonly ((deps: ControllerDeps) => Component)[], options: (clock: Clock) => TestServerOptions = () => ({ connect: "none" })): Promise<VirtualCluster> {
  const steady = new VirtualClock(now);
  let offsetMs = 0;
  const clock: Clock = { now: () => steady.now() + offsetMs, sleep: (ms, signal) => steady.sleep(ms, signal) };
  const traffic = new Traffic();
  const { api } = await startApiServer(t, { clock, ...options(clock) });
  const client = newClient(traffic.transport(quiet(inProcess(api.handler, { name: "admin", groups: ["system:masters"] }))), clock);
  for (const name of ["kube-node-lease", "kube-system"]) await client.resource(namespaces).create({ metadata: { name }, spec: {}, status: {} }).catch((err: unknown) => { if (!isStatus(err, "AlreadyExists")) throw err; });
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  const run = (component: Component, signal = stopping.signal): Promise<void> => {
    const ran = component.run(signal);
    running.add(ran);
    return ran;
  };
  t.after(async () => { stopping.abort(); await Promise.all(running); });
  const informers = newInformers(client, steady, silent);
  const deps: ControllerDeps = { client, informers, clock, steady, log: silent, events: (component) => newEventRecorder(client, component, undefined, clock, stopping.signal) };
  void run({ name: "controllers", run: (signal) => runAll([...make.map((of) => of(deps)), informers], signal) });
  return {
    client, informers, clock, steady,
    jump: (ms) => { offsetMs += ms; },
    async pass(ms) {
      for (const end = steady.now() + ms; steady.now() < end;) {
        await traffic.calm(8);
        const nextMs = Math.max(shortestMs, Math.min(longestMs, steady.nextMs ?? longestMs));
        steady.advance(Math.min(nextMs, end - steady.now()));
      }
      await traffic.calm(8);
    },
    addNode(name, more = {}) {
      const silence = new AbortController();
      const ran = run(simulatedNode({ client, clock, machine: new Machine(name), ...more }), AbortSignal.any([stopping.signal, silence.signal]));
      return async () => { silence.abort(); await ran; };
    },
  };
}

/** All that a server runs: every controller, and the scheduler. */
export function everything(settings: ControllerSettings = {}): ((deps: ControllerDeps) => Component)[] {
  const ca = newCa("virtual", systemClock.now());
  const [serviceAccountKey, serviceCidr] = [newSigningKey(), "10.43.0.0/16"];
  return [
    (deps) => controllers({ ...deps, rootCa: ca.cert, signingCa: ca, serviceAccountKey, serviceCidr, settings, clusterCidr: "10.42.0.0/16", serviceIP: "10.43.0.1", apiServerAddress: "192.0.2.1", apiServerPort: 6443 }),
    (deps) => newScheduler({ ...deps, steady: deps.steady ?? deps.clock, events: deps.events("default-scheduler") }),
  ];
}

/** Watches that last, without bookmarks: a day of nothing else would be most of the work. */
function quiet(inner: Transport): Transport {
  return (request) => inner({ ...request, path: request.path.replace(/&allowWatchBookmarks=true/, "").replace(/&timeoutSeconds=\d+/, "&timeoutSeconds=604800") });
}
