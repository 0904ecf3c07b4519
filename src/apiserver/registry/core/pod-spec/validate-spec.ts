import type { PodResourceClaim, PodSpec, PodTemplateSpec } from "#api/gen/core-v1.ts";
import type { ObjectMeta } from "#apimachinery/meta.ts";
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, eachInvalid, forbidden, invalidValue, notSupported, oneOf, required } from "#apimachinery/validation/causes.ts";
import { validateAnnotations, validateLabels } from "#apimachinery/validation/metadata.ts";
import { dns1123Label, dns1123Subdomain, inRange, qualifiedName } from "#apimachinery/validation/names.ts";
import { validateAffinity } from "./validate-affinity.ts";
import { validateContainers, validateInitContainers, type PodContext } from "./validate-container.ts";
import { validateDnsConfig, validateDnsPolicy, validateHostAliases } from "./validate-dns.ts";
import { validateEphemeralContainers } from "./validate-ephemeral.ts";
import { validatePodResources } from "./validate-pod-resources.ts";
import { validateResources } from "./validate-resources.ts";
import { validateGates, validateSpread, validateTolerations } from "./validate-scheduling.ts";
import { validateHostUsers, validatePodSecurity } from "./validate-security.ts";
import { validateVolumes } from "./validate-volumes.ts";
import { validateHostProcess } from "./validate-windows.ts";

const name = (field: string, value: string | undefined, check: (value: string) => readonly string[]): readonly Cause[] => (value ? eachInvalid(field, value, check(value)) : []);
const restartPolicies: readonly string[] = ["Always", "OnFailure", "Never"];
const maxInt32 = 0x7fffffff;

/**
 * A pod's spec, or a template's.
 * @param podName empty for a template
 * Upstream: pkg/apis/core/validation ValidatePodSpec
 */
export function validatePodSpec(spec: PodSpec, podName: string, field = "spec", isPod = true): readonly Cause[] {
  const volumes = validateVolumes(spec.volumes ?? [], podName, `${field}.volumes`);
  const pod: PodContext = { spec, volumes: volumes.valid, claimNames: new Set((spec.resourceClaims ?? []).map((c) => c.name)), isPod };
  return [
    ...(spec.terminationGracePeriodSeconds === undefined ? [required(`${field}.terminationGracePeriodSeconds`)] : []),
    ...volumes.causes,
    ...validateClaims(spec.resourceClaims ?? [], `${field}.resourceClaims`),
    ...validateContainers(spec.containers ?? [], pod, `${field}.containers`),
    ...validateInitContainers(spec.initContainers ?? [], pod, `${field}.initContainers`),
    ...validateEphemeralContainers(spec.ephemeralContainers ?? [], pod, `${field}.ephemeralContainers`),
    ...validatePodResources(spec, `${field}.resources`),
    ...validateHostPorts(spec, isPod, `${field}.containers`),
    ...oneOf(`${field}.restartPolicy`, spec.restartPolicy, restartPolicies),
    ...validateDnsPolicy(spec.dnsPolicy, `${field}.dnsPolicy`),
    ...validateLabels(spec.nodeSelector, `${field}.nodeSelector`),
    ...validatePodSecurity(spec.securityContext, spec, `${field}.securityContext`),
    ...(spec.affinity ? validateAffinity(spec.affinity, `${field}.affinity`) : []),
    ...validateDnsConfig(spec, `${field}.dnsConfig`),
    ...(spec.readinessGates ?? []).flatMap(({ conditionType }, i) => eachInvalid(`${field}.readinessGates[${i}].conditionType`, conditionType, qualifiedName(conditionType))),
    ...validateGates(spec.schedulingGates ?? [], `${field}.schedulingGates`),
    ...validateSpread(spec.topologySpreadConstraints ?? [], `${field}.topologySpreadConstraints`),
    ...validateHostProcess(spec, field),
    ...validateHostUsers(spec, field),
    ...validateIdentity(spec, field),
    ...validateTolerations(spec.tolerations ?? [], `${field}.tolerations`),
    ...validateHostAliases(spec.hostAliases ?? [], `${field}.hostAliases`),
    ...name(`${field}.priorityClassName`, spec.priorityClassName, dns1123Subdomain),
    ...name(`${field}.runtimeClassName`, spec.runtimeClassName, dns1123Subdomain),
    ...(spec.preemptionPolicy === undefined ? [] : oneOf(`${field}.preemptionPolicy`, spec.preemptionPolicy, ["PreemptLowerPriority", "Never"])),
    ...(spec.overhead === undefined ? [] : validateResources({ limits: spec.overhead }, undefined, `${field}.overhead`)),
    ...validateOs(spec, field),
    ...(spec.schedulingGroup === undefined ? [] : [forbidden(`${field}.schedulingGroup`, "pod groups are not supported")]),
  ];
}

