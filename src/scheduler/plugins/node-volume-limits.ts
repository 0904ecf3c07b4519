import type { PersistentVolume, PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import type { CSINode, StorageClass, VolumeAttachment } from "#api/gen/storage-v1.ts";
import type { Informer, Lister } from "#client/lister.ts";
import { fits, rejected, skip, type Plugin } from "../framework.ts";
import type { NodeInfo } from "../node-info.ts";

const tooMany = rejected("node(s) exceed max volume count");

export interface VolumeLimitListers {
  readonly claims: Lister<PersistentVolumeClaim>;
  readonly volumes: Lister<PersistentVolume>;
  readonly classes: Lister<StorageClass>;
  readonly csiNodes: Lister<CSINode>;
  readonly attachments: Informer<VolumeAttachment>;
}

/** Drivers by volume: one volume counts once on a node, however many pods use it. */
type Volumes = ReadonlyMap<string, string>;

/** A node takes as many volumes of a CSI driver as the driver says there. Upstream: pkg/scheduler/framework/plugins/nodevolumelimits/csi.go */
export function nodeVolumeLimits(listers: VolumeLimitListers): Plugin<Volumes> {
  listers.attachments.addIndex("node", ({ spec }) => [spec.nodeName]);
  return {
    name: "NodeVolumeLimits",
    wakesOn: ["pod/gone", "csi-node/changed", "attachment/gone", "claim/changed", "volume/changed"],
    preFilter(pod) {
      const wanted = volumesOf(pod.claims, listers);
      return wanted.size === 0 ? skip : { state: wanted };
    },
    filter(_pod, node, wanted) {
      const limits = limitsOf(listers.csiNodes.get(node.name));
      if (limits.size === 0) return fits;
      const all = new Map([...usedOn(node, listers), ...wanted]);
      const exceeded = [...new Set(wanted.values())].some((driver) => count(all, driver) > (limits.get(driver) ?? Infinity));
      return exceeded ? tooMany : fits;
    },
  };
}

const limitsOf = (node: CSINode | undefined): ReadonlyMap<string, number> =>
  new Map((node?.spec.drivers ?? []).flatMap(({ name, allocatable }) => (allocatable?.count === undefined ? [] : [[name, allocatable.count] as const])));

const count = (volumes: Volumes, driver: string): number => [...volumes.values()].filter((of) => of === driver).length;

/** What its pods use, and what is still attached though no pod uses it any more. */
function usedOn({ name, claims }: NodeInfo, listers: VolumeLimitListers): Volumes {
  const attached = listers.attachments.by("node", name).flatMap(({ spec }) => volumeOf(listers.volumes.get(spec.source.persistentVolumeName ?? "")));
  return new Map([...volumesOf([...claims.keys()], listers), ...attached]);
}

function volumesOf(keys: readonly string[], { claims, volumes, classes }: VolumeLimitListers): Volumes {
  return new Map(keys.flatMap((key): readonly (readonly [string, string])[] => {
    const claim = claims.get(key);
    const name = claim?.spec.volumeName ?? "";
    if (claim === undefined || name !== "") return volumeOf(volumes.get(name));
    const driver = classes.get(claim.spec.storageClassName ?? "")?.provisioner; // its volume will be made for this pod
    return driver === undefined ? [] : [[`${driver}^${key}`, driver]];
  }));
}

const volumeOf = (volume: PersistentVolume | undefined): readonly (readonly [string, string])[] => {
  const { driver = "", volumeHandle = "" } = volume?.spec.csi ?? {};
  return driver === "" ? [] : [[`${driver}^${volumeHandle}`, driver]];
};
