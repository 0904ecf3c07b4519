/** What configMap, secret, downwardAPI and projected volumes share: a payload, written at once, read-only in containers. */
import type { Clock } from "#base/clock.ts";
import { isStatus } from "#apimachinery/status.ts";
import type { Volume } from "#api/gen/core-v1.ts";
import { writeAtomically } from "./atomic-writer.ts";
import { makeDirectory, removeDirectory, type Medium } from "./directory.ts";
import type { Payload } from "./payload.ts";
import type { Mount, VolumePlugin } from "./plugin.ts";

export interface Content {
  readonly name: string;
  readonly medium: Medium;
  supports(volume: Volume): boolean;
  /** The files as they shall be now. Throws with upstream's message. */
  collect(mount: Mount): Promise<Payload>;
}

/** A plugin that keeps a directory equal to a payload. */
export const contentPlugin = (clock: Clock, content: Content): VolumePlugin => ({
  name: content.name,
  supports: (volume) => content.supports(volume),
  async setUp(mount) {
    const payload = await content.collect(mount);
    mount.certain?.();
    await makeDirectory(mount.dir, content.medium);
    const { fsGroup } = mount.pod.spec.securityContext ?? {};
    await writeAtomically(mount.dir, payload, { clock, ...(fsGroup !== undefined && { fsGroup }) });
    return { path: mount.dir, readOnly: true };
  },
  tearDown: removeDirectory,
});

/** The object, or undefined when it is not there and may be missing; else throws `configmap "x" not found`, as upstream's kubelet says it. */
export async function findOptional<T>(kind: "configmap" | "secret", name: string, optional: boolean, get: () => Promise<T>): Promise<T | undefined> {
  try {
    return await get();
  } catch (err) {
    if (!isStatus(err, "NotFound")) throw err;
    if (optional) return undefined;
    throw new Error(`${kind} "${name}" not found`, { cause: err });
  }
}
