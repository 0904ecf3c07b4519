import { attachmentName, csiIdentity, needsAttach, type CsiIdentity } from "#api/csi.ts";
import type { Node, PersistentVolume, Pod } from "#api/gen/core-v1.ts";
import type { VolumeAttachment } from "#api/gen/storage-v1.ts";
import { claimKeysOf } from "#api/pod-references.ts";
import { isTerminal } from "#api/pod.ts";
import { csiDrivers, nodes, persistentVolumeClaims, persistentVolumes, pods, volumeAttachments } from "#api/resources.ts";
import { keyOf } from "#apimachinery/meta.ts";
import { isStatus } from "#apimachinery/status.ts";
import type { Component } from "#base/component.ts";
import type { Client } from "#client/client.ts";
import type { EventRecorder } from "#client/events.ts";
import { ignore } from "../ignore.ts";
import type { Again } from "../reconciler.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { report, reports } from "./node-status.ts";
import { plan, usesVolume, type Plan } from "./plan.ts";
import { Unwanted } from "./unwanted.ts";

/** Attaches volumes of CSI drivers to the nodes of their pods, by VolumeAttachments that the drivers' attachers carry out. Key: the PersistentVolume. */
export function attachDetachController(deps: ControllerDeps): Component {
  const [volumes, claims, podCache] = [deps.informers.for(persistentVolumes), deps.informers.for(persistentVolumeClaims), deps.informers.for(pods)];
  const [nodeCache, attachments, drivers] = [deps.informers.for(nodes), deps.informers.for(volumeAttachments), deps.informers.for(csiDrivers)];
  podCache.addIndex("claim", claimKeysOf);
  attachments.addIndex("volume", (attachment) => volumeNames(attachment));
  attachments.addIndex("node", ({ spec }) => [spec.nodeName]);
  volumes.addIndex("driver", ({ spec }) => (spec.csi === undefined ? [] : [spec.csi.driver]));
  const events = deps.events("attachdetach-controller");
  const unwanted = new Unwanted(deps.steady ?? deps.clock);
  const told = new Set<string>();

  const volumeOf = (claim: string): string[] => {
    const name = claims.get(claim)?.spec.volumeName ?? "";
    return name === "" ? [] : [name];
  };
  const podsOf = ({ spec }: PersistentVolume): readonly Pod[] => {
    const { namespace = "", name = "" } = spec.claimRef ?? {};
    return podCache.by("claim", `${namespace}/${name}`).filter((pod) => pod.spec.nodeName && !isTerminal(pod));
  };

  return newController(deps, (client) => ({
    sources: [
      source(persistentVolumes, volumes, ({ metadata }) => [metadata.name]),
      source(persistentVolumeClaims, claims, ({ spec }) => (spec.volumeName ? [spec.volumeName] : [])),
      source(pods, podCache, (pod) => claimKeysOf(pod).flatMap(volumeOf)),
      source(nodes, nodeCache, ({ metadata }) => attachments.by("node", metadata.name).flatMap(volumeNames)),
      source(volumeAttachments, attachments, volumeNames),
      source(csiDrivers, drivers, ({ metadata }) => volumes.by("driver", metadata.name).map(keyOf)),
    ],
    reconciler: {
      name: "attach-detach",
      async reconcile(key, signal): Promise<Again | void> {
        const volume = volumes.get(key);
        const identity = volume && csiIdentity(volume.spec);
        if (volume === undefined || identity === undefined) return;
        const waits = unwanted.look(key);
        const own = attachments.by("volume", key);
        const wanting = needsAttach(drivers.get(identity.driver)) ? podsOf(volume) : [];
        if (own.length === 0 && wanting.length === 0) return;
        const next = plan({ volume, identity, attachments: own, pods: wanting, node: (name) => nodeCache.get(name), unwantedMs: ({ metadata }) => waits(metadata.name) });
        await act({ client, events, told, node: (name) => nodeCache.get(name), pods: wanting }, volume, identity, next, signal);
        return next.againMs === undefined ? undefined : { afterMs: next.againMs };
      },
    },
  }));
}

