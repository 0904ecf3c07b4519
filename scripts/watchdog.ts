import { readFileSync } from "node:fs";
import { systemClock } from "#base/clock.ts";

/**
 * Until `signal` aborts: kills each child of `runner` that is older than `limitMs`, with what it started. A test file that
 * hangs fails by its name so, where it would hold up all others for ever.
 */
export async function killOldChildren(runner: number, limitMs: number, tell: (line: string) => void, signal: AbortSignal): Promise<void> {
  const since = new Map<number, number>();
  while (!signal.aborted) {
    await systemClock.sleep(limitMs / 100, signal).catch(() => {});
    for (const child of childrenOf(runner)) {
      const first = since.get(child) ?? performance.now();
      since.set(child, first);
      if (performance.now() - first < limitMs) continue;
      tell(`killed, for it did not end: ${lastWordOf(child)}`);
      for (const pid of [...descendantsOf(child), child]) kill(pid);
    }
  }
}

const descendantsOf = (pid: number): number[] => childrenOf(pid).flatMap((child) => [...descendantsOf(child), child]);
const childrenOf = (pid: number): number[] => readProc(`${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number);
const lastWordOf = (pid: number): string => readProc(`${pid}/cmdline`).split("\0").findLast(Boolean) ?? String(pid);

function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, "utf8");
  } catch {
    return ""; // it has ended
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch { /* it has ended */ }
}
