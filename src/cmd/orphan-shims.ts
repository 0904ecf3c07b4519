/**
 * Shims that nobody knows any more. A containerd that is killed while it makes a sandbox leaves the shim behind that it
 * had just started: the next one forgets the sandbox's record and never the process (seen with 1.6).
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "#base/clock.ts";
import { loop, type Component } from "#base/component.ts";
import { readPidFile } from "#base/daemon.ts";
import { tryExec } from "#base/exec.ts";
import type { Logger } from "#base/log.ts";
import type { InstancePaths } from "./instance.ts";
import { killShim, mountsBelow, shimsOf, unmountBelow, type Shim } from "./leftovers.ts";
import { requireProgram } from "./requirements.ts";

const namespace = "k8s.io";
const lookMs = 10_000;
/** How often it looks after a containerd has started: later none can come. */
const looks = 12;

/** Takes them away, for two minutes after each start of a containerd. */
export function orphanShims(paths: InstancePaths, clock: Clock, log: Logger): Component {
  let [started, left, suspects]: [string | undefined, number, readonly Shim[]] = [undefined, 0, []];
  const run = (signal: AbortSignal): Promise<void> => loop(signal, async () => {
    await clock.sleep(lookMs, signal);
    const now = JSON.stringify(readPidFile(paths.containerdPid));
    if (now !== started) [started, left, suspects] = [now, looks, []];
    if (left === 0) return;
    left--;
    const unknown = await unknownShims(paths);
    for (const shim of confirmed(suspects, unknown)) {
      log.warn({ shim: shim.id, pid: shim.process.pid }, "a shim that containerd has no record of is ended");
      await end(paths, shim);
    }
    suspects = unknown;
  });
  return { name: "orphan-shims", run };
}

/** Those that were unknown at the look before already: the very same processes. */
export const confirmed = (before: readonly Shim[], now: readonly Shim[]): Shim[] =>
  now.filter(({ id, process }) => before.some((other) => other.id === id && other.process.pid === process.pid && other.process.started === process.started));

/** A container has its record before it has a shim, and until after. Nobody is unknown where containerd does not answer. */
async function unknownShims({ containerdSocket }: InstancePaths): Promise<readonly Shim[]> {
  const shims = shimsOf(containerdSocket).filter((shim) => shim.namespace === namespace);
  if (shims.length === 0) return [];
  const { code, stdout } = await tryExec(requireProgram("ctr"), ["--address", containerdSocket, "--namespace", namespace, "containers", "list", "--quiet"]);
  if (code !== 0) return [];
  const known = new Set(stdout.split("\n").map((line) => line.trim()));
  return shims.filter(({ id }) => id !== "" && !known.has(id));
}

/** The process that it began, the shim itself, and its directories. */
async function end({ containerdDir, containerdSocket }: InstancePaths, shim: Shim): Promise<void> {
  await tryExec(requireProgram("runc"), ["--root", join(containerdDir, "runc", namespace), "delete", "--force", shim.id]);
  killShim(containerdSocket, shim);
  const bundle = join(containerdDir, "state/io.containerd.runtime.v2.task", namespace, shim.id);
  await unmountBelow(bundle);
  if (mountsBelow(bundle).length === 0) rmSync(bundle, { recursive: true, force: true });
}
