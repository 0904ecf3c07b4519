/** What the steps of a pod's life share. */
import type { Pod, Service } from "#api/gen/core-v1.ts";
import type { Clock } from "#base/clock.ts";
import type { Logger } from "#base/log.ts";
import type { EventRecorder } from "#client/events.ts";
import type { Runtime } from "#cri/runtime.ts";
import type { ImageViews } from "#volumes/image.ts";
import type { ResizeRefusal } from "./admission.ts";
import type { Backoff } from "../backoff.ts";
import type { PodDevices } from "../devices/device-manager.ts";
import type { PodCgroups } from "../resources/cgroups.ts";
import type { PodClaims } from "../dra/dra-manager.ts";
import type { DnsFacts } from "../sandbox/dns.ts";
import type { Images } from "../images/images.ts";
import type { KubeletMetrics } from "../metrics.ts";
import type { NodeFeatures } from "../node/node-features.ts";
import type { ObjectCache } from "../object-cache.ts";
import type { Paths } from "../paths.ts";
import type { PodCertificates } from "../pod-certificates/pod-certificates.ts";
import type { ProbeManager } from "../probes/probe-manager.ts";
import type { RuntimeCache } from "../runtime/runtime-cache.ts";
import type { StatusManager } from "../status/status.ts";
import type { UserNamespaces } from "../containers/user-namespaces.ts";
import type { VolumeManager } from "../volumes/volume-manager.ts";

export interface PodContext {
  readonly runtime: Runtime;
  readonly cache: RuntimeCache;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly log: Logger;
  readonly paths: Paths;
  readonly metrics: KubeletMetrics;
  readonly cgroups: PodCgroups;
  readonly images: Images;
  readonly volumes: VolumeManager;
  readonly probes: ProbeManager;
  readonly statuses: StatusManager;
  readonly devices: PodDevices;
  readonly claims: PodClaims;
  /** Where CDI specs are. */
  readonly cdiDirs: readonly string[];
  readonly objects: ObjectCache;
  readonly node: NodeFacts;
  /** Of all namespaces. */
  services(): readonly Service[];
  dns(): Promise<DnsFacts>;
  /** Ends others for a pod that the node must not do without; gives why that cannot be. */
  makeRoom(pod: Pod, signal: AbortSignal): Promise<{ readonly reason: string; readonly message: string } | undefined>;
  /** Undefined when the pod fits here. */
  refuses(pod: Pod): { readonly reason: string; readonly message: string } | undefined;
  /** Undefined when the pod, which runs here, may have these resources. */
  refusesResize(pod: Pod): ResizeRefusal | undefined;
  /** Looks at all resizes that wait for a decision, in order: there may be room for them now. */
  retryResizes(): void;
  readonly certificates: PodCertificates;
  readonly crashes: Backoff;
  readonly userNamespaces: UserNamespaces;
  /** For images that the runtime cannot mount into containers itself. */
  readonly imageViews: ImageViews | undefined;
}

export interface NodeFacts {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly clusterDomain: string;
  readonly cgroupV2: boolean;
  /** Bytes. */
  readonly memoryCapacity: number;
  readonly allocatable: Readonly<Record<string, string>>;
  /** How the runtime calls itself: `containerd`. */
  readonly runtimeName: string;
  readonly features: NodeFeatures;
}
