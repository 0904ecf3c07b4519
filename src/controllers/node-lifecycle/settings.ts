/** What an administrator may say about nodes that fall silent. Upstream: kube-controller-manager/config/v1alpha1 NodeLifecycleControllerConfiguration */
export interface Limits {
  /** Silence after which a node is Unknown. Upstream: --node-monitor-grace-period */
  readonly graceMs: number;
  /** The same for a node that never said anything. Upstream: --node-startup-grace-period */
  readonly startupGraceMs: number;
}

export interface Rates {
  /** Nodes a second. Upstream: --node-eviction-rate, --secondary-node-eviction-rate */
  readonly normal: number;
  readonly secondary: number;
  /** The share of a zone's nodes that makes it disrupted. Upstream: --unhealthy-zone-threshold */
  readonly unhealthy: number;
  /** A disrupted zone of more nodes goes on at the secondary rate, a smaller one stops. Upstream: --large-cluster-size-threshold */
  readonly large: number;
}

export interface NodeSettings extends Limits, Rates {
  /** How often a node is looked at even if nothing happens. Upstream: --node-monitor-period */
  readonly monitorMs: number;
}

export const defaultNodeSettings: NodeSettings = { monitorMs: 5_000, graceMs: 50_000, startupGraceMs: 60_000, normal: 0.1, secondary: 0.01, unhealthy: 0.55, large: 50 };
