import type { OptionalKind } from "#api/optional-kinds.ts";

/** What an administrator may say about the API server; what is left out is as upstream has it. */
export interface ApiServerSettings {
  /** How long a pod that says nothing of it stays on a node that is not ready. Upstream: --default-not-ready-toleration-seconds */
  readonly notReadySeconds?: number;
  /** The same for a node that does not answer. Upstream: --default-unreachable-toleration-seconds */
  readonly unreachableSeconds?: number;
  /** No token of a service account is asked for that lives longer; 0 for no limit. Upstream: --service-account-max-token-expiration */
  readonly maxTokenMs?: number;
  /** Whether the tokens of pods live a year, for clients that do not read them again. Upstream: --service-account-extend-token-expiration */
  readonly extendTokens?: boolean;
  /** Upstream: --event-ttl */
  readonly eventTtlMs?: number;
  /** How often nodes are asked what they use. Upstream: metrics-server --metric-resolution */
  readonly metricsEveryMs?: number;
  /** What is served beside that which always is. Upstream: --runtime-config, and the feature gates of these kinds */
  readonly optional?: readonly OptionalKind[];
}
