/** What the scheduler asks of claims and volumes beside what matches what. */
import type { PersistentVolume, PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import { boundAnnotation } from "#api/volume-matching.ts";
import type { StorageClass } from "#api/gen/storage-v1.ts";
import type { Lister } from "#client/lister.ts";
import { selectsNode, type SelectableNode } from "#api/node-selector.ts";

/** The volume controller has done its part in both directions. */
export const isBound = ({ metadata, spec }: PersistentVolumeClaim): boolean => (spec.volumeName ?? "") !== "" && metadata.annotations?.[boundAnnotation] !== undefined;

/** Its class says WaitForFirstConsumer, and it does not name a volume itself. */
export const waitsForConsumer = ({ spec }: PersistentVolumeClaim, classes: Lister<StorageClass>): boolean =>
  (spec.volumeName ?? "") === "" && classes.get(spec.storageClassName ?? "")?.volumeBindingMode === "WaitForFirstConsumer";

/** Whether the volume can be reached from the node. */
export const usableOn = ({ spec }: PersistentVolume, node: SelectableNode): boolean => spec.nodeAffinity?.required === undefined || selectsNode(spec.nodeAffinity.required, node);
