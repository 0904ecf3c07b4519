import type { Clock } from "#base/clock.ts";
import type { Logger } from "#base/log.ts";
import type { Client } from "#client/client.ts";
import type { EventRecorder } from "#client/events.ts";
import type { Informers } from "#client/lister.ts";
import type { Runtime } from "#cri/runtime.ts";
import type { EvictionSource } from "./eviction/source.ts";
import type { KubeletSettings } from "./settings/settings.ts";
import type { StaticSource } from "./static/static-pods.ts";
import type { ImageViews } from "#volumes/image.ts";
import type { CsiDeps } from "#volumes/csi/staging.ts";
import type { VolumePlugin } from "#volumes/plugin.ts";

export interface KubeletOptions {
  readonly client: Client;
  /** Shared with other parts of the agent; its owner runs it. */
  readonly informers: Informers;
  readonly runtime: Runtime;
  readonly volumePlugins: readonly VolumePlugin[];
  /** For images as volumes where the runtime cannot mount them into containers itself. */
  readonly imageViews?: ImageViews;
  /** What those of CSI drivers share with the kubelet. */
  readonly csi: CsiDeps;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly log: Logger;
  readonly nodeName: string;
  /** The node's own addresses, the first one wins. */
  readonly nodeAddresses: readonly string[];
  readonly nodeLabels?: Readonly<Record<string, string>>;
  /** What is known to be wrong with the runtime's programs, for the Node's condition VulnerableRuntime; undefined where nobody has looked. */
  readonly runtimeFlaws?: readonly string[];
  /** Where the kubelet's HTTPS API listens. */
  readonly kubeletPort: number;
  readonly settings: KubeletSettings;
  /** Device plugins may register beneath `rootDir`. */
  readonly devicePlugins?: boolean;
  /** Where CDI specs are, in place of the usual. */
  readonly cdiDirs?: readonly string[];
  /** Instead of this machine's, in tests. */
  readonly evictionSource?: EvictionSource;
  readonly rootDir: string;
  readonly podLogsDir: string;
  /** What the node itself logs. Default: `/var/log`. */
  readonly nodeLogsDir?: string;
  /** Where the node's own pods come from; undefined: it has none. */
  readonly staticPods?: StaticSource;
  /** Addresses of the cluster's DNS; none: pods get the node's resolver. */
  readonly clusterDns: readonly string[];
  readonly clusterDomain: string;
  /** Absolute within the cgroup hierarchy: `/seedpod-1a2b3c4d`. Undefined on a hollow node, whose runtime runs nothing. */
  readonly cgroupParent: string | undefined;
}
