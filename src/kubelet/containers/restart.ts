import { createHash } from "node:crypto";
import type { Container, Pod } from "#api/gen/core-v1.ts";
import { ruleFor } from "#api/restart-rules.ts";
import type { ContainerInstance } from "../runtime/pod-runtime.ts";

/** What makes a running container out of date: its name and image. Upstream: pkg/kubelet/container/helpers.go HashContainer */
export const hashOf = (container: Container): string =>
  createHash("sha256")
    .update(JSON.stringify([container.name, container.image ?? ""]))
    .digest("hex")
    .slice(0, 8);

/**
 * True when a container that is in this state should be made (again), by the rules of its own and its pod's
 * restart policy. Upstream: ShouldContainerBeRestarted, ContainerShouldRestart
 * @param role an init container that failed is tried again under OnFailure, too; under Always one that succeeded is not
 */
export function mayRestart(pod: Pod, container: Container, instance: ContainerInstance | undefined, role: "app" | "init" = "app"): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return false;
  if (instance === undefined || instance.state === "created" || instance.state === "unknown") return true;
  if (instance.state === "running") return false;
  if (ruleFor(container, instance.exitCode) !== undefined) return true; // for it alone, or for all (`restart-all.ts`)
  const policy = container.restartPolicy ?? pod.spec.restartPolicy ?? "Always";
  if (policy === "Never") return false;
  return instance.exitCode !== 0 || (policy === "Always" && role === "app");
}
