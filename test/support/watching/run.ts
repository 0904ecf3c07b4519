/**
 * R6, R4: watchers that come and go while keys are written, history is forgotten again and again and the store is closed
 * and opened. Nothing is lost, doubled or out of order; who asks for what is forgotten is told so, and a list mends it.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "#base/clock.ts";
import { openEtcdStore } from "#storage/etcd/store.ts";
import { openSqliteStore } from "#storage/sqlite/store.ts";
import { Compacted, Lagging, Unavailable, WriteFailed, type Revision, type Store, type Write } from "#storage/store.ts";
import { TestEtcd } from "../etcd.ts";
import { Random } from "../random.ts";
import { CheckedCache } from "./checked-cache.ts";
import { withBug, type StoreBug } from "./store-bugs.ts";
import { Complaints, Witness } from "./witness.ts";
import { Written } from "./written.ts";

/** In ms, revisions and events. `kept`: as much history; some who come back are too late. `stayMs`: the least that a watcher stays, who may stay five times that. */
export interface Pace { readonly compactMs: number; readonly kept: number; readonly reopenAfter: number; readonly stayMs: number; readonly awayMs: number; readonly cacheCheckMs: number }
export interface Wishes { readonly engine: "sqlite" | "etcd"; readonly events: number; readonly watchers: number; readonly pace: Pace; readonly bug?: StoreBug }
/** `unknown`: writes of which nobody could say whether they were made. */
export interface Run { readonly wrong: readonly string[]; readonly witnesses: readonly Witness[]; readonly reopened: number; readonly unknown: number; readonly cacheChecks: number }

const prefix = "/registry/bench/things/";
const never = new AbortController().signal;
/** Writers wait for the watchers of the middle when those are so many changes behind: all live on one thread. */
const mostBehind = 500;
/** For the same reason etcd is given more time than a server gives it. */
const patient = { callMs: 120_000, attemptMs: 40_000, keepAliveMs: 60_000, keepAliveTimeoutMs: 60_000 };

/** One run over a store of its own. */
export async function watching(wishes: Wishes): Promise<Run> {
  await using made = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), "seedpod-watches-"));
  made.defer(() => rmSync(directory, { recursive: true }));
  const etcd = wishes.engine === "etcd" ? await TestEtcd.start() : undefined;
  made.defer(() => etcd?.remove());
  return await live(wishes, async () => {
    const store = await (etcd === undefined ? openSqliteStore({ path: join(directory, "store.db") }) : openEtcdStore({ servers: [etcd.url], prefix: "/watches", timeouts: patient }));
    return wishes.bug === undefined ? store : withBug(store, wishes.bug);
  });
}

async function live({ events, watchers, pace }: Wishes, open: () => Promise<Store>): Promise<Run> {
  let store = await open();
  const complaints = new Complaints();
  const [random, written, end] = [new Random(7), new Written(), new AbortController()];
  const witnesses = Array.from({ length: watchers }, (_, i) => new Witness(`watcher ${i}`, complaints));
  const following = witnesses.map((witness, i) => follow(witness, () => store, new Random(i), pace, end.signal));
  while (witnesses.some(({ stretches }) => stretches.length === 0)) await systemClock.sleep(20, never);
  const compacting = every(pace.compactMs, end.signal, async () => store.compact(Math.max(1, (await store.revision()) - pace.kept)));
  let [reopened, cacheChecks] = [0, 0];
  for (;;) {
    const cache = new CheckedCache(store, complaints, pace.cacheCheckMs);
    await write(store, random, Math.min(pace.reopenAfter, events - written.count), written, complaints, witnesses);
    await cache.close();
    cacheChecks += cache.checks;
    if (written.count >= events) break;
    await store.close();
    store = await open();
    reopened++;
  }
  const newest = Math.min(written.newest, await store.revision()); // a store on etcd may have written what is under no key of ours after it
  while (witnesses.some(({ at }) => at < newest)) await systemClock.sleep(20, never);
  end.abort();
  await Promise.all([...following, compacting]);
  const history = written.history(witnesses);
  for (const witness of witnesses) await witness.judge(history, store, prefix);
  await store.close();
  return { wrong: complaints.lines, witnesses, reopened, unknown: written.unknown, cacheChecks };
}

/** Eight at a time, each with keys of its own: a lost race is a write that was not made though it was acknowledged. */
async function write(store: Store, random: Random, count: number, written: Written, complaints: Complaints, witnesses: readonly Witness[]): Promise<void> {
  const before = new Map((await store.list(prefix)).entries.map(({ key, modified }) => [key, modified]));
  let left = count;
  await Promise.all(Array.from({ length: 8 }, async (_, writer) => {
    while (left-- > 0) {
      const key = `${prefix}${writer}-${random.below(50)}`;
      const was = before.get(key) ?? 0;
      const value = was !== 0 && random.chance(0.3) ? undefined : `${key} ${written.count}`;
      const made = await tried(store, key, value, was);
      before.set(key, made === "unknown" ? await written.lookUp(store, key, value, was) : made.ok ? (value === undefined ? 0 : made.revision) : (made.current?.modified ?? 0));
      if (made === "unknown") continue;
      if (!made.ok) complaints.add(`writer ${writer}`, `${key} is not at ${was}, as was acknowledged`);
      else written.add({ revision: made.revision, key, value });
      while (made.ok && made.revision - middle(witnesses) > mostBehind) await systemClock.sleep(5, never);
    }
  }));
}

/** Half of them have been told more. */
function middle(witnesses: readonly Witness[]): Revision {
  return witnesses.map(({ at }) => at).toSorted((a, b) => a - b)[witnesses.length >> 1] ?? Infinity;
}

async function tried(store: Store, key: string, value: string | undefined, was: Revision): Promise<Write | "unknown"> {
  try {
    return await (value === undefined ? store.delete(key, was) : store.put(key, Buffer.from(value), was));
  } catch (err) {
    if (err instanceof WriteFailed && err.outcome === "unknown") return "unknown";
    throw err;
  }
}

/** Lists, watches, and comes back after a while from where it was. */
async function follow(witness: Witness, store: () => Store, random: Random, { stayMs, awayMs }: Pace, end: AbortSignal): Promise<void> {
  let listed = false;
  while (!end.aborted) {
    const leave = AbortSignal.any([end, AbortSignal.timeout(stayMs + random.below(4 * stayMs))]);
    try {
      if (!listed) await witness.relist(store(), prefix);
      listed = true;
      for await (const step of store().watch(prefix, witness.at, leave)) witness.take(step);
      await systemClock.sleep(random.chance(0.1) ? random.below(awayMs) : 5, end); // some are away for long
    } catch (err) {
      if (end.aborted) return;
      if (err instanceof Compacted || err instanceof Lagging) listed = false;
      else await systemClock.sleep(err instanceof Unavailable ? 1 : 20, never); // the store was being opened again
    }
  }
}

async function every(ms: number, end: AbortSignal, act: () => Promise<void>): Promise<void> {
  while (!end.aborted) {
    await systemClock.sleep(ms, never);
    await act().catch(() => undefined); // closed meanwhile
  }
}
