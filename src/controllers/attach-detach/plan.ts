/** Where a volume must be attached and from where it may be taken, decided purely. Upstream: pkg/controller/volume/attachdetach/reconciler */
import { isTrue } from "#api/conditions.ts";
import { attachmentName, uniqueVolumeName, type CsiIdentity } from "#api/csi.ts";
import type { Node, PersistentVolume, Pod } from "#api/gen/core-v1.ts";
import type { VolumeAttachment } from "#api/gen/storage-v1.ts";

/** A node that does not answer loses its volumes this long after they were to be taken. Upstream: maxWaitForUnmountDuration */
export const patienceMs = 360_000;
const managed = "volumes.kubernetes.io/controller-managed-attach-detach";
const outOfService = "node.kubernetes.io/out-of-service";

export interface Known {
  readonly volume: PersistentVolume;
  readonly identity: CsiIdentity;
  /** Of this volume, whoever made them. */
  readonly attachments: readonly VolumeAttachment[];
  /** Pods that are bound to a node and use the volume, while their containers may run. */
  readonly pods: readonly Pod[];
  readonly node: (name: string) => Node | undefined;
  /** How long ago the volume was first found to be no longer wanted there. */
  readonly unwantedMs: (attachment: VolumeAttachment) => number;
}

export interface Plan {
  /** Nodes to attach it to. */
  readonly attach: readonly string[];
  readonly detach: readonly VolumeAttachment[];
  /** Still wanted, or still in use: what the node may be told that it has. */
  readonly keep: readonly VolumeAttachment[];
  /** Pods that cannot have the volume now, with the event's words. */
  readonly refused: readonly { readonly pod: Pod; readonly message: string }[];
  /** When an attachment may be taken by force, though nothing happens. */
  readonly againMs: number | undefined;
}

export function plan(known: Known): Plan {
  const wanted = wantedNodes(known);
  const ours = known.attachments.filter((a) => isOurs(a, known.identity));
  const detach: VolumeAttachment[] = [];
  const keep: VolumeAttachment[] = [];
  const waits: number[] = [];
  for (const attachment of ours.filter(({ metadata }) => metadata.deletionTimestamp === undefined)) {
    const wait = wanted.has(attachment.spec.nodeName) ? Infinity : detachWaitMs(attachment, known);
    (wait <= 0 ? detach : keep).push(attachment);
    if (wait > 0 && wait < Infinity) waits.push(wait);
  }
  const missing = [...wanted.keys()].filter((node) => !known.attachments.some(({ spec }) => spec.nodeName === node));
  const { attach, refused } = admit(known, missing, wanted);
  return { attach, detach, keep, refused, againMs: waits.length === 0 ? undefined : Math.min(...waits) };
}

/** Nodes whose pods want the volume, the longest bound first. */
function wantedNodes({ pods, node }: Known): ReadonlyMap<string, readonly Pod[]> {
  const wanted = new Map<string, Pod[]>();
  for (const pod of [...pods].sort((a, b) => ((a.status.startTime ?? a.metadata.creationTimestamp ?? "") < (b.status.startTime ?? b.metadata.creationTimestamp ?? "") ? -1 : 1))) {
    const name = pod.spec.nodeName ?? "";
    if (node(name)?.metadata.annotations?.[managed] === "true") wanted.set(name, [...(wanted.get(name) ?? []), pod]);
  }
  return wanted;
}

/** Those that others have made go by other names, and are theirs to delete. */
const isOurs = ({ metadata, spec }: VolumeAttachment, { driver, handle }: CsiIdentity): boolean => metadata.name === attachmentName(driver, handle, spec.nodeName);

/** 0: now; Infinity: not before the node says that it has it no longer. */
function detachWaitMs(attachment: VolumeAttachment, { identity, node, unwantedMs }: Known): number {
  const on = node(attachment.spec.nodeName);
  if (on === undefined || !usesVolume(on, identity) || on.spec.taints?.some(({ key }) => key === outOfService) === true) return 0;
  return isTrue(on.status.conditions, "Ready") ? Infinity : Math.max(0, patienceMs - unwantedMs(attachment));
}

/** Whether the node's kubelet says that it still uses the volume. */
export const usesVolume = ({ status }: Node, { driver, handle }: CsiIdentity): boolean => status.volumesInUse?.includes(uniqueVolumeName(driver, handle)) === true;

/** A volume of one node at a time goes to the next when the last has let it go, wholly. */
function admit({ volume, attachments, pods }: Known, missing: readonly string[], wanted: ReadonlyMap<string, readonly Pod[]>): Pick<Plan, "attach" | "refused"> {
  if (isShared(volume)) return { attach: missing, refused: [] };
  const holders = attachments.map(({ spec }) => spec.nodeName);
  const attach = holders.length === 0 ? missing.slice(0, 1) : [];
  const holding = holders.length === 0 ? attach : holders;
  const refused = missing.filter((node) => !attach.includes(node)).flatMap((node) => wanted.get(node) ?? []);
  const users = pods.filter(({ spec }) => holding.includes(spec.nodeName ?? ""));
  return { attach, refused: refused.map((pod) => ({ pod, message: `Multi-Attach error for volume "${volume.metadata.name}" ${usedBy(pod, users)}` })) };
}

/** Upstream: pkg/volume/util IsMultiAttachAllowed */
const isShared = ({ spec }: PersistentVolume): boolean => (spec.accessModes ?? []).length === 0 || spec.accessModes?.some((mode) => mode === "ReadWriteMany" || mode === "ReadOnlyMany") === true;

/** Names pods of the reader's own namespace only. Upstream: reportMultiAttachError */
function usedBy({ metadata }: Pod, users: readonly Pod[]): string {
  if (users.length === 0) return "Volume is already exclusively attached to one node and can't be attached to another";
  const local = users.filter((user) => user.metadata.namespace === metadata.namespace).map((user) => user.metadata.name);
  const others = users.length - local.length;
  if (local.length === 0) return `Volume is already used by ${others} pod(s) in different namespaces`;
  return `Volume is already used by pod(s) ${local.join(", ")}${others > 0 ? ` and ${others} pod(s) in different namespaces` : ""}`;
}
