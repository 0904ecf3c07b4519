import { untilAborted } from "#base/component.ts";
import { stopped } from "./signals.ts";
import { down } from "./down.ts";
import type { InstancePaths } from "./instance.ts";
import { say } from "./output.ts";
import { logFile } from "./processes.ts";
import { spawn } from "node:child_process";

/** Shows both logs until SIGINT or SIGTERM, then stops the instance. */
export async function stay(paths: InstancePaths): Promise<void> {
  const signal = stopped();
  say("Ctrl-C stops the cluster.");
  const tail = spawn("tail", ["-q", "-n", "0", "-F", logFile(paths, "server"), logFile(paths, "agent")], { stdio: ["ignore", "inherit", "ignore"], detached: true });
  await untilAborted(signal);
  tail.kill();
  await down(paths, { purge: false, graceSeconds: 3 });
}
