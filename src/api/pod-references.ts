/** The objects that a pod names. Upstream: pkg/api/v1/pod VisitPodSecretNames, VisitPodConfigmapNames */
import { ephemeralClaimName } from "./ephemeral-volume.ts";
import type { Pod, Volume } from "./gen/core-v1.ts";
import { visitContainers } from "./pod.ts";

/** Names of what a pod's containers and volumes read. */
export interface References { readonly configMaps: ReadonlySet<string>; readonly secrets: ReadonlySet<string>; readonly claims: ReadonlySet<string> }

/** All ConfigMaps, Secrets and claims that a pod names: in environments, volumes and pull secrets. */
export function referencesOf(pod: Pick<Pod, "metadata" | "spec">): References {
  const configMaps = new Set<string>();
  const secrets = new Set<string>(), claims = new Set<string>();
  const add = (set: Set<string>, name: string | undefined): void => { if (name !== undefined && name !== "") set.add(name); };
  for (const { container } of visitContainers(pod.spec)) {
    for (const { configMapRef, secretRef } of container.envFrom ?? []) { add(configMaps, configMapRef?.name); add(secrets, secretRef?.name); }
    for (const { valueFrom } of container.env ?? []) { add(configMaps, valueFrom?.configMapKeyRef?.name); add(secrets, valueFrom?.secretKeyRef?.name); }
  }
  for (const { name } of pod.spec.imagePullSecrets ?? []) add(secrets, name);
  for (const volume of pod.spec.volumes ?? []) {
    add(configMaps, volume.configMap?.name);
    add(secrets, volume.secret?.secretName);
    add(claims, claimNameOf(pod, volume));
    for (const secret of secretsOfDrivers(volume)) add(secrets, secret);
    for (const source of volume.projected?.sources ?? []) { add(configMaps, source.configMap?.name); add(secrets, source.secret?.name); }
  }
  return { configMaps, secrets, claims };
}

function secretsOfDrivers(volume: Volume): (string | undefined)[] {
  return [volume.csi?.nodePublishSecretRef?.name, volume.flexVolume?.secretRef?.name, volume.cephfs?.secretRef?.name, volume.rbd?.secretRef?.name, volume.iscsi?.secretRef?.name, volume.scaleIO?.secretRef?.name, volume.storageos?.secretRef?.name, volume.azureFile?.secretName, volume.cinder?.secretRef?.name];
}

/** The claim that a volume stands for, its own where it is an ephemeral one. */
export const claimNameOf = (pod: Pick<Pod, "metadata">, { name, persistentVolumeClaim, ephemeral }: Volume): string | undefined =>
  persistentVolumeClaim?.claimName ?? (ephemeral && ephemeralClaimName(pod, name));

/** Keys of all claims that a pod's volumes stand for. */
export const claimKeysOf = (pod: Pick<Pod, "metadata" | "spec">): string[] =>
  (pod.spec.volumes ?? []).flatMap((volume) => {
    const name = claimNameOf(pod, volume);
    return name === undefined ? [] : [`${pod.metadata.namespace ?? ""}/${name}`];
  });
