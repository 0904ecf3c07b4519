import type { Volume } from "#api/gen/core-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, eachInvalid, forbidden, invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";
import { dns1123Label, dns1123Subdomain } from "#apimachinery/validation/names.ts";
import { quantityOf } from "../../common/quantity-of.ts";
import { validateClaimSpec } from "../claim-spec.ts";
import { present, validateDownwardFile, validateItems, validateMode } from "./validate-files.ts";
import type { Volumes } from "./validate-mounts.ts";
import { noBacksteps, unreservedPath } from "./validate-paths.ts";
import { validateProjected } from "./validate-projected.ts";

type Source = Exclude<keyof Volume, "name">;
type Check<K extends Source> = (source: NonNullable<Volume[K]>, field: string) => readonly Cause[];

const hostPathTypes: readonly string[] = ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

const targetForms: Readonly<Record<string, RegExp>> = { iqn: /^iqn\.\d{4}-\d{2}\.[A-Za-z0-9.-]+:[^,;*&$|\s]+$/, eui: /^eui\.[0-9A-F]{16}$/, naa: /^naa\.[0-9A-F]{32}$/ };

/** Upstream: pkg/apis/core/validation validateISCSIVolumeSource */
function qualifiedTarget(field: string, iqn: string): readonly Cause[] {
  if (iqn === "") return [];
  const form = targetForms[iqn.slice(0, 3)];
  if (form === undefined) return [invalidValue(field, iqn, "must be valid format starting with iqn, eui, or naa")];
  return form.test(iqn) ? [] : [invalidValue(field, iqn, "must be valid format")];
}

/** In the order in which upstream looks at them: the first one given wins, the others are too many. */
const checks: { readonly [K in Source]?: Check<K> } = {
  emptyDir: ({ sizeLimit }, field) => ((quantityOf(sizeLimit)?.sign ?? 0) < 0 ? [forbidden(`${field}.sizeLimit`, "SizeLimit field must be a valid resource quantity")] : []),
  hostPath: ({ path, type }, field) => {
    if (path === "") return [required(`${field}.path`)];
    return [...noBacksteps(`${field}.path`, path), ...(type === undefined || hostPathTypes.includes(type) ? [] : [notSupported(`${field}.type`, type, hostPathTypes)])];
  },
  gitRepo: ({ repository, directory = "" }, field) => [...present(field, ["repository", repository]), ...unreservedPath(`${field}.directory`, directory)],
  gcePersistentDisk: ({ pdName }, field) => present(field, ["pdName", pdName]),
  awsElasticBlockStore: ({ volumeID }, field) => present(field, ["volumeID", volumeID]),
  secret: (secret, field) => [...present(field, ["secretName", secret.secretName]), ...validateMode(`${field}.defaultMode`, secret.defaultMode), ...validateItems(secret.items, `${field}.items`)],
  nfs: ({ server, path }, field) => [...present(field, ["server", server], ["path", path]), ...(path.startsWith("/") ? [] : [invalidValue(`${field}.path`, path, "must be an absolute path")])],
  iscsi: ({ targetPortal, iqn }, field) => [...present(field, ["targetPortal", targetPortal], ["iqn", iqn]), ...qualifiedTarget(`${field}.iqn`, iqn)],
  glusterfs: ({ endpoints, path }, field) => present(field, ["endpoints", endpoints], ["path", path]),
  flocker: ({ datasetName, datasetUUID }, field) => (datasetName || datasetUUID ? [] : [required(field, "one of datasetName and datasetUUID is required")]),
  persistentVolumeClaim: ({ claimName }, field) => present(field, ["claimName", claimName]),
  rbd: ({ monitors, image }, field) => [...(monitors?.length ? [] : [required(`${field}.monitors`)]), ...present(field, ["image", image])],
  cinder: ({ volumeID }, field) => present(field, ["volumeID", volumeID]),
  cephfs: ({ monitors }, field) => (monitors?.length ? [] : [required(`${field}.monitors`)]),
  quobyte: ({ volume }, field) => present(field, ["volume", volume]),
  downwardAPI: ({ defaultMode, items }, field) => [...validateMode(`${field}.defaultMode`, defaultMode), ...(items ?? []).flatMap((file) => validateDownwardFile(file, field))],
  fc: () => [],
  flexVolume: ({ driver }, field) => present(field, ["driver", driver]),
  configMap: (map, field) => [...present(field, ["name", map.name]), ...validateMode(`${field}.defaultMode`, map.defaultMode), ...validateItems(map.items, `${field}.items`)],
  azureFile: ({ secretName, shareName }, field) => present(field, ["secretName", secretName], ["shareName", shareName]),
  vsphereVolume: ({ volumePath }, field) => present(field, ["volumePath", volumePath]),
  photonPersistentDisk: ({ pdID }, field) => present(field, ["pdID", pdID]),
  portworxVolume: ({ volumeID }, field) => present(field, ["volumeID", volumeID]),
  azureDisk: ({ diskName, diskURI }, field) => present(field, ["diskName", diskName], ["diskURI", diskURI]),
  storageos: () => [],
  projected: validateProjected,
  scaleIO: ({ gateway, system, volumeName }, field) => present(field, ["gateway", gateway], ["system", system], ["volumeName", volumeName]),
  csi: ({ driver, nodePublishSecretRef: ref }, field) => [...(driver === "" ? [required(`${field}.driver`)] : []), ...(ref !== undefined && !ref.name ? [required(`${field}.nodePublishSecretRef.name`)] : [])],
  ephemeral: ({ volumeClaimTemplate: template }, field) =>
    template === undefined ? [required(`${field}.volumeClaimTemplate`)] : validateClaimSpec(template.spec, `${field}.volumeClaimTemplate.spec`),
  image: ({ reference, pullPolicy }, field) => [
    ...present(field, ["reference", reference]),
    ...(pullPolicy !== undefined && !["Always", "IfNotPresent", "Never"].includes(pullPolicy)
      ? [notSupported(`${field}.pullPolicy`, pullPolicy, ["Always", "IfNotPresent", "Never"])]
      : []),
  ],
};

