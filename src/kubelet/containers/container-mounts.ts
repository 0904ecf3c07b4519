/** What is mounted into a container. Upstream: pkg/kubelet/kubelet_pods.go makeMounts */
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import type { Container, Pod, VolumeMount } from "#api/gen/core-v1.ts";
import { messageOf } from "#base/error-message.ts";
import type { Device, Mount, MountPropagation } from "#cri/gen/cri-v1.ts";
import type { MountedVolume } from "#volumes/plugin.ts";
import { mountSubPath } from "#volumes/subpath.ts";
import { expandStrictly } from "./expansion.ts";
import { uidOf } from "../names.ts";
import type { Paths } from "../paths.ts";
import { StartError } from "./start-error.ts";

export interface MountFacts {
  readonly paths: Paths;
  readonly volumes: ReadonlyMap<string, MountedVolume>;
  readonly env: ReadonlyMap<string, string>;
  /** The file for `/etc/hosts`; undefined while the pod has no address. */
  readonly hosts: string | undefined;
  /** The runtime can make all that is mounted beneath a mount read-only, too. */
  readonly recursiveReadOnly: boolean;
  /** Distinguishes this instance of the container from all others. */
  readonly instance: string;
}

const propagations: Record<NonNullable<VolumeMount["mountPropagation"]>, MountPropagation> = {
  None: "PROPAGATION_PRIVATE",
  HostToContainer: "PROPAGATION_HOST_TO_CONTAINER",
  Bidirectional: "PROPAGATION_BIDIRECTIONAL",
};

/** Makes the sub paths and the termination log, and returns the mounts. Throws `StartError` when a volume or path is not as it should be. */
export async function containerMounts(pod: Pod, container: Container, facts: MountFacts): Promise<Mount[]> {
  const wanted = container.volumeMounts ?? [];
  const mounts = await Promise.all(wanted.map((mount, index) => volumeMount(pod, container, mount, index, facts)));
  const hosts =
    facts.hosts !== undefined && !wanted.some((m) => m.mountPath.replace(/\/+$/, "") === "/etc/hosts")
      ? [{ containerPath: "/etc/hosts", hostPath: facts.hosts, selinuxRelabel: true }]
      : [];
  return [...mounts, ...hosts, await terminationLog(pod, container, facts)];
}

async function volumeMount(pod: Pod, container: Container, mount: VolumeMount, index: number, facts: MountFacts): Promise<Mount> {
  const volume = facts.volumes.get(mount.name);
  if (volume === undefined) throw refused(`cannot find volume "${mount.name}" to mount into container "${container.name}"`);
  const subPath = subPathOf(mount, facts.env);
  const recursive = isRecursive(mount, facts.recursiveReadOnly);
  if (volume.image !== undefined) return imageMount(mount, subPath, volume.image);
  return {
    hostPath: subPath === "" ? volume.path : await beneath(pod, container, mount, index, subPath, volume.path, facts),
    containerPath: isAbsolute(mount.mountPath) ? mount.mountPath : join("/", mount.mountPath),
    readonly: volume.sealed !== true && (mount.readOnly === true || volume.readOnly === true),
    propagation: propagations[mount.mountPropagation ?? "None"],
    ...(recursive && volume.sealed !== true && { recursiveReadOnly: true }),
  };
}

/** An image that the runtime mounts itself. */
const imageMount = ({ mountPath }: VolumeMount, subPath: string, { id, reference }: NonNullable<MountedVolume["image"]>): Mount => ({
  image: { image: id, userSpecifiedImage: reference },
  containerPath: isAbsolute(mountPath) ? mountPath : join("/", mountPath),
  readonly: true,
  ...(subPath !== "" && { imageSubPath: subPath }),
});

/** Throws when a mount must be read-only all the way down and the runtime cannot do that. Upstream: pkg/kubelet/kubelet_pods.go resolveRecursiveReadOnly */
function isRecursive({ name, readOnly, recursiveReadOnly: mode = "Disabled" }: VolumeMount, supported: boolean): boolean {
  if (mode === "Disabled" || (mode === "IfPossible" && (!supported || readOnly !== true))) return false;
  if (!supported) throw refused(`volume "${name}" requested recursive read-only mode, but it is not supported by the runtime`);
  return true;
}

/** The block devices of a container. Upstream: pkg/kubelet/kubelet_pods.go makeBlockVolumes */
export function containerDevices(container: Container, volumes: ReadonlyMap<string, MountedVolume>): Device[] {
  return (container.volumeDevices ?? []).map(({ name, devicePath }) => {
    const volume = volumes.get(name);
    if (volume?.device !== true) throw refused(`cannot find volume "${name}" to pass into container "${container.name}"`);
    return { hostPath: volume.path, containerPath: devicePath, permissions: volume.readOnly === true ? "r" : "mrw" };
  });
}

function subPathOf({ subPath = "", subPathExpr = "" }: VolumeMount, env: ReadonlyMap<string, string>): string {
  if (subPathExpr === "") return checked(subPath);
  const { text, missing } = expandStrictly(subPathExpr, (name) => env.get(name));
  if (missing.length > 0) throw refused(`missing value for ${missing.map((name) => JSON.stringify(name)).join(", ")}`);
  return checked(text);
}

function checked(subPath: string): string {
  if (isAbsolute(subPath)) throw refused(`error SubPath \`${subPath}\` must not be an absolute path`);
  if (subPath.split("/").includes("..")) throw refused(`unable to provision SubPath \`${subPath}\`: must not contain '..'`);
  return subPath;
}

async function beneath(
  pod: Pod,
  container: Container,
  mount: VolumeMount,
  index: number,
  subPath: string,
  volumePath: string,
  { paths }: MountFacts,
): Promise<string> {
  try {
    return await mountSubPath({ podDir: paths.pod(uidOf(pod)), volumeName: mount.name, containerName: container.name, index, volumePath, subPath });
  } catch (err) {
    throw refused(`failed to prepare subPath for volumeMount "${mount.name}" of container "${container.name}": ${messageOf(err)}`, err);
  }
}

/** A file of the pod's own, writable by any user, that the container may leave its last words in. */
async function terminationLog(pod: Pod, container: Container, { paths, instance }: MountFacts): Promise<Mount> {
  const hostPath = paths.terminationLog(uidOf(pod), container.name, instance);
  await mkdir(dirname(hostPath), { recursive: true, mode: 0o750 });
  await writeFile(hostPath, "");
  await chmod(hostPath, 0o666);
  return { containerPath: container.terminationMessagePath ?? "/dev/termination-log", hostPath, selinuxRelabel: true };
}

const refused = (message: string, cause?: unknown): StartError => new StartError("CreateContainerConfigError", message, { cause });
