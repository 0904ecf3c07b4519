/** The seam of the volume manager: one plugin per volume kind. A plugin knows the API's objects and the disk, not the kubelet. */
import type { CSIDriver } from "#api/gen/storage-v1.ts";
import type { FileSystem } from "#base/file-system.ts";
import type { ClusterTrustBundleProjection, ConfigMap, PersistentVolume, PersistentVolumeClaim, Pod, PodCertificateProjection, Secret, Volume } from "#api/gen/core-v1.ts";

/** The name of a plugin's directory beneath `pods/<uid>/volumes/`. Upstream: k8s.io/utils/strings EscapeQualifiedName */
export const directoryOf = (plugin: string): string => plugin.replaceAll("/", "~");

export interface VolumePlugin {
  /** Upstream's name: `kubernetes.io/empty-dir`. Also names a directory of each pod (`directoryOf`). */
  readonly name: string;
  /** @param persistent the volume that a claim is bound to */
  supports(volume: Volume, persistent?: PersistentVolume): boolean;
  /**
   * Makes the volume's contents stand at `path` of the result. Called before the containers start and again, at each
   * resync, while the pod runs: must be repeatable, and cheap when nothing changed. Throws with upstream's message
   * (it goes into the FailedMount event).
   */
  setUp(mount: Mount): Promise<MountedVolume>;
  /** Undoes `setUp`, also after a restart, also when half done or already gone. Knows no more than the directory. */
  tearDown(dir: string): Promise<void>;

  /** Instead of `setUp` for a volume of mode Block: makes `dir` a link to the device or its file, beneath `volumeDevices/`. */
  mapDevice?(mount: Mount): Promise<MountedVolume>;
  /** Undoes `mapDevice`, knowing no more than the link. */
  unmapDevice?(link: string): Promise<void>;
  /** Lets the file system of a volume that stands at `path` grow to what its PersistentVolume has by now. */
  expand?(mount: Mount, path: string, bytes: bigint): Promise<void>;
  /** What the volume holds and may hold, for one that a look at `dir` does not tell of; undefined where it cannot be said. Knows no more than the directory. */
  usage?(dir: string): Promise<FileSystem | undefined>;
  /** The same of a device, knowing no more than the link: how large it is, since what is on it is the container's own. */
  deviceUsage?(link: string): Promise<FileSystem | undefined>;
  /** Takes away what a process that ended in between has left behind for no pod. */
  sweep?(): Promise<void>;
}

export interface Mount {
  readonly pod: Pod;
  readonly volume: Volume;
  /** The volume's own directory, `<root>/pods/<uid>/volumes/<plugin>/<name>`; its parents exist, it may not. */
  readonly dir: string;
  readonly source: VolumeSources;
  /** What the claim is bound to, for a volume that is a claim's. */
  readonly persistent?: Persistent;
  /** Ends waiting: the pod must go, or the kubelet ends. */
  readonly signal: AbortSignal;
  /** For `setUp` to say that nothing but the disk is in its way any more: the kubelet need not wait for the volume before it makes the sandbox. */
  readonly certain?: () => void;
}

/** A claim and its volume, bound to each other. */
export interface Persistent {
  readonly claim: PersistentVolumeClaim;
  readonly volume: PersistentVolume;
}

export interface MountedVolume {
  /** What is bind-mounted into containers. */
  readonly path: string;
  /** Containers may only read it, whatever their mounts say. */
  readonly readOnly?: boolean;
  /** Its own mount is read-only and not to be executed; to mount it once more with options would undo the latter. */
  readonly sealed?: true;
  /** The runtime mounts this image instead of `path`. */
  readonly image?: { readonly id: string; readonly reference: string };
  /** `path` is a block device, for `volumeDevices`. */
  readonly device?: true;
}

/** Both PEM: a private key in PKCS #8, which is a secret, and its certificate with those between it and the authority. */
export interface PodCredentials { readonly key: string; readonly chain: string }

/** There is no certificate yet, but there may be one at any moment. */
export class NotIssued extends Error {
  override readonly name = "NotIssued";
}

/** Objects that volumes are made of. Each throws a `StatusError` (`NotFound`) when the object is not there. */
export interface VolumeSources {
  configMap(namespace: string, name: string): Promise<ConfigMap>;
  secret(namespace: string, name: string): Promise<Secret>;
  claim(namespace: string, name: string): Promise<PersistentVolumeClaim>;
  persistentVolume(name: string): Promise<PersistentVolume>;
  /** A token bound to the pod, renewed before it ends. @param expirationSeconds as asked for in the volume */
  serviceAccountToken(pod: Pod, audience: string | undefined, expirationSeconds: number): Promise<string>;
  /** The same, with its end: what a CSI driver is handed. */
  boundToken(pod: Pod, audience: string, expirationSeconds: number): Promise<{ readonly token: string; readonly expirationTimestamp: string }>;
  /** The certificates that ClusterTrustBundles hold, as PEM. Throws with upstream's message when there are none of them and there must be. */
  trustAnchors(projection: ClusterTrustBundleProjection, signal: AbortSignal): Promise<string>;
  /** A key and its certificate for the source at this place of the volume. Throws `NotIssued` while there is none yet. */
  podCertificate(mount: Pick<Mount, "pod" | "volume" | "signal">, index: number, source: PodCertificateProjection): Promise<PodCredentials>;
  /** Undefined where there is none. */
  csiDriver(name: string): Promise<CSIDriver | undefined>;
  /** Resolves when the attach/detach controller says that the volume is attached to this node, with what the driver's controller told. */
  attached(volume: string, attachment: string, signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /** The value of a downward API field or resource of this pod, as text. */
  downward(pod: Pod, item: { readonly fieldRef?: { readonly apiVersion?: string; readonly fieldPath: string }; readonly resourceFieldRef?: { readonly containerName?: string; readonly resource: string; readonly divisor?: string } }): string;
}
