/** kill -9 under eight writers. `CRASH_ROUNDS=1000 node --test src/storage/sqlite/crash.test.ts` for the long run. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "#base/clock.ts";
import type { Store } from "../store.ts";
import { openSqliteStore } from "./store.ts";

const rounds = Number(process.env["CRASH_ROUNDS"] ?? 5);
const gone = "-";

/** What one killed process said of one key. */
interface Said { acknowledged: string | undefined; tried: string | undefined }
interface Transcript { readonly startedAt: number; readonly newestAcknowledged: number; readonly keys: ReadonlyMap<string, Said> }

test("nothing acknowledged is lost and no revision goes back when writers are killed", { timeout: 60_000 + rounds * 5_000 }, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "seedpod-crash-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "store.db");
  let before: ReadonlyMap<string, string> = new Map();
  let newest = 0;
  for (let round = 0; round < rounds; round++) {
    const { startedAt, newestAcknowledged, keys } = await writeAndDie(path, round);
    assert.equal(startedAt, newest, "the store opened at another revision than it was left at");
    const store = await openSqliteStore({ path });
    newest = await store.revision();
    assert(newest >= newestAcknowledged, `acknowledged ${newestAcknowledged}, found ${newest}`);
    const found = await valuesOf(store);
    for (const key of new Set([...before.keys(), ...found.keys(), ...keys.keys()])) {
      const { acknowledged = before.get(key) ?? gone, tried = acknowledged } = keys.get(key) ?? { acknowledged: undefined, tried: undefined };
      assert([acknowledged, tried].includes(found.get(key) ?? gone), `${key}: found ${found.get(key)}, acknowledged ${acknowledged}, under way ${tried}`);
    }
    await everyRevisionIsThere(store, newest);
    await store.close();
    before = found;
  }
});

/** Starts the writers, kills them in the middle, and gives what they had said until then. */
async function writeAndDie(path: string, round: number): Promise<Transcript> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "crash.child.ts"), path, String(round)], { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => { output += chunk.toString(); });
  while (!output.includes("\n")) await Promise.race([once(child.stdout, "data"), closed.then(() => assert.fail("the writers ended by themselves"))]);
  await systemClock.sleep(20 + Math.random() * 300, AbortSignal.timeout(10_000));
  child.kill("SIGKILL");
  await closed;
  const lines = output.split("\n").slice(0, -1).map((line) => line.split(" "));
  const keys = new Map<string, Said>();
  for (const [verb, key = "", value = ""] of lines) {
    if (verb === "try") keys.set(key, { acknowledged: keys.get(key)?.acknowledged, tried: value });
    if (verb === "ack") keys.set(key, { acknowledged: value, tried: undefined });
  }
  return { startedAt: Number(lines[0]?.[1]), newestAcknowledged: Math.max(0, ...lines.filter(([verb]) => verb === "ack").map((l) => Number(l[3]))), keys };
}

async function valuesOf(store: Store): Promise<ReadonlyMap<string, string>> {
  const { entries } = await store.list("/");
  return new Map(entries.map((e) => [e.key, new TextDecoder().decode(e.value).trimEnd()]));
}

/** A watch from the newest compaction on must tell each revision. */
async function everyRevisionIsThere(store: Store, newest: number): Promise<void> {
  if (newest === 0) return; // killed before it had written anything, on a machine that is very busy
  let position = Math.max(0, newest - 20);
  for await (const { changes } of store.watch("/", position, AbortSignal.timeout(10_000))) {
    for (const change of changes) assert.equal(change.type === "put" ? change.entry.modified : change.revision, ++position);
    if (position === newest) return;
  }
}
