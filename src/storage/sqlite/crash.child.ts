/**
 * Run by `crash.test.ts` to be killed: eight writers, each on its own keys, that say on standard output what they are
 * about to do (`try`) and what was acknowledged (`ack`).
 */
import { writeSync } from "node:fs";
import { openSqliteStore } from "./store.ts";

const [path = "", round = "0"] = process.argv.slice(2);
const writers = 8;
const keysPerWriter = 10;

const store = await openSqliteStore({ path });
const say = (...words: readonly (string | number)[]): void => {
  const line = Buffer.from(`${words.join(" ")}\n`);
  for (let at = 0; at < line.length;) at += written(line.subarray(at));
};
say("ready", await store.revision());
await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));

/** How much of it, nothing while nobody reads: the pipe is full on a machine that is very busy. */
function written(bytes: Uint8Array): number {
  try {
    return writeSync(1, bytes);
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === "EAGAIN") return 0;
    throw err;
  }
}

async function write(writer: number): Promise<never> {
  for (let i = 0; ; i++) {
    const key = `/k/${writer}/${i % keysPerWriter}`;
    const standing = (await store.get(key)).entry?.modified ?? 0;
    const value = standing !== 0 && i % 7 === 0 ? undefined : `${round}.${i}`;
    say("try", key, value ?? "-");
    const result = value === undefined ? await store.delete(key, standing) : await store.put(key, new TextEncoder().encode(value.padEnd(1_500)), standing);
    if (!result.ok) throw new Error(`${key}: lost a race that nobody else runs in`);
    say("ack", key, value ?? "-", result.revision);
    if (i % 100 === 99 && writer === 0) await store.compact(result.revision - 50);
  }
}
