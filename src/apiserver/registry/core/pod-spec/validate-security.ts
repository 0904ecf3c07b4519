import type { AppArmorProfile, PodSecurityContext, PodSpec, SeccompProfile, SecurityContext, Sysctl } from "#api/gen/core-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, eachInvalid, forbidden, invalidValue, notSupported, required, tooLong } from "#apimachinery/validation/causes.ts";
import { groupId, userId } from "#apimachinery/validation/names.ts";
import { descendingPath } from "./validate-paths.ts";
import { validateWindowsOptions } from "./validate-windows.ts";

const profileTypes: readonly string[] = ["Localhost", "RuntimeDefault", "Unconfined"];
const sysctlPattern = "^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";
const sysctlRegex = new RegExp(sysctlPattern);
const longestSysctl = 253;
const longestProfile = 4095;

const id = (field: string, value: number | undefined, check: (value: number) => readonly string[]): readonly Cause[] => (value === undefined ? [] : eachInvalid(field, value, check(value)));

/** A `Localhost` profile with an empty path is refused as well: it would mean no profile. Upstream: pkg/apis/core/validation validateSeccompProfileField */
function validateSeccomp(profile: SeccompProfile | undefined, field: string): readonly Cause[] {
  if (profile === undefined) return [];
  const { type, localhostProfile: path } = profile;
  const causes: Cause[] = [];
  if (!type) causes.push(required(`${field}.type`, "type is required when seccompProfile is set"));
  else if (!profileTypes.includes(type)) causes.push(notSupported(`${field}.type`, type, profileTypes));
  if (type === "Localhost") {
    return [...causes, ...(path ? descendingPath(`${field}.localhostProfile`, path) : [required(`${field}.localhostProfile`, "must be set when seccomp type is Localhost")])];
  }
  return path === undefined ? causes : [...causes, invalidValue(`${field}.localhostProfile`, profile, "can only be set when seccomp type is Localhost")];
}

/** Upstream: pkg/apis/core/validation ValidateAppArmorProfileField */
function validateAppArmor(profile: AppArmorProfile | undefined, field: string): readonly Cause[] {
  if (profile === undefined) return [];
  const { type, localhostProfile: name } = profile;
  if (!type) return [required(`${field}.type`, "type is required when appArmorProfile is set")];
  if (!profileTypes.includes(type)) return [notSupported(`${field}.type`, type, profileTypes)];
  const at = `${field}.localhostProfile`;
  if (type !== "Localhost") return name === undefined ? [] : [invalidValue(at, name, "can only be set when AppArmor type is Localhost")];
  if (!name) return [required(at, "must be set when AppArmor type is Localhost")];
  return [...(name.trim() === name ? [] : [invalidValue(at, name, "must not be padded with whitespace")]), ...(name.length > longestProfile ? [tooLong(at, longestProfile)] : [])];
}

/** Upstream: pkg/apis/core/validation validateSysctls */
function validateSysctls(sysctls: readonly Sysctl[], spec: PodSpec, field: string): readonly Cause[] {
  const seen = new Set<string>();
  return sysctls.flatMap(({ name }, i) => {
    const at = `${field}[${i}].name`;
    const causes: Cause[] = [];
    if (name === "") causes.push(required(at));
    else if (name.length > longestSysctl || !sysctlRegex.test(name)) causes.push(invalidValue(at, name, `must have at most ${longestSysctl} characters and match regex ${sysctlPattern}`));
    else if (seen.has(name)) causes.push(duplicate(at, name));
    seen.add(name);
    return [...causes, ...sharedWithHost(name.replaceAll("/", "."), spec, at)];
  });
}

function sharedWithHost(name: string, spec: PodSpec, field: string): readonly Cause[] {
  if (spec.hostNetwork === true && name.startsWith("net.")) return [invalidValue(field, name, "may not be specified when 'hostNetwork' is true")];
  const isIpc = /^(fs\.mqueue\.|kernel\.(sem$|shm|msg))/.test(name);
  return spec.hostIPC === true && isIpc ? [invalidValue(field, name, "may not be specified when 'hostIPC' is true")] : [];
}

