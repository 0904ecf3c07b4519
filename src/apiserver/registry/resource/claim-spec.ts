import type { DeviceClaim, DeviceClaimConfiguration, DeviceConstraint, DeviceRequest, DeviceSubRequest, ExactDeviceRequest, ResourceClaimSpec } from "#api/gen/resource-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";
import { dns1123Subdomain } from "#apimachinery/validation/names.ts";
import { validateConfiguration } from "./device-config.ts";
import { mostTaints, validateToleration } from "./device-taints.ts";
import { repeated, validateList } from "./lists.ts";
import { validateFullyQualified, validateLabel } from "./names.ts";
import { validateSelectors } from "./selectors.ts";

const most = 32;
const mostAlternatives = 8;
const notARequest = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

type Asked = ExactDeviceRequest | DeviceSubRequest;

/** Upstream: pkg/apis/resource/v1 SetDefaults_ExactDeviceRequest, SetDefaults_DeviceSubRequest, SetDefaults_DeviceToleration */
export function defaultClaimSpec({ devices }: ResourceClaimSpec): void {
  for (const request of devices?.requests ?? []) {
    for (const asked of [...(request.exactly === undefined ? [] : [request.exactly]), ...(request.firstAvailable ?? [])]) {
      asked.allocationMode ||= "ExactCount";
      if (asked.allocationMode === "ExactCount") asked.count ||= 1;
      for (const toleration of asked.tolerations ?? []) toleration.operator ??= "Equal";
    }
  }
}

/** Names that may be referred to: of requests, and of requests with one of their alternatives. */
export const requestNames = ({ requests = [] }: DeviceClaim): ReadonlySet<string> =>
  new Set(requests.flatMap(({ name, firstAvailable = [] }) => [name, ...firstAvailable.map((sub) => `${name}/${sub.name}`)]));

/** Upstream: pkg/apis/resource/validation validateDeviceClaim */
export function validateClaimSpec({ devices = {} }: ResourceClaimSpec, field: string): readonly Cause[] {
  const names = requestNames(devices);
  const at = `${field}.devices`;
  return [
    ...validateList(devices.requests, most, `${at}.requests`, validateRequest),
    ...repeated(devices.requests, most, ({ name }) => name, `${at}.requests`),
    ...validateList(devices.constraints, most, `${at}.constraints`, (constraint, where) => validateConstraint(constraint, names, where)),
    ...validateList(devices.config, most, `${at}.config`, (config, where) => validateClaimConfig(config, names, where)),
  ];
}

/** Upstream: pkg/apis/resource/validation validateDeviceRequest */
function validateRequest({ name, exactly, firstAvailable = [] }: DeviceRequest, field: string): readonly Cause[] {
  return [...validateLabel(name, `${field}.name`), ...validateChoice(exactly, firstAvailable, field)];
}

function validateChoice(exactly: ExactDeviceRequest | undefined, firstAvailable: readonly DeviceSubRequest[], field: string): readonly Cause[] {
  const one = "exactly one of `exactly` or `firstAvailable` is required";
  if (exactly !== undefined && firstAvailable.length > 0) return [invalidValue(field, null, `${one}, but multiple fields are set`)];
  if (exactly !== undefined) return validateAsked(exactly, `${field}.exactly`);
  if (firstAvailable.length === 0) return [required(field, one)];
  return [
    ...validateList(firstAvailable, mostAlternatives, `${field}.firstAvailable`, (sub, at) => [...validateLabel(sub.name, `${at}.name`), ...validateAsked(sub, at)]),
    ...repeated(firstAvailable, mostAlternatives, (sub) => sub.name, `${field}.firstAvailable`),
  ];
}

function validateAsked({ deviceClassName: className, selectors, allocationMode: mode = "", count = 0, tolerations }: Asked, field: string): readonly Cause[] {
  return [
    ...(className === "" ? [required(`${field}.deviceClassName`)] : eachInvalid(`${field}.deviceClassName`, className, dns1123Subdomain(className))),
    ...validateSelectors(selectors, `${field}.selectors`),
    ...validateMode(mode, count, field),
    ...validateList(tolerations, mostTaints, `${field}.tolerations`, validateToleration),
  ];
}

function validateMode(mode: string, count: number, field: string): readonly Cause[] {
  switch (mode) {
    case "All": return count === 0 ? [] : [invalidValue(`${field}.count`, count, "must not be specified when allocationMode is 'All'")];
    case "ExactCount": return count > 0 ? [] : [invalidValue(`${field}.count`, count, "must be greater than zero")];
    default: return [notSupported(`${field}.allocationMode`, mode, ["All", "ExactCount"])];
  }
}

/** Upstream: pkg/apis/resource/validation validateRequestNameRef */
export function validateReference(name: string, names: ReadonlySet<string>, field: string): readonly Cause[] {
  const segments = name.split("/");
  if (segments.length > 2) return [invalidValue(field, name, notARequest)];
  return [...segments.flatMap((segment) => validateLabel(segment, field)), ...(names.has(name) ? [] : [invalidValue(field, name, notARequest)])];
}

export const validateReferences = (list: readonly string[] | undefined, names: ReadonlySet<string>, field: string): readonly Cause[] =>
  [...validateList(list, most, field, (name, at) => validateReference(name, names, at)), ...repeated(list, most, (name) => name, field)];

const validateConstraint = ({ requests, matchAttribute, distinctAttribute }: DeviceConstraint, names: ReadonlySet<string>, field: string): readonly Cause[] => [
  ...validateReferences(requests, names, `${field}.requests`),
  ...(matchAttribute !== undefined ? validateFullyQualified(matchAttribute, `${field}.matchAttribute`)
    : distinctAttribute !== undefined ? validateFullyQualified(distinctAttribute, `${field}.distinctAttribute`)
    : [required(field, 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set')]), // upstream's words
];

const validateClaimConfig = (config: DeviceClaimConfiguration, names: ReadonlySet<string>, field: string): readonly Cause[] =>
  [...validateReferences(config.requests, names, `${field}.requests`), ...validateConfiguration(config, field)];
