/** postStart and preStop hooks. Upstream: pkg/kubelet/lifecycle/handlers.go */
import type { Container, HTTPGetAction, LifecycleHandler, Pod } from "#api/gen/core-v1.ts";
import { quote } from "#apimachinery/quote.ts";
import type { Clock } from "#base/clock.ts";
import { messageOf } from "#base/error-message.ts";
import type { EventRecorder } from "#client/events.ts";
import type { Runtime } from "#cri/runtime.ts";
import { about, formatPod } from "../names.ts";
import { gaveHttp, httpGet, urlOf } from "../probes/http-get.ts";

export interface HookTarget {
  readonly pod: Pod;
  readonly container: Container;
  readonly containerId: string;
  readonly podIp: string;
}

interface HookContext {
  readonly runtime: Pick<Runtime, "execSync">;
  readonly clock: Clock;
  readonly events: Pick<EventRecorder, "event">;
}

/** Hooks that nothing else bounds end after this. */
const longestMs = 24 * 3_600_000;

/** Runs a hook to its end. Throws when it fails, in upstream's words; they may hold what the container printed, so they are for no event. */
export async function runHook(handler: LifecycleHandler, target: HookTarget, ctx: HookContext, signal: AbortSignal): Promise<void> {
  if (handler.exec !== undefined) return execHook(handler.exec.command ?? [], target, ctx, signal);
  if (handler.httpGet !== undefined) return httpHook(handler.httpGet, target, ctx, signal);
  if (handler.sleep !== undefined) return ctx.clock.sleep(handler.sleep.seconds * 1_000, signal);
  throw new Error("Cannot run handler: invalid handler: no action is set");
}

async function execHook(command: readonly string[], target: HookTarget, { runtime }: HookContext, signal: AbortSignal): Promise<void> {
  const failed = (error: string, output: string): string => `Exec lifecycle hook ([${command.join(" ")}]) ${failedOf(target)} - error: ${error}, message: ${quote(output)}`;
  const answer = await runtime.execSync({ containerId: target.containerId, cmd: [...command], timeout: "0" }, { signal })
    .catch((cause: unknown) => { throw new Error(failed(messageOf(cause), ""), { cause }); });
  const { exitCode = 0 } = answer;
  const [stdout, stderr] = [answer.stdout, answer.stderr].map((bytes) => Buffer.from(bytes ?? []).toString("utf8"));
  if (exitCode !== 0) throw new Error(failed(`command '${command.join(" ")}' exited with ${exitCode}: ${stderr}`, `${stdout}${stderr}`));
}

/** Whatever is answered is well, also with an error's status: only what does not answer fails. */
async function httpHook(action: HTTPGetAction, target: HookTarget, { events }: HookContext, signal: AbortSignal): Promise<void> {
  try {
    const url = urlOf(action, target.container, target.podIp);
    try {
      await httpGet(url, action, { purpose: "lifecycle", timeoutMs: longestMs, signal });
    } catch (err) {
      if (!gaveHttp(err)) throw err;
      await httpGet(new URL(url.href.replace(/^https:/, "http:")), anonymous(action), { purpose: "lifecycle", timeoutMs: longestMs, signal });
      events.event(about(target.pod), "Warning", "LifecycleHTTPFallback", `request to HTTPS lifecycle hook ${url.host} got HTTP response, retry with HTTP succeeded`);
    }
  } catch (cause) {
    throw new Error(`HTTP lifecycle hook (${action.path ?? ""}) ${failedOf(target)} - error: ${messageOf(cause)}`, { cause });
  }
}

/** What was meant for an encrypted connection is not sent over an open one. */
const anonymous = (action: HTTPGetAction): HTTPGetAction => ({ ...action, httpHeaders: (action.httpHeaders ?? []).filter(({ name }) => name.toLowerCase() !== "authorization") });

const failedOf = ({ pod, container }: HookTarget): string => `for Container ${quote(container.name)} in Pod ${quote(formatPod(pod))} failed`;
