/** What a kubelet can be told, under the names of a KubeletConfiguration. Upstream: kubelet.config.k8s.io/v1beta1, pkg/kubelet/apis/config/v1beta1/defaults.go */

/** Amounts by resource or by eviction signal: `{ "memory.available": "100Mi" }`. */
export type Amounts = Readonly<Record<string, string>>;

/** Durations as Go writes them (`5m0s`), amounts as quantities; an eviction threshold may be a percentage, too. */
export interface KubeletSettings {
  /** Where the files of static pods are; empty: the agent's own place. */
  readonly staticPodPath: string;
  readonly maxPods: number;
  /** Processes that a pod may have; -1 leaves it to the machine. */
  readonly podPidsLimit: number;
  readonly kubeReserved: Amounts;
  readonly systemReserved: Amounts;
  /** `pods`: what all pods together may take is bounded by a cgroup. `none`, or nothing: it is not. */
  readonly enforceNodeAllocatable: readonly string[];
  readonly evictionHard: Amounts;
  readonly evictionSoft: Amounts;
  readonly evictionSoftGracePeriod: Amounts;
  readonly evictionMinimumReclaim: Amounts;
  readonly evictionPressureTransitionPeriod: string;
  /** Seconds that a pod gets at most when a soft threshold is passed. */
  readonly evictionMaxPodGracePeriod: number;
  /** True when `evictionHard` adds to the defaults instead of taking their place. */
  readonly mergeDefaultEvictionSettings: boolean;
  readonly imageGCHighThresholdPercent: number;
  readonly imageGCLowThresholdPercent: number;
  readonly imageMinimumGCAge: string;
  /** Unused images older than this go whatever room there is; `0s`: none does. */
  readonly imageMaximumGCAge: string;
  readonly containerLogMaxSize: string;
  readonly containerLogMaxFiles: number;
  readonly containerLogMonitorInterval: string;
  /** How long the node's own shutdown waits for its pods; `0s`: not at all. */
  readonly shutdownGracePeriod: string;
  /** Of it, what critical pods have after the others. */
  readonly shutdownGracePeriodCriticalPods: string;
  readonly shutdownGracePeriodByPodPriority: readonly ShutdownPeriod[];
  readonly crashLoopBackOff: CrashLoopBackOff;
  /** Whether `/logs/` shows who may see it what the node itself logs. */
  readonly enableSystemLogHandler: boolean;
}

/** The longest wait before a container that ended is started again, and the first one where that were longer. */
export interface CrashLoopBackOff { readonly maxContainerRestartPeriod: string }

export interface ShutdownPeriod {
  readonly priority: number;
  readonly shutdownGracePeriodSeconds: number;
}

export const defaultEvictionHard: Amounts = { "memory.available": "100Mi", "nodefs.available": "10%", "nodefs.inodesFree": "5%", "imagefs.available": "15%", "imagefs.inodesFree": "5%" };

export const defaultSettings: KubeletSettings = {
  staticPodPath: "",
  maxPods: 110,
  podPidsLimit: -1,
  kubeReserved: {},
  systemReserved: {},
  enforceNodeAllocatable: ["pods"],
  evictionHard: defaultEvictionHard,
  evictionSoft: {},
  evictionSoftGracePeriod: {},
  evictionMinimumReclaim: {},
  evictionPressureTransitionPeriod: "5m0s",
  evictionMaxPodGracePeriod: 0,
  mergeDefaultEvictionSettings: false,
  imageGCHighThresholdPercent: 85,
  imageGCLowThresholdPercent: 80,
  imageMinimumGCAge: "2m0s",
  imageMaximumGCAge: "0s",
  containerLogMaxSize: "10Mi",
  containerLogMaxFiles: 5,
  containerLogMonitorInterval: "10s",
  shutdownGracePeriod: "0s",
  shutdownGracePeriodCriticalPods: "0s",
  shutdownGracePeriodByPodPriority: [],
  crashLoopBackOff: { maxContainerRestartPeriod: "5m0s" },
  enableSystemLogHandler: true,
};
