import { mkdir, rm, stat } from "node:fs/promises";
import type { PersistentVolume, PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import { checkHostPath } from "./host-path.ts";
import { applyFsGroup } from "./ownership.ts";
import type { Mount, VolumePlugin } from "./plugin.ts";

/**
 * A PersistentVolumeClaim, also that of an ephemeral volume: the claim's volume, when it is a path of this node (`local`,
 * `hostPath`). The data outlives the pod: tear-down forgets the mount and never touches it.
 */
export function persistentClaimVolume(): VolumePlugin {
  const given = new Set<string>(); // directories whose fsGroup was applied since this process began
  return {
    name: "kubernetes.io/persistent-claim",
    supports: ({ persistentVolumeClaim, ephemeral }) => persistentVolumeClaim !== undefined || ephemeral !== undefined,
    async setUp(mount) {
      const volume = await boundVolume(mount);
      const { path, managed } = await pathOnNode(volume);
      const readOnly = mount.volume.persistentVolumeClaim?.readOnly === true;
      await mkdir(mount.dir, { recursive: true });
      if (managed && !readOnly && !given.has(mount.dir)) await giveToGroup(path, mount);
      given.add(mount.dir);
      return { path, readOnly };
    },
    async tearDown(dir) {
      given.delete(dir);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** The volume that the claim is bound to, both ways. Upstream: pkg/kubelet/volumemanager/populator getPVCExtractPV */
async function boundVolume(mount: Mount): Promise<PersistentVolume> {
  const { pod, volume, source } = mount;
  const namespace = pod.metadata.namespace ?? "";
  const name = volume.persistentVolumeClaim?.claimName ?? `${pod.metadata.name}-${volume.name}`;
  const claim = await source.claim(namespace, name);
  checkClaim(mount, claim);
  const bound = await source.persistentVolume(claim.spec.volumeName ?? "");
  if (bound.spec.claimRef?.uid !== claim.metadata.uid) throw new Error(`found PV object "${bound.metadata.name}" with an incorrect claimRef.UID "${bound.spec.claimRef?.uid ?? ""}" for PVC ${namespace}/${name}`);
  return bound;
}

function checkClaim({ pod, volume }: Mount, { metadata, spec, status }: PersistentVolumeClaim): void {
  const isOwner = metadata.ownerReferences?.some(({ uid, controller }) => controller === true && uid === pod.metadata.uid) === true;
  if (volume.ephemeral !== undefined && !isOwner) throw new Error(`PVC ${metadata.namespace}/${metadata.name} was not created for pod ${pod.metadata.namespace}/${pod.metadata.name} (pod is not owner)`);
  if (metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes("kubernetes.io/pvc-protection") !== true) throw new Error(`PVC ${metadata.namespace}/${metadata.name} is being deleted`);
  if (status.phase !== "Bound" || (spec.volumeName ?? "") === "") throw new Error(`PVC ${metadata.namespace}/${metadata.name} is not bound`);
}

async function pathOnNode({ metadata, spec }: PersistentVolume): Promise<{ readonly path: string; readonly managed: boolean }> {
  if (spec.volumeMode === "Block") throw new Error(`volume "${metadata.name}" has volumeMode Block, which is not supported by this kubelet`);
  if (spec.hostPath !== undefined) {
    await checkHostPath(spec.hostPath);
    return { path: spec.hostPath.path, managed: false };
  }
  if (spec.local === undefined) throw new Error(`no volume plugin matched: PersistentVolume "${metadata.name}" has neither a local nor a hostPath source`);
  const stats = await stat(spec.local.path).catch(() => undefined);
  if (stats === undefined) throw new Error(`path "${spec.local.path}" does not exist`);
  if (!stats.isDirectory()) throw new Error(`path "${spec.local.path}" is not a directory: local volumes on block devices are not supported by this kubelet`);
  return { path: spec.local.path, managed: true };
}

async function giveToGroup(path: string, { pod }: Mount): Promise<void> {
  const { fsGroup, fsGroupChangePolicy } = pod.spec.securityContext ?? {};
  if (fsGroup !== undefined) await applyFsGroup(path, fsGroup, { ...(fsGroupChangePolicy !== undefined && { policy: fsGroupChangePolicy }) });
}
