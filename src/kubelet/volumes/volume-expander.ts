/** The node's part of a claim's growth. Upstream: pkg/volume/util/operationexecutor node_expander.go */
import type { PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import { persistentVolumeClaims } from "#api/resources.ts";
import { grown, nodeGrowth, nodeMustGrow } from "#api/volume-expansion.ts";
import { Quantity } from "#apimachinery/quantity.ts";
import { messageOf } from "#base/error-message.ts";
import { GrpcError } from "#base/grpc/errors.ts";
import type { Client } from "#client/client.ts";
import type { EventRecorder } from "#client/events.ts";
import type { Mount, VolumePlugin } from "#volumes/plugin.ts";
import { about } from "../names.ts";

export type VolumeExpander = (plugin: VolumePlugin, mount: Mount, path: string) => Promise<void>;

/** Lets a volume grow that is smaller than it should be, and says so on its claim. Throws in upstream's words. */
export const newVolumeExpander = (client: Client, events: EventRecorder): VolumeExpander => async (plugin, mount, path) => {
  const { persistent, pod, signal } = mount;
  if (persistent === undefined || plugin.expand === undefined || !nodeMustGrow(persistent)) return;
  const { claim, volume } = persistent;
  const { name } = volume.metadata;
  const storage = volume.spec.capacity?.["storage"] ?? "0";
  const started = await told(client, claim, nodeGrowth("NodeResizeInProgress"), signal);
  try {
    await plugin.expand(mount, path, Quantity.parse(storage).valueBigInt);
  } catch (err) {
    const infeasible = err instanceof GrpcError && (err.code === "InvalidArgument" || err.code === "OutOfRange" || err.code === "NotFound");
    if (infeasible) await told(client, started, nodeGrowth("NodeResizeInfeasible"), signal);
    const message = `NodeExpandVolume.NodeExpandVolume failed for volume "${name}" : ${messageOf(err)}`;
    events.event(about(pod), "Warning", "VolumeResizeFailed", message);
    throw new Error(message, { cause: err });
  }
  await told(client, started, grown(started, storage), signal);
  const done = `MountVolume.NodeExpandVolume succeeded for volume "${name}"`;
  events.event(about(pod), "Normal", "FileSystemResizeSuccessful", done);
  events.event({ ...claim, kind: "PersistentVolumeClaim", apiVersion: "v1" }, "Normal", "FileSystemResizeSuccessful", done);
};

/** A claim that changed meanwhile is a conflict: the next look sees more. */
const told = (client: Client, { metadata }: PersistentVolumeClaim, status: object, signal: AbortSignal): Promise<PersistentVolumeClaim> =>
  client.resource(persistentVolumeClaims).patch(metadata.name, metadata.namespace, { type: "merge", body: { metadata: { resourceVersion: metadata.resourceVersion }, status } }, { subresource: "status", signal });
