/** How a claim tells of its growth. Upstream: pkg/volume/util/resize_util.go */
import { Quantity } from "#apimachinery/quantity.ts";
import type { PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimStatus } from "./gen/core-v1.ts";

const storageOf = (list: Readonly<Record<string, string>> | undefined): Quantity => Quantity.parse(list?.["storage"] ?? "0");
const resizing: ReadonlySet<string> = new Set(["Resizing", "FileSystemResizePending", "ControllerResizeError", "NodeResizeError"]);

/** A bound claim that asks for more than it has. */
export const wantsToGrow = ({ spec, status }: PersistentVolumeClaim): boolean =>
  status.phase === "Bound" && status.capacity !== undefined && storageOf(spec.resources?.requests).cmp(storageOf(status.capacity)) > 0;

/** A volume that has grown, but for what the node has to do. */
export const nodeMustGrow = ({ claim, volume }: { readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume }): boolean =>
  claim.status.capacity !== undefined && storageOf(volume.spec.capacity).cmp(storageOf(claim.status.capacity)) > 0;

type StatusChange = Omit<Partial<PersistentVolumeClaimStatus>, "allocatedResourceStatuses"> & {
  readonly allocatedResourceStatuses?: { readonly storage: NonNullable<PersistentVolumeClaimStatus["allocatedResourceStatuses"]>[string] | null };
};

/** The merge patch after which the claim has this size and nothing of its growth is left to be done. Upstream: MarkFSResizeFinished */
export const grown = ({ status }: PersistentVolumeClaim, storage: string): StatusChange => ({
  capacity: { ...status.capacity, storage },
  conditions: (status.conditions ?? []).filter(({ type }) => !resizing.has(type)),
  allocatedResourceStatuses: { storage: null },
});

/** Upstream: MarkNodeExpansionInProgress, MarkNodeExpansionInfeasible */
export const nodeGrowth = (state: "NodeResizeInProgress" | "NodeResizeInfeasible"): StatusChange => ({ allocatedResourceStatuses: { storage: state } });

/** The volume itself is larger; its file system will be when it is mounted. Upstream: MarkForFSResize */
export const waitsForNode = ({ status }: PersistentVolumeClaim, now: string): StatusChange => ({
  conditions: [
    ...(status.conditions ?? []).filter(({ type }) => !resizing.has(type)),
    { type: "FileSystemResizePending", status: "True", lastTransitionTime: now, message: "Waiting for user to (re-)start a pod to finish file system resize of volume on node." },
  ],
  allocatedResourceStatuses: { storage: "NodeResizePending" },
});