function validateSource(volume: Volume, podName: string, field: string): readonly Cause[] {
  const given = (Object.keys(checks) as Source[]).filter((kind) => volume[kind] !== undefined);
  if (given.length === 0) return [required(field, "must specify a volume type")];
  return given.flatMap((kind, i) => {
    if (i > 0) return [forbidden(`${field}.${kind}`, "may not specify more than 1 volume type")];
    const check = checks[kind] as (source: unknown, field: string) => readonly Cause[];
    return [...check(volume[kind], `${field}.${kind}`), ...(kind === "ephemeral" ? validateClaimName(volume.name, podName, `${field}.name`) : [])];
  });
}

function validateClaimName(name: string, podName: string, field: string): readonly Cause[] {
  if (podName === "" || name === "") return [];
  const claim = `${podName}-${name}`;
  return eachInvalid(field, name, dns1123Subdomain(claim).map((message) => `PVC name "${claim}": ${message}`));
}

/** The pod's volumes; answers those that mounts may name. Upstream: pkg/apis/core/validation ValidateVolumes */
export function validateVolumes(volumes: readonly Volume[], podName: string, field: string): { readonly causes: readonly Cause[]; readonly valid: Volumes } {
  const valid = new Map<string, Volume>();
  const made = new Set(podName === "" ? [] : volumes.filter((v) => v.ephemeral !== undefined).map((v) => `${podName}-${v.name}`));
  const causes = volumes.flatMap((volume, i) => {
    const at = `${field}[${i}]`;
    const own = [
      ...validateSource(volume, podName, at),
      ...(volume.name === "" ? [required(`${at}.name`)] : eachInvalid(`${at}.name`, volume.name, dns1123Label(volume.name))),
      ...(valid.has(volume.name) ? [duplicate(`${at}.name`, volume.name)] : []),
    ];
    if (own.length === 0) valid.set(volume.name, volume);
    const claim = volume.persistentVolumeClaim?.claimName ?? "";
    return made.has(claim) ? [...own, invalidValue(`${at}.persistentVolumeClaim.claimName`, claim, "must not reference a PVC that gets created for an ephemeral volume")] : own;
  });
  return { causes, valid };
}
