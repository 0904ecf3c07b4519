/** The control plane in a process of its own, in a time that its driver moves: to be killed. Ends when its driver is gone. */
import { flushCompileCache } from "node:module";
import { controlPlane } from "#cmd/control-plane.ts";
import { loadInstance } from "#cmd/instance.ts";
import { ensureServerPki } from "#cmd/instance-pki.ts";
import { openStore } from "#cmd/open-store.ts";
import { cacheCheck } from "#apiserver/cacher/consistency.ts";
import { ensureBootstrapObjects } from "#apiserver/authz/bootstrap.ts";
import { kinds } from "#apiserver/registry/kinds.ts";
import { reviews } from "#apiserver/registry/reviews/reviews.ts";
import { newApiServer } from "#apiserver/server.ts";
import { systemClock } from "#base/clock.ts";
import { runAll } from "#base/component.ts";
import { newLogger } from "#base/log.ts";
import { VirtualClock } from "#base/virtual-clock.ts";
import { newClient } from "#client/http-client.ts";
import { inProcess } from "#client/in-process-transport.ts";
import type { Store } from "#storage/store.ts";
import { hastyStore, planted } from "./bugs.ts";
import type { Answer, Death, Order } from "./messages.ts";
import { Traffic } from "./traffic.ts";

/** In the real time, since a day of theirs takes minutes of ours. */
const cacheCheckMs = 5_000;

const traffic = new Traffic();
const log = newLogger("server", process.env["CHAOS_LOG"] ?? "fatal");
let clock = new VirtualClock(0);
let death: Death | undefined;
let writes = 0;

const say = (answer: Answer): void => void process.send?.(answer);
process.on("disconnect", () => process.exit());
process.on("message", (order: Order) => {
  if (order.order === "open") void open(order);
  if (order.order === "die") [death, writes] = [order.death, 0];
  if (order.order === "time") void pass(order.now);
});
flushCompileCache(); // who is killed leaves nothing to those who come after

async function pass(now: number): Promise<void> {
  clock.set(now);
  await traffic.calm();
  const { heapUsed, rss } = process.memoryUsage();
  say({ answer: "calm", nextMs: clock.nextMs ?? Infinity, asked: traffic.total, heapBytes: heapUsed, rssBytes: rss });
}

async function open({ dataDir, now, bug }: Extract<Order, { order: "open" }>): Promise<void> {
  clock = new VirtualClock(now);
  const instance = loadInstance(dataDir);
  if (instance === undefined) throw new Error(`no instance in ${dataDir}`);
  const address = "192.0.2.1"; // that no Endpoints may name a loopback address is the API's rule
  const pki = ensureServerPki(instance, ["127.0.0.1"], systemClock.now());
  const opened = await openStore(instance, log);
  const store = bug === "acknowledged too early" ? hastyStore(mortal(opened)) : mortal(opened);
  const api = newApiServer({ store, clock, log, kinds: [...kinds, ...reviews], issuer: "https://kubernetes.default.svc.cluster.local", serviceCidr: instance.serviceCidr, serviceAccountKeys: { signing: pki.serviceAccountKey } });
  const counted = { ...api, handler: traffic.handler(planted(bug, api.handler)) };
  const serve = async (signal: AbortSignal): Promise<void> => {
    await api.ready;
    await ensureBootstrapObjects(newClient(inProcess(counted.handler, { name: "system:apiserver", groups: ["system:masters"] })), clock.now());
    await api.listen({ host: instance.bindAddress, port: instance.port, tls: { ca: pki.ca.cert, cert: pki.server.cert, key: pki.server.key } });
    const parts = controlPlane(counted, { instance: { ...instance, port: 6443 }, address, ca: pki.ca, serviceAccountKey: pki.serviceAccountKey, log, clock, steady: clock, elect: false });
    say({ answer: "open", revision: await store.revision() });
    await runAll(parts, signal);
  };
  const check = cacheCheck(() => api.cacheDifferences(), systemClock, cacheCheckMs);
  await runAll([api, { name: "control plane", run: serve }, check], new AbortController().signal);
}

/** Kills the process at the write that its driver has named. */
function mortal(store: Store): Store {
  const write = async <R>(key: string, work: () => Promise<R>): Promise<R> => {
    if (death !== undefined && (death.of === undefined || key.includes(`/${death.of}/`))) writes++;
    const last = writes === death?.atWrite;
    if (last && death?.moment === "before") die();
    const done = await work();
    if (last) die();
    return done;
  };
  return new Proxy(store, {
    get(target, name) {
      if (name === "put") return (...args: Parameters<Store["put"]>) => write(args[0], () => target.put(...args));
      if (name === "delete") return (...args: Parameters<Store["delete"]>) => write(args[0], () => target.delete(...args));
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
}

function die(): void {
  process.kill(process.pid, "SIGKILL");
}
