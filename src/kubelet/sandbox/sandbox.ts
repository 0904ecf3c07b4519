/** Makes and replaces a pod's sandbox. Upstream: pkg/kubelet/kuberuntime/kuberuntime_sandbox.go createPodSandbox */
import { mkdir } from "node:fs/promises";
import type { Pod } from "#api/gen/core-v1.ts";
import { messageOf } from "#base/error-message.ts";
import type { PodSandboxConfig, UserNamespace } from "#cri/gen/cri-v1.ts";
import { killPod, stopSandboxes } from "../containers/container-killer.ts";
import { dnsOmissions, lacksClusterDns, podDns } from "./dns.ts";
import { hostNameOf, kernelName, nameProblem, type PodHostName } from "./etc-hosts.ts";
import { about, formatPod, uidOf } from "../names.ts";
import { networkProblem } from "../node/node-conditions.ts";
import type { PodContext } from "../pods/pod-context.ts";
import type { PodRuntime } from "../runtime/pod-runtime.ts";
import { sandboxConfig } from "./sandbox-config.ts";
import type { SyncTask } from "../pods/sync-task.ts";
import { userNamespaceProblem } from "../containers/user-namespaces.ts";

/** Where containers are put. */
export interface Place {
  readonly id: string;
  readonly ips: readonly string[];
}

/** @param attempt the number of the sandbox among the pod's. Throws, after it has been told as an event, when this node cannot make such a one. */
export async function configOfSandbox(ctx: PodContext, pod: Pod, attempt: number): Promise<PodSandboxConfig> {
  const dns = await ctx.dns();
  const name = hostNameOf(pod, dns.clusterDomain, ctx.node.name);
  refuse(ctx, pod, name);
  const users = pod.spec.hostUsers === false ? await usersOf(ctx, pod) : undefined;
  return sandboxConfig(pod, {
    attempt,
    dns: podDns(pod, dns),
    hostname: kernelName(pod, name),
    logDirectory: ctx.paths.logs(pod),
    cgroupParent: ctx.cgroups.pathOf(pod),
    seccompDir: ctx.paths.seccomp,
    ...(users !== undefined && { users }),
  });
}

/** The users of a pod that does not share the host's. Upstream: GetOrCreateUserNamespaceMappings */
async function usersOf(ctx: PodContext, pod: Pod): Promise<UserNamespace> {
  try {
    const problem = userNamespaceProblem(await handlerOf(ctx, pod), ctx.node.features.userNamespaces);
    if (problem !== undefined) throw new Error(problem);
    return await ctx.userNamespaces.ensure(uidOf(pod));
  } catch (err) {
    throw told(ctx, pod, err);
  }
}

function refuse(ctx: PodContext, pod: Pod, name: PodHostName): void {
  const problem = nameProblem(pod, name);
  if (problem !== undefined) throw told(ctx, pod, new Error(problem));
}

/** Has what the pod claims prepared, which must be before its sandbox is made. Throws after it has been told as an event. */
export async function prepareClaims({ ctx: { claims, events }, pod, signal }: SyncTask): Promise<void> {
  try {
    await claims.prepare(pod, signal);
  } catch (err) {
    signal.throwIfAborted();
    events.event(about(pod), "Warning", "FailedPrepareDynamicResources", `Failed to prepare dynamic resources: ${messageOf(err)}`);
    throw err;
  }
}

/** Throws the runtime's error after it has been told as an event. */
export async function createSandbox({ ctx, pod, changed }: SyncTask, config: PodSandboxConfig): Promise<Place> {
  const dns = await ctx.dns();
  if (lacksClusterDns(pod, dns)) ctx.events.event(about(pod), "Warning", "MissingClusterDNS", missingDns(pod));
  for (const message of dnsOmissions(pod, dns)) ctx.events.event(about(pod), "Warning", "DNSConfigForming", message);
  try {
    await mkdir(ctx.paths.logs(pod), { recursive: true, mode: 0o755 });
    const runtimeHandler = await handlerOf(ctx, pod);
    const podSandboxId = await ctx.cache.owners.making(uidOf(pod), async () => (await ctx.runtime.runPodSandbox({ config, runtimeHandler })).podSandboxId ?? "");
    const runtime = await ctx.cache.sandboxMade(uidOf(pod), podSandboxId);
    changed();
    return { id: podSandboxId, ips: runtime.sandboxes.find((s) => s.id === podSandboxId)?.ips ?? [] };
  } catch (err) {
    ctx.cache.invalidate(uidOf(pod));
    const network = await networkOf(ctx, pod);
    if (network === undefined) throw told(ctx, pod, err);
    ctx.events.event(about(pod), "Warning", "NetworkNotReady", `network is not ready: ${network}`);
    throw new Error(`network is not ready: ${network}`, { cause: err });
  }
}

/** What the runtime's network lacks, where the pod needs one of its own: asked after a sandbox failed, as after a start of the runtime. Upstream: kubelet.go SyncPod */
async function networkOf({ runtime }: PodContext, { spec }: Pod): Promise<string | undefined> {
  if (spec.hostNetwork === true) return undefined;
  const status = await runtime.status({}).catch(() => undefined);
  return status === undefined ? undefined : networkProblem(status);
}

/** Returns the error, after it has become an event. */
function told(ctx: PodContext, pod: Pod, err: unknown): Error {
  ctx.events.event(about(pod), "Warning", "FailedCreatePodSandBox", `Failed to create pod sandbox: ${messageOf(err)}`);
  return err instanceof Error ? err : new Error(messageOf(err));
}

/** How the runtime calls the pod's runtime class; empty: its default. Upstream: pkg/kubelet/runtimeclass LookupRuntimeHandler */
async function handlerOf({ objects }: PodContext, { spec }: Pod): Promise<string> {
  return spec.runtimeClassName ? (await objects.runtimeClass(spec.runtimeClassName)).handler : "";
}

/** Stops all that a pod has, so that it can begin again in a new sandbox. */
export async function clearForNewSandbox({ ctx, pod, signal }: SyncTask, runtime: PodRuntime): Promise<void> {
  ctx.events.event(about(pod), "Normal", "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
  await killPod(ctx, pod, runtime, { signal });
  await stopSandboxes(ctx, runtime);
}

const missingDns = (pod: Pod): string =>
  `pod: "${formatPod(pod)}". kubelet does not have ClusterDNS IP configured and cannot create Pod using "${pod.spec.dnsPolicy ?? "ClusterFirst"}" policy. ` +
  'Falling back to "Default" policy.';