const validateIdentity = (spec: PodSpec, field: string): readonly Cause[] => [
  ...name(`${field}.serviceAccountName`, spec.serviceAccountName, dns1123Subdomain),
  ...name(`${field}.nodeName`, spec.nodeName, dns1123Subdomain),
  ...(spec.activeDeadlineSeconds === undefined
    ? []
    : eachInvalid(`${field}.activeDeadlineSeconds`, spec.activeDeadlineSeconds, inRange(spec.activeDeadlineSeconds, 1, maxInt32))),
  ...name(`${field}.hostname`, spec.hostname, dns1123Label),
  ...name(`${field}.subdomain`, spec.subdomain, dns1123Label),
];

/** Upstream: pkg/apis/core/validation validatePodHostNetworkDeps */
function validateHostPorts({ hostNetwork, containers }: PodSpec, isPod: boolean, field: string): readonly Cause[] {
  if (hostNetwork !== true) return [];
  return containers.flatMap(({ ports = [] }, i) => ports.flatMap(({ hostPort = 0, containerPort }, j) =>
    (isPod || hostPort !== 0) && hostPort !== containerPort ? [invalidValue(`${field}[${i}].ports[${j}].hostPort`, hostPort, "must match `containerPort` when `hostNetwork` is true")] : []));
}

/** Upstream: pkg/apis/core/validation validatePodResourceClaims */
function validateClaims(claims: readonly PodResourceClaim[], field: string): readonly Cause[] {
  return claims.flatMap((claim, i) => {
    const at = `${field}[${i}]`;
    const sources = [claim.resourceClaimName, claim.resourceClaimTemplateName].filter((source) => source !== undefined).length;
    return [
      ...(claim.name === "" ? [required(`${at}.name`)] : claims.findIndex((c) => c.name === claim.name) < i ? [duplicate(`${at}.name`, claim.name)] : eachInvalid(`${at}.name`, claim.name, dns1123Label(claim.name))),
      ...(sources > 1 ? [invalidValue(at, claim, "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified")] : []),
      ...(sources === 0 ? [invalidValue(at, claim, "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`")] : []),
      ...name(`${at}.resourceClaimName`, claim.resourceClaimName, dns1123Subdomain),
      ...name(`${at}.resourceClaimTemplateName`, claim.resourceClaimTemplateName, dns1123Subdomain),
    ];
  });
}

function validateOs(spec: PodSpec, specField: string): readonly Cause[] {
  const { os } = spec;
  const field = `${specField}.os`;
  if (os === undefined) return [];
  if (os.name === "") return [required(`${field}.name`, "cannot be empty")];
  if (os.name !== "linux" && os.name !== "windows") return [notSupported(field, os.name, ["linux", "windows"])];
  return os.name === "linux" ? noWindowsOptions(spec, specField) : [];
}

/** Upstream: pkg/apis/core/validation validateLinux */
function noWindowsOptions(spec: PodSpec, field: string): readonly Cause[] {
  const lists = (["containers", "initContainers", "ephemeralContainers"] as const).flatMap((list) =>
    (spec[list] ?? []).map(({ securityContext }, i) => ({ securityContext, at: `${field}.${list}[${i}]` })));
  return [{ securityContext: spec.securityContext, at: field }, ...lists]
    .filter(({ securityContext }) => securityContext?.windowsOptions !== undefined)
    .map(({ at }) => forbidden(`${at}.securityContext.windowsOptions`, "windows options cannot be set for a linux pod"));
}

/** The template of a workload. Upstream: pkg/apis/core/validation ValidatePodTemplateSpec */
export function validatePodTemplate(template: PodTemplateSpec | undefined, field: string): readonly Cause[] {
  const metadata: Partial<ObjectMeta> = template?.metadata ?? {};
  const spec = template?.spec ?? { containers: [] };
  return [
    ...validateLabels(metadata.labels, `${field}.labels`),
    ...validateAnnotations(metadata.annotations, `${field}.annotations`),
    ...validatePodSpec(spec, "", `${field}.spec`, false),
    ...(spec.ephemeralContainers?.length ? [forbidden(`${field}.spec.ephemeralContainers`, "ephemeral containers not allowed in pod template")] : []),
  ];
}
