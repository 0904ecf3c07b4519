/** What the Node and its CSINode say of a driver, decided purely. Upstream: pkg/volume/csi/nodeinfomanager */
import type { Node } from "#api/gen/core-v1.ts";
import type { CSINode, CSINodeDriver } from "#api/gen/storage-v1.ts";
import type { NodeGetInfoResponse } from "#csi/gen/csi-v1.ts";

const nodeIdAnnotation = "csi.volume.kubernetes.io/nodeid";

/** Why these versions do not do. Upstream: highestSupportedVersion */
export function versionProblem(name: string, versions: readonly string[]): string | undefined {
  if (versions.length === 0) return `CSI driver ${name} reported no supported versions`;
  return versions.some((version) => /^v?1(\.\d+)*$/.test(version)) ? undefined : `none of the CSI versions reported by this driver are supported: ${versions.join(", ")}`;
}

/** Annotations for a merge patch. @param id undefined takes the driver's away */
export function annotationsWith({ metadata }: Node, driver: string, id: string | undefined): Record<string, string | null> {
  const { [driver]: _, ...others } = JSON.parse(metadata.annotations?.[nodeIdAnnotation] ?? "{}") as Record<string, string>;
  const ids = id === undefined ? others : { ...others, [driver]: id };
  return { [nodeIdAnnotation]: Object.keys(ids).length === 0 ? null : JSON.stringify(ids) };
}

/** Throws where a label says otherwise already. */
export function labelsOf({ metadata }: Node, { accessibleTopology }: NodeGetInfoResponse): Record<string, string> {
  const segments = accessibleTopology?.segments ?? {};
  for (const [key, value] of Object.entries(segments)) {
    const old = metadata.labels?.[key];
    if (old !== undefined && old !== value) throw new Error(`detected topology value collision: driver reported "${key}":"${value}" but existing label is "${key}":"${old}"`);
  }
  return segments;
}

export function csiNodeWith(old: CSINode, name: string, { nodeId = "", maxVolumesPerNode = "0", accessibleTopology }: NodeGetInfoResponse): CSINode {
  const count = Number(maxVolumesPerNode);
  const topologyKeys = Object.keys(accessibleTopology?.segments ?? {}).sort();
  const driver: CSINodeDriver = { name, nodeID: nodeId, topologyKeys, ...(count > 0 && { allocatable: { count } }) };
  return { ...old, spec: { ...old.spec, drivers: [...others(old, name), driver] } };
}

/** The node's drivers when this one has gone. */
export const csiNodeWithout = (old: CSINode, name: string): CSINode => ({ ...old, spec: { ...old.spec, drivers: others(old, name) } });

const others = ({ spec }: CSINode, name: string): CSINodeDriver[] => (spec.drivers ?? []).filter((driver) => driver.name !== name);
