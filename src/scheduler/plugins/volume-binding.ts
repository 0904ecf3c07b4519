import { ephemeralClaimName, foreignClaim } from "#api/ephemeral-volume.ts";
import type { PersistentVolume, PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import { fits, rejectedForGood, skip, type Plugin, type Rejection } from "../framework.ts";
import type { NodeInfo } from "../node-info.ts";
import type { PodInfo } from "../pod-info.ts";
import type { VolumeBinder, VolumeDecision } from "../volume-binder.ts";
import { requestedSize } from "#api/volume-matching.ts";
import { isBound } from "../volume-matching.ts";

export type { VolumeBinder } from "../volume-binder.ts";

const wrongNode = rejectedForGood("node(s) didn't match PersistentVolume's node affinity");
const noMatch = rejectedForGood("node(s) didn't find available persistent volumes to bind");
const noRoom = rejectedForGood("node(s) did not have enough free storage");
const missingVolume = rejectedForGood("node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)");

interface Delayed { readonly claim: PersistentVolumeClaim; readonly candidates: readonly PersistentVolume[] }
interface Wanted {
  readonly bound: readonly PersistentVolumeClaim[];
  /** Claims that wait for this pod, the smallest first. */
  readonly delayed: readonly Delayed[];
  decision: VolumeDecision | undefined;
}

/** Pods go where their volumes are or can be. Upstream: pkg/scheduler/framework/plugins/volumebinding */
export const volumeBinding = (binder: VolumeBinder): Plugin<Wanted> => ({
  name: "VolumeBinding",
  wakesOn: ["claim/changed", "volume/changed", "class/changed", "csi-driver/changed", "capacity/changed", "node/added", "node/labels"],
  hint: (pod, { event, object }) => event !== "claim/changed" || pod.claims.includes(`${object.metadata.namespace}/${object.metadata.name}`),
  preFilter(pod) {
    if (pod.claims.length === 0) return skip;
    const claims: PersistentVolumeClaim[] = [];
    for (const key of pod.claims) {
      const claim = binder.claims.get(key);
      const problem = problemOf(pod, key, claim);
      if (claim === undefined || problem !== undefined) return { rejection: rejectedForGood(problem ?? "") };
      claims.push(claim);
    }
    const unbound = claims.filter((claim) => !isBound(claim));
    if (unbound.some((claim) => !binder.waitsForConsumer(claim))) return { rejection: rejectedForGood("pod has unbound immediate PersistentVolumeClaims") };
    const delayed = unbound.sort((a, b) => requestedSize(a).cmp(requestedSize(b))).map((claim) => ({ claim, candidates: binder.candidates(claim) }));
    return { state: { bound: claims.filter(isBound), delayed, decision: undefined } };
  },
  filter(_pod, node, wanted) {
    const problem = boundProblem(wanted.bound, node, binder);
    if (problem !== undefined) return problem;
    const decision = decide(wanted.delayed, node, binder);
    if (decision === undefined) return noMatch;
    return decision.provision.every((claim) => binder.selectedNode(claim) !== undefined || binder.hasRoom(claim, node)) ? fits : noRoom;
  },
  reserve(_pod, node, wanted) {
    wanted.decision = decide(wanted.delayed, node, binder);
    if (wanted.decision === undefined) return noMatch;
    binder.promise(wanted.decision, node.name);
    return fits;
  },
  unreserve(_pod, _node, wanted) {
    if (wanted.decision !== undefined) binder.takeBack(wanted.decision);
  },
  async preBind(_pod, node, wanted, signal) {
    if (wanted.decision !== undefined) await binder.bind(wanted.decision, node, signal);
  },
});

/** Why the pod cannot be placed anywhere with this claim. */
function problemOf(pod: PodInfo, key: string, claim: PersistentVolumeClaim | undefined): string | undefined {
  const name = key.slice(key.indexOf("/") + 1);
  const ephemeral = (pod.pod.spec.volumes ?? []).some((v) => v.ephemeral !== undefined && ephemeralClaimName(pod.pod, v.name) === name);
  if (claim === undefined) return ephemeral ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"` : `persistentvolumeclaim "${name}" not found`;
  if (claim.status.phase === "Lost") return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName ?? ""}"`;
  if (claim.metadata.deletionTimestamp !== undefined) return `persistentvolumeclaim "${name}" is being deleted`;
  return ephemeral ? foreignClaim(pod.pod, claim) : undefined;
}

function boundProblem(claims: readonly PersistentVolumeClaim[], node: NodeInfo, binder: VolumeBinder): Rejection | undefined {
  for (const { spec } of claims) {
    const volume = binder.volumes.get(spec.volumeName ?? "");
    if (volume === undefined) return missingVolume;
    if (!binder.usableOn(volume, node)) return wrongNode;
  }
  return undefined;
}

/** A volume for each claim on this node, or a promise to make one; undefined when it cannot be. */
function decide(delayed: readonly Delayed[], node: NodeInfo, binder: VolumeBinder): VolumeDecision | undefined {
  const chosen = new Set<string>();
  const bind: { claim: PersistentVolumeClaim; volume: PersistentVolume }[] = [];
  const provision: PersistentVolumeClaim[] = [];
  for (const { claim, candidates } of delayed) {
    const selected = binder.selectedNode(claim);
    if (selected !== undefined && selected !== node.name) return undefined;
    const volume = selected === undefined ? candidates.find((v) => !chosen.has(v.metadata.name) && binder.usableOn(v, node)) : undefined;
    if (volume !== undefined) {
      chosen.add(volume.metadata.name);
      bind.push({ claim, volume });
    } else if (selected !== undefined || binder.canProvision(claim, node)) provision.push(claim);
    else return undefined;
  }
  return { bind, provision };
}
