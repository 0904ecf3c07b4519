/**
 * What of the control plane may be set otherwise, under the names of upstream's flags (kube-controller-manager,
 * kube-apiserver, metrics-server), with upstream's defaults.
 */
import { optionalKinds, optionalVersion, runtimeConfigKey } from "#api/optional-kinds.ts";
import { parseDuration } from "#apimachinery/go-duration.ts";
import { UserError } from "../user-error.ts";
import { readRuntimeConfig, runtimeConfigKeys } from "./runtime-config.ts";

interface Flag {
  /** As it stands in the help. */
  readonly value: string;
  readonly standard: string;
  readonly help: string;
  /** What a value must be, in words. */
  readonly words: string;
  /** Durations in ms. Undefined for what cannot be meant. */
  read(text: string): number | undefined;
}

const within = (least: number, most: number) => (value: number | undefined): number | undefined => (value === undefined || value < least || value > most ? undefined : value);
const isNumber = (text: string): boolean => /^\d+(\.\d+)?$/.test(text);
const hourMs = 3_600_000;
/** Upstream: pkg/kubeapiserver/options BuiltInAuthenticationOptions.Validate */
const longestTokenMs = 2 ** 32 * 1000;
const yearsMs = 100 * 365 * 86_400_000;

const duration = (standard: string, help: string, least = "1s"): Flag =>
  ({ value: "duration", standard, help, words: `a duration of at least ${least}, such as 90s or 5m`, read: (text) => within(parseDuration(least) ?? 0, yearsMs)(parseDuration(text)) });
const count = (standard: string, help: string): Flag =>
  ({ value: "count", standard, help, words: "a whole number from 0", read: (text) => (/^\d{1,9}$/.test(text) ? Number(text) : undefined) });
const share = (standard: string, help: string): Flag =>
  ({ value: "share", standard, help, words: "a number from 0 to 1", read: (text) => within(0, 1)(isNumber(text) ? Number(text) : undefined) });
const rate = (standard: string, help: string): Flag =>
  ({ value: "rate", standard, help, words: "a number from 0 to 1000", read: (text) => within(0, 1000)(isNumber(text) ? Number(text) : undefined) });

export type FlagName =
  | "node-monitor-period" | "node-monitor-grace-period" | "node-startup-grace-period" | "node-eviction-rate" | "secondary-node-eviction-rate"
  | "unhealthy-zone-threshold" | "large-cluster-size-threshold" | "default-not-ready-toleration-seconds" | "default-unreachable-toleration-seconds"
  | "terminated-pod-gc-threshold" | "horizontal-pod-autoscaler-sync-period" | "horizontal-pod-autoscaler-downscale-stabilization"
  | "horizontal-pod-autoscaler-tolerance" | "horizontal-pod-autoscaler-cpu-initialization-period"
  | "horizontal-pod-autoscaler-initial-readiness-delay" | "metric-resolution" | "resource-quota-sync-period" | "cluster-signing-duration"
  | "legacy-service-account-token-clean-up-period" | "service-account-max-token-expiration" | "service-account-extend-token-expiration"
  | "event-ttl" | "runtime-config" | "leader-elect-lease-duration" | "leader-elect-renew-deadline" | "leader-elect-retry-period";

