import type { OptionalKind } from "#api/optional-kinds.ts";
import type { AutoscalerSettings } from "./horizontal-pod-autoscaler/settings.ts";
import type { NodeSettings } from "./node-lifecycle/settings.ts";

/** What an administrator may say about the controllers; what is left out is as upstream has it. Upstream: cmd/kube-controller-manager/app/options */
export interface ControllerSettings {
  readonly nodes?: Partial<NodeSettings>;
  readonly autoscaling?: Partial<AutoscalerSettings>;
  /** So many pods that have ended are kept; 0 keeps them all. Upstream: --terminated-pod-gc-threshold */
  readonly terminatedPods?: number;
  /** Everything that quotas count is counted again after this time. Upstream: --resource-quota-sync-period */
  readonly quotaResyncMs?: number;
  /** How long certificates are valid at most. Upstream: --cluster-signing-duration */
  readonly signingMs?: number;
  /** How long nobody must have used a token in a Secret before it goes. Upstream: --legacy-service-account-token-clean-up-period */
  readonly unusedTokenMs?: number;
  /** What the server serves beside that which it always does. Upstream: kube-apiserver --runtime-config, which discovery tells of */
  readonly optional?: readonly OptionalKind[];
}
