/** What this node's runtime and kernel can do for pods, asked once when the kubelet begins. Upstream: kubelet_node_status.go updateRuntimeHandlers, pkg/security/apparmor */
import { readFile } from "node:fs/promises";
import type { Runtime } from "#cri/runtime.ts";

export interface NodeFeatures {
  readonly appArmor: boolean;
  /** The runtime obeys `supplementalGroupsPolicy`. */
  readonly supplementalGroupsPolicy: boolean;
  /** The runtime's default handler makes mounts read-only with all that is mounted beneath them. */
  readonly recursiveReadOnly: boolean;
  /** Whether the runtime's handlers can give a pod users of its own, by the handler's name. */
  readonly userNamespaces: ReadonlyMap<string, boolean>;
}

/** A runtime that says nothing of a feature, as all before containerd 2, does not have it. */
export async function nodeFeatures(runtime: Runtime): Promise<NodeFeatures> {
  const [state, appArmor] = await Promise.all([
    runtime.status({}).catch(() => undefined),
    readFile("/sys/module/apparmor/parameters/enabled", "utf8").catch(() => "N"),
  ]);
  const handlers = new Map((state?.runtimeHandlers ?? []).map(({ name = "", features }) => [name, features]));
  return {
    appArmor: appArmor.startsWith("Y"),
    supplementalGroupsPolicy: state?.features?.supplementalGroupsPolicy === true,
    recursiveReadOnly: handlers.get("")?.recursiveReadOnlyMounts === true,
    userNamespaces: new Map([...handlers].map(([name, features]) => [name, features?.userNamespaces === true])),
  };
}