const volumeNames = ({ spec }: VolumeAttachment): string[] => (spec.source.persistentVolumeName === undefined ? [] : [spec.source.persistentVolumeName]);

interface Hands {
  readonly client: Client;
  readonly events: EventRecorder;
  /** What was told already: pods that wait for another node's volume, failures. */
  readonly told: Set<string>;
  readonly node: (name: string) => Node | undefined;
  /** That want the volume. */
  readonly pods: readonly Pod[];
}

/** Volumes are taken before they are given: the pod that moved waits for the first. */
async function act(hands: Hands, volume: PersistentVolume, identity: CsiIdentity, next: Plan, signal: AbortSignal): Promise<void> {
  const { client, events, told } = hands;
  for (const attachment of next.detach) await detach(client, attachment, identity, hands.node(attachment.spec.nodeName), signal);
  for (const node of next.attach) {
    const spec = { attacher: identity.driver, nodeName: node, source: { persistentVolumeName: volume.metadata.name } };
    const made: VolumeAttachment = { metadata: { name: attachmentName(identity.driver, identity.handle, node) }, spec, status: { attached: false } };
    await client.resource(volumeAttachments).create(made, { signal }).catch(ignore("AlreadyExists"));
  }
  for (const { pod, message } of next.refused) once(told, `${pod.metadata.uid ?? ""} ${volume.metadata.name}`, () => events.event({ kind: "Pod", ...pod }, "Warning", "FailedAttachVolume", message));
  for (const attachment of next.keep) await tellNode(hands, volume, attachment, identity, signal);
}

/** The node is told first that it has the volume no longer, as it stands now: were it to use the volume meanwhile, its status would have changed. */
async function detach(client: Client, { metadata, spec }: VolumeAttachment, identity: CsiIdentity, planned: Node | undefined, signal: AbortSignal): Promise<void> {
  const node = await client.resource(nodes).get(spec.nodeName, undefined, signal).catch((err: unknown) => {
    if (isStatus(err, "NotFound")) return undefined;
    throw err;
  });
  const byForce = planned !== undefined && usesVolume(planned, identity);
  if (node !== undefined && !byForce && usesVolume(node, identity)) return; // it has begun to use it since
  if (node !== undefined && reports(node, identity)) await report(client, node, identity, false, signal);
  await client.resource(volumeAttachments).delete(metadata.name, undefined, { preconditions: { uid: metadata.uid ?? "" }, signal }).catch(ignore("NotFound", "Conflict"));
}

async function tellNode({ client, events, told, node: nodeOf, pods: wanting }: Hands, { metadata: { name } }: PersistentVolume, { spec, status, metadata }: VolumeAttachment, identity: CsiIdentity, signal: AbortSignal): Promise<void> {
  const node = nodeOf(spec.nodeName);
  if (node === undefined) return;
  const tell = (type: "Normal" | "Warning", reason: string, message: string): void => {
    for (const pod of wanting.filter((each) => each.spec.nodeName === spec.nodeName)) events.event({ kind: "Pod", ...pod }, type, reason, message);
  };
  if (status.attached && !reports(node, identity)) {
    await report(client, node, identity, true, signal);
    tell("Normal", "SuccessfulAttachVolume", `AttachVolume.Attach succeeded for volume "${name}" `);
  }
  const error = status.attached ? undefined : status.attachError?.message;
  if (error !== undefined) once(told, `${metadata.name} ${error}`, () => tell("Warning", "FailedAttachVolume", `AttachVolume.Attach failed for volume "${name}" : ${error}`));
}

const mostTold = 10_000;

function once(told: Set<string>, what: string, tell: () => void): void {
  if (told.has(what)) return;
  if (told.size >= mostTold) told.clear();
  told.add(what);
  tell();
}
