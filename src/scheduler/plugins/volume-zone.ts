import type { PersistentVolume, PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import { regionLabel, zoneLabel } from "#api/node.ts";
import type { Lister } from "#client/lister.ts";
import { fits, rejectedForGood, skip, type Plugin } from "../framework.ts";

const rejection = rejectedForGood("node(s) had no available volume zone");
const topologyLabels = [zoneLabel, regionLabel, "failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region"];

interface Wanted { readonly label: string; readonly values: ReadonlySet<string> }

/** A volume that says its zone by labels is used in that zone. Upstream: pkg/scheduler/framework/plugins/volumezone */
export const volumeZone = (claims: Lister<PersistentVolumeClaim>, volumes: Lister<PersistentVolume>): Plugin<readonly Wanted[]> => ({
  name: "VolumeZone",
  wakesOn: ["claim/changed", "volume/changed", "node/added", "node/labels"],
  preFilter(pod) {
    const wanted = pod.claims.flatMap((key) => labelsOf(volumes.get(claims.get(key)?.spec.volumeName ?? "")));
    return wanted.length === 0 ? skip : { state: wanted };
  },
  filter(_pod, { labels }, wanted) {
    if (!topologyLabels.some((label) => labels[label] !== undefined)) return fits; // a node outside of all zones
    return wanted.every(({ label, values }) => values.has(labels[label] ?? "")) ? fits : rejection;
  },
});

/** Several values are written `a__b`. */
const labelsOf = (volume: PersistentVolume | undefined): readonly Wanted[] =>
  topologyLabels.flatMap((label) => {
    const value = volume?.metadata.labels?.[label];
    return value === undefined ? [] : [{ label, values: new Set(value.split("__")) }];
  });
