/** What an administrator may say about all autoscalers. Upstream: kube-controller-manager/config/v1alpha1 HPAControllerConfiguration */
export interface AutoscalerSettings {
  /** How often each autoscaler looks, whatever happens. Upstream: --horizontal-pod-autoscaler-sync-period */
  readonly periodMs: number;
  /** Where a spec does not say it: for so long what was once asked for keeps fewer from coming. Upstream: --horizontal-pod-autoscaler-downscale-stabilization */
  readonly downWindowMs: number;
  /** The share by which a metric may be off before anything is done. Upstream: --horizontal-pod-autoscaler-tolerance */
  readonly tolerance: number;
  /** For so long after its start a pod's CPU counts only when it was measured while it was ready. Upstream: --horizontal-pod-autoscaler-cpu-initialization-period */
  readonly cpuInitializationMs: number;
  /** A pod that is not ready, and was not later than so long after its start, has never been. Upstream: --horizontal-pod-autoscaler-initial-readiness-delay */
  readonly initialReadinessMs: number;
}

export const defaultAutoscaling: AutoscalerSettings = { periodMs: 15_000, downWindowMs: 300_000, tolerance: 0.1, cpuInitializationMs: 300_000, initialReadinessMs: 30_000 };
