/** CDI's edits as fields of CRI, for a runtime that knows no CDI. What CRI cannot say is refused by its name. Upstream: tags.cncf.io/container-device-interface/pkg/cdi/container-edits.go Apply */
import type { Device, Mount, MountPropagation } from "#cri/gen/cri-v1.ts";
import type { NamedEdits } from "./registry.ts";
import type { CdiMount, DeviceNode } from "./spec.ts";

/** What containers get with their devices. */
export interface CdiGift {
  readonly env: readonly (readonly [string, string])[];
  readonly devices: readonly Device[];
  readonly mounts: readonly Mount[];
  /** Groups of the container's processes. */
  readonly groups: readonly string[];
}

export const noGift: CdiGift = { env: [], devices: [], mounts: [], groups: [] };

/** A device node of the host. */
export interface HostNode { readonly type: "b" | "c" | "p"; readonly major: number; readonly minor: number; readonly fileMode: number; readonly uid: number; readonly gid: number }

/** @param nodeAt the device node at a path of the host; undefined where there is none */
export function toCri(all: readonly NamedEdits[], nodeAt: (path: string) => HostNode | undefined): CdiGift {
  for (const { of, edits } of all) {
    const field = edits.hooks?.length ? `hooks[0] (${edits.hooks[0]?.hookName})` : edits.netDevices?.length ? "netDevices" : edits.intelRdt !== undefined ? "intelRdt" : undefined;
    if (field !== undefined) throw new Error(refusal(of, field));
  }
  return {
    env: all.flatMap(({ edits }) => (edits.env ?? []).map((variable) => pair(variable))),
    devices: all.flatMap(({ of, edits }) => (edits.deviceNodes ?? []).map((node, i) => deviceOf(node, nodeAt, `${of}: containerEdits.deviceNodes[${i}]`))),
    mounts: all.flatMap(({ of, edits }) => (edits.mounts ?? []).map((mount, i) => mountOf(mount, of, `mounts[${i}]`))),
    groups: [...new Set(all.flatMap(({ edits }) => edits.additionalGids ?? []))].filter((gid) => gid !== 0).map(String),
  };
}

const refusal = (of: string, field: string): string => `${of}: containerEdits.${field} cannot be given to a container by a runtime that knows no CDI`;

function pair(variable: string): readonly [string, string] {
  const at = variable.indexOf("=");
  return [variable.slice(0, at), variable.slice(at + 1)];
}

/** The runtime makes the node as it is on the host: a spec may say so, but nothing else. */
function deviceOf(node: DeviceNode, nodeAt: (path: string) => HostNode | undefined, path: string): Device {
  const hostPath = node.hostPath || node.path;
  const host = nodeAt(hostPath);
  if (host === undefined) throw new Error(`${path}: there is no device node ${hostPath} on this host`);
  if (host.type === "p") throw new Error(`${path}: ${hostPath} is a FIFO, which a runtime that knows no CDI cannot make`);
  const said: Partial<HostNode> = { ...ofHost(node), ...(node.type && { type: node.type === "u" ? "c" : (node.type as HostNode["type"]) }) };
  const other = (Object.keys(said) as (keyof HostNode)[]).find((key) => said[key] !== host[key]);
  if (other !== undefined) throw new Error(`${path}.${other}: ${said[other]} is not that of ${hostPath} on this host (${host[other]}), and a runtime that knows no CDI cannot change it`);
  return { hostPath, containerPath: node.path, permissions: node.permissions || "rwm" };
}

/** What a spec says of numbers. A major and minor of 0, and a mode of 0, say nothing. */
const ofHost = ({ major = 0, minor = 0, fileMode = 0, uid, gid }: DeviceNode): Partial<HostNode> => ({
  ...((major !== 0 || minor !== 0) && { major, minor }),
  ...(fileMode !== 0 && { fileMode: fileMode & 0o7777 }),
  ...(uid !== undefined && { uid }),
  ...(gid !== undefined && { gid }),
});

const propagations: Readonly<Record<string, MountPropagation>> = {
  private: "PROPAGATION_PRIVATE", rprivate: "PROPAGATION_PRIVATE",
  slave: "PROPAGATION_HOST_TO_CONTAINER", rslave: "PROPAGATION_HOST_TO_CONTAINER",
  shared: "PROPAGATION_BIDIRECTIONAL", rshared: "PROPAGATION_BIDIRECTIONAL",
};
/** Of these CRI's mounts are in any case. */
const usual: ReadonlySet<string> = new Set(["bind", "rbind", "rw", "ro"]);

function mountOf({ hostPath, containerPath, options = [], type = "" }: CdiMount, of: string, field: string): Mount {
  if (type !== "" && type !== "bind") throw new Error(refusal(of, `${field}.type ${type}`));
  const strange = options.find((option) => !usual.has(option) && propagations[option] === undefined);
  if (strange !== undefined) throw new Error(refusal(of, `${field}.options ${strange}`));
  const propagation = options.map((option) => propagations[option]).findLast((found) => found !== undefined);
  return { hostPath, containerPath, readonly: options.includes("ro"), propagation: propagation ?? "PROPAGATION_PRIVATE" };
}
