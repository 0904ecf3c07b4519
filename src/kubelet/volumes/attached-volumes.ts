import { isStatus } from "#apimachinery/status.ts";
import type { Node } from "#api/gen/core-v1.ts";
import type { VolumeAttachment } from "#api/gen/storage-v1.ts";
import type { Clock } from "#base/clock.ts";
import type { Lister, Informer } from "#client/lister.ts";
import { waitFor } from "../informer-wait.ts";

/** Upstream: pkg/kubelet/volumemanager podAttachAndMountTimeout */
const waitMs = 123_000;

interface Deps {
  readonly nodeName: string;
  readonly node: Informer<Node>;
  readonly clock: Clock;
  readonly attachment: (name: string) => Promise<VolumeAttachment>;
}

type Attached = (volume: string, attachment: string, signal: AbortSignal) => Promise<Readonly<Record<string, string>>>;

/**
 * Waits for the attach/detach controller: the server has seen that the node uses the volume (from then on nobody takes it away),
 * and says that it is attached. Upstream: pkg/volume/util/operationexecutor/operation_generator.go GenerateVerifyControllerAttachedVolumeFunc
 */
export const attachedVolumes = ({ nodeName, node, clock, attachment }: Deps): Attached => async (volume, name, signal) => {
  if (!await waitFor(node, () => isHere(node, nodeName, volume), { clock, ms: waitMs, signal })) throw new Error(`timed out waiting for volume ${volume} to be attached to node ${nodeName}`);
  try {
    const { status } = await attachment(name);
    if (!status.attached) throw new Error(`volume ${volume} is not attached by its driver: ${status.attachError?.message ?? "no error told"}`);
    return status.attachmentMetadata ?? {};
  } catch (err) {
    if (isStatus(err, "NotFound")) throw new Error(`volume ${volume} has GET error for volume attachment ${name}: ${(err as Error).message}`, { cause: err });
    throw err;
  }
};

function isHere(nodes: Lister<Node>, nodeName: string, volume: string): boolean {
  const { volumesInUse = [], volumesAttached = [] } = nodes.get(nodeName)?.status ?? {};
  return volumesInUse.includes(volume) && volumesAttached.some(({ name }) => name === volume);
}
