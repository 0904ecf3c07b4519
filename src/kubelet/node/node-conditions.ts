/** The node's conditions in upstream's words. Upstream: pkg/kubelet/nodestatus/setters.go */
import type { NodeCondition } from "#api/gen/core-v1.ts";
import type { StatusResponse } from "#cri/gen/cri-v1.ts";
import type { PressureCondition } from "../eviction/signals.ts";

interface Verdict {
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

/** @param shutdown why the node goes down @param pressures what the node runs short of @param runtime undefined when it did not answer @param now RFC3339 */
export function nodeConditions(pressures: readonly PressureCondition[], runtime: StatusResponse | undefined, old: readonly NodeCondition[], now: string, shutdown?: string): NodeCondition[] {
  const verdicts: Record<string, Verdict> = {
    MemoryPressure: pressures.includes("MemoryPressure")
      ? { status: "True", reason: "KubeletHasInsufficientMemory", message: "kubelet has insufficient memory available" }
      : { status: "False", reason: "KubeletHasSufficientMemory", message: "kubelet has sufficient memory available" },
    DiskPressure: pressures.includes("DiskPressure")
      ? { status: "True", reason: "KubeletHasDiskPressure", message: "kubelet has disk pressure" }
      : { status: "False", reason: "KubeletHasNoDiskPressure", message: "kubelet has no disk pressure" },
    PIDPressure: pressures.includes("PIDPressure")
      ? { status: "True", reason: "KubeletHasInsufficientPID", message: "kubelet has insufficient PID available" }
      : { status: "False", reason: "KubeletHasSufficientPID", message: "kubelet has sufficient PID available" },
    Ready: ready(runtime, shutdown),
  };
  return Object.entries(verdicts).map(([type, verdict]) => conditionOf(type, verdict, old, now));
}

/** Whether the programs that run the containers are known to let them out. Ours alone; in the manner of node-problem-detector, where `True` is bad. */
export const runtimeCondition = (flaws: readonly string[], old: readonly NodeCondition[], now: string): NodeCondition =>
  conditionOf("VulnerableRuntime", flaws.length > 0
    ? { status: "True", reason: "KnownEscape", message: flaws.join("; ") }
    : { status: "False", reason: "NoKnownEscape", message: "no flaw is known of the versions of containerd and runc" }, old, now);

function conditionOf(type: string, verdict: Verdict, old: readonly NodeCondition[], now: string): NodeCondition {
  const before = old.find((c) => c.type === type);
  return {
    type,
    ...verdict,
    lastHeartbeatTime: now,
    lastTransitionTime: before?.status === verdict.status ? (before.lastTransitionTime ?? now) : now,
  };
}

/** The names of the events that tell of the conditions that have turned: `NodeHasDiskPressure`. */
export const turnsOf = (old: readonly NodeCondition[], next: readonly NodeCondition[]): string[] =>
  next.filter(({ type, status, reason = "" }) => reason.startsWith("Kubelet") && old.find((c) => c.type === type)?.status !== status).map(({ reason = "" }) => reason.replace(/^Kubelet/, "Node"));

function ready(runtime: StatusResponse | undefined, shutdown: string | undefined): Verdict {
  const ending = shutdown === undefined ? [] : [shutdown];
  if (runtime === undefined) return notReady(["container runtime is down", ...ending]);
  const wrong = [lacking(runtime, "RuntimeReady", "container runtime not ready"), networkProblem(runtime), ...ending].filter((why) => why !== undefined);
  return wrong.length === 0 ? { status: "True", reason: "KubeletReady", message: "kubelet is posting ready status" } : notReady(wrong);
}

/** Why pods cannot have a network now; undefined where they can. Upstream: pkg/kubelet/runtime.go networkErrors */
export const networkProblem = (runtime: StatusResponse): string | undefined => lacking(runtime, "NetworkReady", "container runtime network not ready");

function lacking({ status }: StatusResponse, type: string, words: string): string | undefined {
  const condition = status?.conditions?.find((c) => c.type === type);
  return condition?.status === true ? undefined : `${words}: ${type}=false reason:${condition?.reason ?? ""} message:${condition?.message ?? ""}`;
}

const notReady = (why: readonly string[]): Verdict => ({
  status: "False",
  reason: "KubeletNotReady",
  message: why.length === 1 ? (why[0] ?? "") : `[${why.join(", ")}]`,
});