export const flags: Readonly<Record<FlagName, Flag>> = {
  "node-monitor-period": duration("5s", "how often each node is looked at"),
  "node-monitor-grace-period": duration("50s", "a node that is silent for so long is not ready; its kubelet gives a sign every 10s"),
  "node-startup-grace-period": duration("1m0s", "the same for a node that never gave one"),
  "node-eviction-rate": rate("0.1", "so many nodes a second lose their pods in a zone, while most of it answers"),
  "secondary-node-eviction-rate": rate("0.01", "the same in a large zone of which most does not"),
  "unhealthy-zone-threshold": share("0.55", "the share of a zone's nodes, at least three, whose silence makes it one of which most does not"),
  "large-cluster-size-threshold": count("50", "a zone of more nodes is large; in a smaller one of which most does not answer, pods stay"),
  "default-not-ready-toleration-seconds": count("300", "so long a new pod stays on a node that is not ready, unless it says otherwise"),
  "default-unreachable-toleration-seconds": count("300", "the same on one that does not answer"),
  "terminated-pod-gc-threshold": count("12500", "so many pods that have ended are kept; 0 keeps them all"),
  "horizontal-pod-autoscaler-sync-period": duration("15s", "how often each autoscaler looks"),
  "horizontal-pod-autoscaler-downscale-stabilization": duration("5m0s", "how long an autoscaler waits before it has fewer pods, unless it says otherwise", "0s"),
  "horizontal-pod-autoscaler-tolerance": share("0.1", "by so much a metric may be off before anything is done, unless the autoscaler says otherwise"),
  "horizontal-pod-autoscaler-cpu-initialization-period": duration("5m0s", "for so long after a pod's start its CPU counts only while it is ready", "0s"),
  "horizontal-pod-autoscaler-initial-readiness-delay": duration("30s", "a pod that is not ready, and was not later than this after its start, has never been", "0s"),
  "metric-resolution": duration("15s", "how often nodes are asked what they use (kubectl top, autoscalers)", "10s"),
  "resource-quota-sync-period": duration("5m0s", "how often all that quotas count is counted again"),
  "cluster-signing-duration": duration("8760h0m0s", "how long signed certificates are valid, at most", "10m"),
  "legacy-service-account-token-clean-up-period": duration("8760h0m0s", "a token in a Secret that nobody has used for so long goes"),
  "service-account-max-token-expiration": { value: "duration", standard: "0s", help: "tokens of service accounts live no longer; 0s is no limit", words: "a duration of at least 1h, or 0s for no limit", read: (text) => (parseDuration(text) === 0 ? 0 : within(hourMs, longestTokenMs)(parseDuration(text))) },
  "service-account-extend-token-expiration": { value: "yes or no", standard: "true", help: "whether tokens of pods live a year, for clients that do not read them again each hour", words: "true or false", read: (text) => (text === "true" ? 1 : text === "false" ? 0 : undefined) },
  "event-ttl": duration("1h0m0s", "how long Events are kept", "1m"),
  "runtime-config": {
    value: "key=true,…", standard: `${optionalVersion}=false`, words: `a list such as ${runtimeConfigKey("clustertrustbundles")}=true, of the keys ${runtimeConfigKeys.join(", ")}`, read: readRuntimeConfig,
    help: `what is served beside all that always is: ${optionalKinds.map(runtimeConfigKey).join(", ")}; no feature gate is needed beside it`,
  },
  "leader-elect-lease-duration": duration("15s", "of several servers, another leads when the one that does has been silent for so long"),
  "leader-elect-renew-deadline": duration("10s", "a leader that cannot say that it lives for so long ends"),
  "leader-elect-retry-period": duration("2s", "how often leaders say so, and others look"),
};

/** What somebody has chosen, as it was written. */
export type Chosen = Readonly<Partial<Record<FlagName, string>>>;
/** What is set, as numbers; durations in ms. */
export type Tuning = Readonly<Partial<Record<FlagName, number>>>;

export const flagNames: readonly FlagName[] = Object.keys(flags) as FlagName[];

/** Upstream: client-go/tools/leaderelection JitterFactor */
const jitter = 1.2;

/** The numbers. Throws `UserError` for what cannot be meant, alone or together. */
export function tuningOf(chosen: Chosen): Tuning {
  const tuning = Object.fromEntries(Object.entries(chosen).map(([name, text]) => [name, numberOf(name as FlagName, text)])) as Tuning;
  const of = (name: FlagName): number => tuning[name] ?? numberOf(name, flags[name].standard);
  if (of("leader-elect-lease-duration") <= of("leader-elect-renew-deadline")) throw new UserError("--leader-elect-lease-duration must be longer than --leader-elect-renew-deadline: a leader ends before another begins.", 2);
  if (of("leader-elect-renew-deadline") <= jitter * of("leader-elect-retry-period")) throw new UserError(`--leader-elect-renew-deadline must be longer than ${jitter} times --leader-elect-retry-period.`, 2);
  return tuning;
}

function numberOf(name: FlagName, text: string): number {
  const flag: Flag | undefined = flags[name];
  if (flag === undefined) throw new UserError(`The control plane knows no setting "${name}".`, 2);
  const value = flag.read(text);
  if (value === undefined) throw new UserError(`--${name} must be ${flag.words}, not "${text}".`, 2);
  return value;
}
