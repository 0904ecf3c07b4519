import { messageOf } from "#base/error-message.ts";
import type { Logger } from "#base/log.ts";
import { cpuShares } from "./resources.ts";
import type { PodCgroups } from "./cgroups.ts";
import { podsLimit } from "./node-allocatable.ts";
import type { Resources } from "../node/node-info.ts";
import type { KubeletSettings } from "../settings/settings.ts";

export interface EnforceDeps {
  readonly cgroups: PodCgroups;
  readonly resources: Resources;
  readonly settings: KubeletSettings;
  /** An event about the node. */
  readonly say: (type: "Normal" | "Warning", reason: string, message: string) => void;
  readonly log: Logger;
}

/** Bounds all pods together to the node less what is reserved, where that is asked for. A kernel that refuses is told of, and the pods run unbounded. Upstream: cm/node_container_manager_linux.go enforceNodeAllocatableCgroups */
export async function enforceAllocatable({ cgroups, resources, settings, say, log }: EnforceDeps): Promise<void> {
  if (!settings.enforceNodeAllocatable.includes("pods")) return;
  const { memory, milliCpu } = podsLimit(resources.capacity, settings);
  try {
    await cgroups.limitAll({ memory, shares: cpuShares(milliCpu), quota: 0, pids: 0 });
    say("Normal", "NodeAllocatableEnforced", "Updated Node Allocatable limit across pods");
  } catch (err) {
    log.warn({ err: messageOf(err) }, "pods together are not bounded");
    say("Warning", "FailedNodeAllocatableEnforcement", `Failed to update Node Allocatable Limits: ${messageOf(err)}`);
  }
}
