/** postStart and preStop hooks. Upstream: pkg/kubelet/lifecycle/handlers.go */
import type { Container, LifecycleHandler } from "#api/gen/core-v1.ts";
import type { Clock } from "#base/clock.ts";
import type { Runtime } from "#cri/runtime.ts";
import { httpGet, urlOf } from "./probes/http-get.ts";

export interface HookTarget {
  readonly container: Container;
  readonly containerId: string;
  readonly podIp: string;
}

/** Hooks that nothing else bounds end after this. */
const longestMs = 24 * 3_600_000;

/** Runs a hook to its end. Throws when it fails; the message may hold what the container printed, so it is for the log only. */
export async function runHook(handler: LifecycleHandler, target: HookTarget, runtime: Runtime, clock: Clock, signal: AbortSignal): Promise<void> {
  if (handler.exec !== undefined) {
    const {
      exitCode = 0,
      stdout,
      stderr,
    } = await runtime.execSync({ containerId: target.containerId, cmd: handler.exec.command ?? [], timeout: "0" }, { signal });
    if (exitCode !== 0)
      throw new Error(
        `command '${(handler.exec.command ?? []).join(" ")}' exited with ${exitCode}: ${Buffer.concat([stdout ?? new Uint8Array(), stderr ?? new Uint8Array()]).toString("utf8")}`,
      );
  } else if (handler.httpGet !== undefined) {
    const { status } = await httpGet(urlOf(handler.httpGet, target.container, target.podIp), handler.httpGet, longestMs, signal);
    if (status < 200 || status >= 400) throw new Error(`HTTP lifecycle hook failed with statuscode: ${status}`);
  } else if (handler.sleep !== undefined) await clock.sleep(handler.sleep.seconds * 1_000, signal);
  else throw new Error("invalid handler: no action is set");
}
