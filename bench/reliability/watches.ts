/**
 * R6, R4: watchers that come and go while keys are written, history is forgotten every 200 ms and the store is closed and
 * opened again. Nothing is lost, doubled or out of order; who asks for what is forgotten is told so, and a list mends it.
 *
 *     node bench/reliability/watches.ts [events=100000] [sqlite|etcd] [watchers=200] [bugs]
 *
 * With `bugs` each of `store-bugs.ts` is planted in turn; a run that does not find it has failed.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "#base/clock.ts";
import { openEtcdStore } from "#storage/etcd/store.ts";
import { openSqliteStore } from "#storage/sqlite/store.ts";
import { Compacted, Lagging, Unavailable, WriteFailed, type Revision, type Store, type Write } from "#storage/store.ts";
import { TestEtcd } from "../../test/support/etcd.ts";
import { Random } from "../../test/support/random.ts";
import { nowMs, say } from "../support.ts";
import { CheckedCache } from "./checked-cache.ts";
import { storeBugs, withBug, type StoreBug } from "./store-bugs.ts";
import { Complaints, Witness } from "./witness.ts";
import { Written } from "./written.ts";

const [events = 100_000, watchers = 200] = [process.argv[2], process.argv[4]].map((text) => (text === undefined ? undefined : Number(text)));
const engine = process.argv[3] ?? "sqlite";
const prefix = "/registry/bench/things/";
const never = new AbortController().signal;
/** As much history as is kept, in revisions: some who come back are too late. */
const kept = 300;
/** How often a cache over the same store is compared with it (R7). */
const cacheCheckMs = 10_000;

if (process.argv[5] !== "bugs") tell(await run());
else for (const bug of storeBugs) {
  const { wrong } = await run(bug);
  say("planted", { bug, found: wrong[0] ?? "no" });
  if (wrong.length === 0) process.exitCode = 1;
}

interface Run { readonly wrong: readonly string[]; readonly witnesses: readonly Witness[]; readonly reopened: number; readonly unknown: number; readonly cacheChecks: number; readonly seconds: number }

function tell({ wrong, witnesses, reopened, unknown, cacheChecks, seconds }: Run): void {
  const sum = (of: (witness: Witness) => number): number => witnesses.reduce((total, witness) => total + of(witness), 0);
  for (const line of wrong) console.log(line);
  say("watches", { engine, events, watchers, told: sum((w) => w.told), lists: sum((w) => w.stretches.length), reopened, unknown, cacheChecks, wrong: wrong.length, seconds });
  if (wrong.length > 0) process.exitCode = 1;
}

async function run(bug?: StoreBug): Promise<Run> {
  const directory = mkdtempSync(join(tmpdir(), "seedpod-watches-"));
  const etcd = engine === "etcd" ? await TestEtcd.start() : undefined;
  const open = async (): Promise<Store> => {
    const store = await (etcd === undefined ? openSqliteStore({ path: join(directory, "store.db") }) : openEtcdStore({ servers: [etcd.url], prefix: "/watches" }));
    return bug === undefined ? store : withBug(store, bug);
  };
  const from = nowMs();
  let store = await open();
  const complaints = new Complaints();
  const [random, written, end] = [new Random(7), new Written(), new AbortController()];
  const witnesses = Array.from({ length: watchers }, (_, i) => new Witness(`watcher ${i}`, complaints));
  const watching = witnesses.map((witness, i) => follow(witness, () => store, new Random(i), end.signal));
  while (witnesses.some(({ stretches }) => stretches.length === 0)) await systemClock.sleep(20, never);
  let reopened = 0;
  let cache = new CheckedCache(store, complaints, cacheCheckMs);
  const caches = [cache];
  const compacting = every(200, end.signal, async () => store.compact(Math.max(1, (await store.revision()) - kept)));
  for (;;) {
    await write(store, random, Math.min(20_000, events - written.count), written, complaints);
    if (written.count >= events) break;
    await cache.close();
    await store.close();
    store = await open();
    caches.push((cache = new CheckedCache(store, complaints, cacheCheckMs)));
    reopened++;
  }
  const newest = await store.revision();
  while (witnesses.some(({ at }) => at < newest)) await systemClock.sleep(20, never);
  end.abort();
  await Promise.all([...watching, compacting, cache.close()]);
  const history = written.history(witnesses);
  for (const witness of witnesses) await witness.judge(history, store, prefix);
  await store.close();
  await etcd?.remove();
  rmSync(directory, { recursive: true });
  return { wrong: complaints.lines, witnesses, reopened, unknown: written.unknown, cacheChecks: caches.reduce((sum, { checks }) => sum + checks, 0), seconds: Math.round((nowMs() - from) / 1_000) };
}

/** Eight at a time, each with keys of its own: a lost race is a write that was not made though it was acknowledged. */
async function write(store: Store, random: Random, count: number, written: Written, complaints: Complaints): Promise<void> {
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
      if (made.ok) written.add({ revision: made.revision, key, value });
      else complaints.add(`writer ${writer}`, `${key} is not at ${was}, as was acknowledged`);
    }
  }));
}

async function tried(store: Store, key: string, value: string | undefined, was: Revision): Promise<Write | "unknown"> {
  try {
    return await (value === undefined ? store.delete(key, was) : store.put(key, Buffer.from(value), was));
  } catch (err) {
    if (err instanceof WriteFailed && err.outcome === "unknown") return "unknown";
    throw err;
  }
}

/** Lists, watches, and comes back after one to five seconds from where it was. */
async function follow(witness: Witness, store: () => Store, random: Random, end: AbortSignal): Promise<void> {
  let listed = false;
  while (!end.aborted) {
    const leave = AbortSignal.any([end, AbortSignal.timeout(1_000 + random.below(4_000))]);
    try {
      if (!listed) await witness.relist(store(), prefix);
      listed = true;
      for await (const step of store().watch(prefix, witness.at, leave)) witness.take(step);
      await systemClock.sleep(random.chance(0.1) ? random.below(2_000) : 5, end); // some are away for long
    } catch (err) {
      if (end.aborted) return;
      if (err instanceof Compacted || err instanceof Lagging) listed = false;
      else if (!(err instanceof Unavailable)) await systemClock.sleep(20, never); // the store was being opened again
    }
  }
}

async function every(ms: number, end: AbortSignal, act: () => Promise<void>): Promise<void> {
  while (!end.aborted) {
    await systemClock.sleep(ms, never);
    await act().catch(() => undefined); // closed meanwhile
  }
}