const supported = (field: string, value: string | undefined, allowed: readonly string[]): readonly Cause[] =>
  (value === undefined || allowed.includes(value) ? [] : [notSupported(field, value, allowed)]);

/** Upstream: pkg/apis/core/validation validatePodSpecSecurityContext */
export function validatePodSecurity(context: PodSecurityContext | undefined, spec: PodSpec, field: string): readonly Cause[] {
  const shared: readonly Cause[] = spec.shareProcessNamespace === true && spec.hostPID === true
    ? [invalidValue(`${field}.shareProcessNamespace`, true, "ShareProcessNamespace and HostPID cannot both be enabled")]
    : [];
  if (context === undefined) return shared;
  return [
    ...id(`${field}.fsGroup`, context.fsGroup, groupId),
    ...id(`${field}.runAsUser`, context.runAsUser, userId),
    ...id(`${field}.runAsGroup`, context.runAsGroup, groupId),
    ...(context.supplementalGroups ?? []).flatMap((group, i) => id(`${field}.supplementalGroups[${i}]`, group, groupId)),
    ...shared,
    ...validateSysctls(context.sysctls ?? [], spec, `${field}.sysctls`),
    ...supported(`${field}.fsGroupChangePolicy`, context.fsGroupChangePolicy, ["Always", "OnRootMismatch"]),
    ...validateSeccomp(context.seccompProfile, `${field}.seccompProfile`),
    ...validateWindowsOptions(context.windowsOptions, `${field}.windowsOptions`),
    ...validateAppArmor(context.appArmorProfile, `${field}.appArmorProfile`),
    ...supported(`${field}.supplementalGroupsPolicy`, context.supplementalGroupsPolicy, ["Merge", "Strict"]),
    ...supported(`${field}.seLinuxChangePolicy`, context.seLinuxChangePolicy, ["MountOption", "Recursive"]),
  ];
}

/** @param hostUsers whether the pod shares the host's user namespace. Upstream: pkg/apis/core/validation ValidateSecurityContext */
export function validateContainerSecurity(context: SecurityContext | undefined, hostUsers: boolean, field: string): readonly Cause[] {
  if (context === undefined) return [];
  const { allowPrivilegeEscalation: escalation, capabilities, procMount } = context;
  return [
    ...id(`${field}.runAsUser`, context.runAsUser, userId),
    ...id(`${field}.runAsGroup`, context.runAsGroup, groupId),
    ...supported(`${field}.procMount`, procMount, ["Default", "Unmasked"]),
    ...(hostUsers && procMount === "Unmasked" ? [invalidValue(`${field}.procMount`, procMount, "`hostUsers` must be false to use `Unmasked`")] : []),
    ...validateSeccomp(context.seccompProfile, `${field}.seccompProfile`),
    ...(escalation === false && context.privileged === true
      ? [invalidValue(field, context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true")]
      : []),
    ...(escalation === false && capabilities?.add?.includes("CAP_SYS_ADMIN") === true
      ? [invalidValue(field, context, "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN")]
      : []),
    ...validateWindowsOptions(context.windowsOptions, `${field}.windowsOptions`),
    ...validateAppArmor(context.appArmorProfile, `${field}.appArmorProfile`),
  ];
}

/** A user namespace of its own goes with no other of the host's. Upstream: pkg/apis/core/validation validateHostUsers */
export function validateHostUsers(spec: PodSpec, field: string): readonly Cause[] {
  if (spec.hostUsers !== false) return [];
  const why = "when `hostUsers` is false";
  return [
    ...(spec.hostNetwork === true ? [forbidden(`${field}.hostNetwork`, why)] : []),
    ...(spec.hostPID === true ? [forbidden(`${field}.hostPID`, why)] : []),
    ...(spec.hostIPC === true ? [forbidden(`${field}.hostIPC`, why)] : []),
  ];
}
