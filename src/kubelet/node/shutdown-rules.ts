/** Who ends when, and how fast, when the node itself goes down. Upstream: pkg/kubelet/nodeshutdown/nodeshutdown_manager.go */
import { parseDuration } from "#apimachinery/go-duration.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import type { KubeletSettings } from "../settings/settings.ts";
import { criticalPriority } from "../resources/resources.ts";

type ShutdownSettings = Pick<KubeletSettings, "shutdownGracePeriod" | "shutdownGracePeriodCriticalPods" | "shutdownGracePeriodByPodPriority">;

/** Pods of at least this priority, and how long they have together. */
export interface ShutdownGroup { readonly priority: number; readonly seconds: number }

/** The least important first; empty where nobody has asked for an orderly end. */
export function shutdownGroups({ shutdownGracePeriod, shutdownGracePeriodCriticalPods, shutdownGracePeriodByPodPriority: periods }: ShutdownSettings): ShutdownGroup[] {
  if (periods.length > 0) return periods.map((p) => ({ priority: p.priority, seconds: p.shutdownGracePeriodSeconds })).sort((a, b) => a.priority - b.priority);
  const [all, critical] = [shutdownGracePeriod, shutdownGracePeriodCriticalPods].map((text) => Math.trunc((parseDuration(text) ?? 0) / 1_000));
  if (all === undefined || critical === undefined || all === 0) return [];
  return [{ priority: 0, seconds: all - critical }, { priority: criticalPriority, seconds: critical }];
}

/** How long a shutdown of the node takes at the most. */
export const shutdownSeconds = (settings: ShutdownSettings): number => shutdownGroups(settings).reduce((sum, { seconds }) => sum + seconds, 0);

/** Each pod in the highest group that it reaches, or in the lowest; groups without pods are left out. */
export function podsByGroup(pods: readonly Pod[], groups: readonly ShutdownGroup[]): { readonly seconds: number; readonly pods: readonly Pod[] }[] {
  const groupOf = ({ spec: { priority = 0 } }: Pod): ShutdownGroup | undefined => groups.findLast((group) => group.priority <= priority) ?? groups[0];
  return groups.map((group) => ({ seconds: group.seconds, pods: pods.filter((pod) => groupOf(pod) === group) })).filter((group) => group.pods.length > 0);
}

/** What one pod gets of its group's time. */
export const shutdownGrace = ({ spec: { terminationGracePeriodSeconds: own } }: Pod, seconds: number): number => Math.min(own ?? seconds, seconds);
