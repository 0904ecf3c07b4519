/** What each part is told of the settings; what nobody has chosen it has from itself. */
import type { OptionalKind } from "#api/optional-kinds.ts";
import type { ApiServerSettings } from "#apiserver/settings.ts";
import type { LeaderElectionTimes } from "#client/leader-election.ts";
import type { ControllerSettings } from "#controllers/settings.ts";
import type { FlagName, Tuning } from "./flags.ts";
import { kindsAskedFor } from "./runtime-config.ts";

export const controllerSettings = (tuning: Tuning): ControllerSettings => ({
  nodes: pick(tuning, {
    monitorMs: "node-monitor-period", graceMs: "node-monitor-grace-period", startupGraceMs: "node-startup-grace-period",
    normal: "node-eviction-rate", secondary: "secondary-node-eviction-rate", unhealthy: "unhealthy-zone-threshold", large: "large-cluster-size-threshold",
  }),
  autoscaling: pick(tuning, {
    periodMs: "horizontal-pod-autoscaler-sync-period", downWindowMs: "horizontal-pod-autoscaler-downscale-stabilization", tolerance: "horizontal-pod-autoscaler-tolerance",
    cpuInitializationMs: "horizontal-pod-autoscaler-cpu-initialization-period", initialReadinessMs: "horizontal-pod-autoscaler-initial-readiness-delay",
  }),
  ...optional(tuning),
  ...pick(tuning, { terminatedPods: "terminated-pod-gc-threshold", quotaResyncMs: "resource-quota-sync-period", signingMs: "cluster-signing-duration", unusedTokenMs: "legacy-service-account-token-clean-up-period" }),
});

export const apiServerSettings = (tuning: Tuning): ApiServerSettings => ({
  ...pick(tuning, {
    notReadySeconds: "default-not-ready-toleration-seconds", unreachableSeconds: "default-unreachable-toleration-seconds",
    metricsEveryMs: "metric-resolution", eventTtlMs: "event-ttl", maxTokenMs: "service-account-max-token-expiration",
  }),
  ...optional(tuning),
  ...(tuning["service-account-extend-token-expiration"] !== undefined && { extendTokens: tuning["service-account-extend-token-expiration"] === 1 }),
});

export const electionTimes = (tuning: Tuning): Partial<LeaderElectionTimes> =>
  pick(tuning, { leaseMs: "leader-elect-lease-duration", renewDeadlineMs: "leader-elect-renew-deadline", retryMs: "leader-elect-retry-period" });

const optional = ({ "runtime-config": bits }: Tuning): { readonly optional?: readonly OptionalKind[] } => (bits === undefined ? {} : { optional: kindsAskedFor(bits) });

/** The settings under a part's own names for them. */
const pick = <K extends string>(tuning: Tuning, names: Readonly<Record<K, FlagName>>): Partial<Record<K, number>> =>
  Object.fromEntries((Object.entries(names) as [K, FlagName][]).flatMap(([own, flag]) => (tuning[flag] === undefined ? [] : [[own, tuning[flag]]]))) as Partial<Record<K, number>>;
