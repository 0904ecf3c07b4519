/** What this node's runtime and kernel can do for pods, asked once when the kubelet begins. Upstream: pkg/kubelet/kubelet_node_status.go updateRuntimeHandlers, pkg/security/apparmor */
import { readFile } from "node:fs/promises";
import type { VersionResponse } from "#cri/gen/cri-v1.ts";
import type { Runtime } from "#cri/runtime.ts";

export interface NodeFeatures {
  readonly appArmor: boolean;
  /** The runtime obeys `supplementalGroupsPolicy`. */
  readonly supplementalGroupsPolicy: boolean;
  /** The runtime's default handler makes mounts read-only with all that is mounted beneath them. */
  readonly recursiveReadOnly: boolean;
  /** Containers can be given an image as a mount; and a part of one. */
  readonly imageMounts: boolean;
  readonly imageSubPaths: boolean;
  /** The runtime injects CDI devices into containers itself. */
  readonly cdi: boolean;
  /** Whether the runtime's handlers can give a pod users of its own, by the handler's name. */
  readonly userNamespaces: ReadonlyMap<string, boolean>;
}

/** What this kubelet can do that an older one could not, as the Node says (`#api/declared-features.ts`). Sorted. Upstream: pkg/kubelet/kubelet_node_declared_features.go */
export const declaredFeatures: readonly string[] = ["InPlacePodLevelResourcesVerticalScaling", "InPlacePodVerticalScalingInitContainers", "RestartAllContainersOnContainerExits"];

/** A runtime that says nothing of a feature, as all before containerd 2, does not have it. */
export async function nodeFeatures(runtime: Runtime): Promise<NodeFeatures> {
  const [state, version, appArmor] = await Promise.all([
    runtime.status({ verbose: true }).catch(() => undefined),
    runtime.version({}).catch(() => undefined),
    readFile("/sys/module/apparmor/parameters/enabled", "utf8").catch(() => "N"),
  ]);
  const handlers = new Map((state?.runtimeHandlers ?? []).map(({ name = "", features }) => [name, features]));
  return {
    appArmor: appArmor.startsWith("Y"),
    supplementalGroupsPolicy: state?.features?.supplementalGroupsPolicy === true,
    recursiveReadOnly: handlers.get("")?.recursiveReadOnlyMounts === true,
    imageMounts: isSince(version, 2, 1),
    imageSubPaths: isSince(version, 2, 2),
    cdi: injectsCdi(state?.info ?? {}, version),
    userNamespaces: new Map([...handlers].map(([name, features]) => [name, features?.userNamespaces === true])),
  };
}

/** CRI says nothing of CDI, but containerd tells its settings: 1.7, which knows it first, has it off by default, and the newest have no switch any more. Others have had it for long. */
export function injectsCdi({ config = "" }: Readonly<Record<string, string>>, version: VersionResponse = {}): boolean {
  const said = /"enableCDI":\s*(true|false)/.exec(config)?.[1];
  return said === undefined || version.runtimeName !== "containerd" ? isSince(version, 2, 0) : said === "true";
}

/** CRI says nothing of what mounts it takes, and containerd passes over those that it does not know: its version must tell. Others have had them for long. */
export function isSince({ runtimeName = "", runtimeVersion = "" }: VersionResponse = {}, major: number, minor: number): boolean {
  if (runtimeName !== "containerd") return runtimeName !== "";
  const [, had = "0", hadMinor = "0"] = /^v?(\d+)\.(\d+)/.exec(runtimeVersion) ?? [];
  return Number(had) > major || (Number(had) === major && Number(hadMinor) >= minor);
}
