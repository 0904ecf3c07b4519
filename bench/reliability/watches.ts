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
import { Compacted, Lagging, Unavailable, type Store } from "#storage/store.ts";
import { TestEtcd } from "../../test/support/etcd.ts";
import { Random } from "../../test/support/random.ts";
import { nowMs, say } from "../support.ts";
import { storeBugs, withBug, type StoreBug } from "./store-bugs.ts";
import { Complaints, Witness, type Event } from "./witness.ts";

const [events = 100_000, watchers = 200] = [process.argv[2], process.argv[4]].map((text) => (text === undefined ? undefined : Number(text)));
const engine = process.argv[3] ?? "sqlite";
const prefix = "/registry/things/";
const never = new AbortController().signal;
/** As much history as is kept, in revisions: some who come back are too late. */
const kept = 300;

if (process.argv[5] !== "bugs") tell(await run());
else for (const bug of storeBugs) {
  const { wrong } = await run(bug);
  say("planted", { bug, found: wrong[0] ?? "no" });
  if (wrong.length === 0) process.exitCode = 1;
}

interface Run { readonly wrong: readonly string[]; readonly witnesses: readonly Witness[]; readonly reopened: number; readonly seconds: number }

function tell({ wrong, witnesses, reopened, seconds }: Run): void {
  const sum = (of: (witness: Witness) => number): number => witnesses.reduce((total, witness) => total + of(witness), 0);
  for (const line of wrong) console.log(line);
  say("watches", { engine, events, watchers, told: sum((w) => w.told), lists: sum((w) => w.stretches.length), reopened, wrong: wrong.length, seconds });
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
  const [random, acknowledged, end] = [new Random(7), [] as Event[], new AbortController()];
  const witnesses = Array.from({ length: watchers }, (_, i) => new Witness(`watcher ${i}`, complaints));
  const watching = witnesses.map((witness, i) => follow(witness, () => store, new Random(i), end.signal));
  while (witnesses.some(({ stretches }) => stretches.length === 0)) await systemClock.sleep(20, never);
  let reopened = 0;
  const compacting = every(200, end.signal, async () => store.compact(Math.max(1, (await store.revision()) - kept)));
  while (acknowledged.length < events) {
    await write(store, random, Math.min(20_000, events - acknowledged.length), acknowledged, complaints);
    if (acknowledged.length >= events) break;
    await store.close();
    store = await open();
    reopened++;
  }
  const newest = await store.revision();
  while (witnesses.some(({ at }) => at < newest)) await systemClock.sleep(20, never);
  end.abort();
  await Promise.all([...watching, compacting]);
  const history = acknowledged.toSorted((a, b) => a.revision - b.revision);
  for (const witness of witnesses) await witness.judge(history, store, prefix);
  await store.close();
  await etcd?.remove();
  rmSync(directory, { recursive: true });
  return { wrong: complaints.lines, witnesses, reopened, seconds: Math.round((nowMs() - from) / 1_000) };
}

/** Eight at a time, each with keys of its own: a lost race is a write that was not made though it was acknowledged. */
async function write(store: Store, random: Random, count: number, acknowledged: Event[], complaints: Complaints): Promise<void> {
  const before = new Map((await store.list(prefix)).entries.map(({ key, modified }) => [key, modified]));
  let left = count;
  await Promise.all(Array.from({ length: 8 }, async (_, writer) => {
    while (left-- > 0) {
      const key = `${prefix}${writer}-${random.below(50)}`;
      const was = before.get(key) ?? 0;
      const value = was !== 0 && random.chance(0.3) ? undefined : `${key} ${acknowledged.length}`;
      const written = await (value === undefined ? store.delete(key, was) : store.put(key, Buffer.from(value), was));
      before.set(key, written.ok ? (value === undefined ? 0 : written.revision) : (written.current?.modified ?? 0));
      if (written.ok) acknowledged.push({ revision: written.revision, key, value });
      else complaints.add(`writer ${writer}`, `${key} is not at ${was}, as was acknowledged`);
    }
  }));
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
