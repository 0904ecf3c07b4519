import { existsSync } from "node:fs";
import { systemClock } from "#base/clock.ts";
import { newLogger, silent } from "#base/log.ts";
import { removeTree, remains, stopInstance } from "./cleanup.ts";
import type { InstancePaths } from "./instance.ts";
import { coloured, say } from "./output.ts";
import { requireRoot } from "./requirements.ts";
import { UserError } from "./user-error.ts";

export interface DownOptions { readonly purge: boolean; readonly graceSeconds: number }

/** Stops an instance, wherever it was left, and purges its data when asked to. Throws `UserError` when something cannot be removed. */
export async function down(paths: InstancePaths, options: DownOptions): Promise<void> {
  requireRoot("down");
  const known = existsSync(paths.dataDir);
  if (!known && remains(paths).length === 0) {
    say(`There is no instance in ${paths.dataDir}; nothing to stop.`);
    return;
  }
  const log = process.env["SEEDPOD_DEBUG"] === undefined ? silent : newLogger("down");
  const left = await stopInstance(paths, systemClock, log, { graceSeconds: options.graceSeconds, progress: (step) => say(`  ${step} …`) }, new AbortController().signal);
  if (left.length > 0) throw new UserError(`Stopped, but this could not be removed: ${left.join(", ")}. Run "seedpod down" again.`);
  if (options.purge && known) purge(paths);
  say(`${coloured("green", "✓", process.stderr)} stopped${options.purge ? `; ${paths.dataDir} is removed` : `; its data stay in ${paths.dataDir}`}`);
}

/** Only what an instance has made is deleted: never a directory that just happened to be named. */
function purge(paths: InstancePaths): void {
  const ours = [paths.settingsFile, paths.pkiDir, paths.storeFile, paths.agentDir].some((path) => existsSync(path));
  if (!ours) throw new UserError(`${paths.dataDir} does not look like an instance's data directory; it is left as it is.`);
  removeTree(paths.dataDir);
}
