import type { AllocatedDeviceStatus, DeviceAllocationConfiguration, DeviceRequestAllocationResult, NetworkDeviceData, ResourceClaim, ResourceClaimConsumerReference, ResourceClaimStatus } from "#api/gen/resource-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, forbidden, immutable, invalidValue, notSupported, required, tooLong, tooMany } from "#apimachinery/validation/causes.ts";
import { cidr } from "#apimachinery/validation/names.ts";
import { validateMetaConditions } from "../common/meta-conditions.ts";
import { validateNodeSelector } from "../core/pod-spec/validate-affinity.ts";
import { validateDriverName } from "../storage/driver-name.ts";
import { validateBindingConditions } from "./binding-conditions.ts";
import { requestNames, validateReference, validateReferences } from "./claim-spec.ts";
import { validateConfiguration, validateRaw } from "./device-config.ts";
import { repeated, validateList } from "./lists.ts";
import { validateLabel, validatePoolName } from "./names.ts";

const mostConsumers = 256;
const mostResults = 32;
const mostConfigs = 64;
const mostConditions = 8;
const mostAddresses = 16;
const uid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const longestData = 10 * 1024;

interface Device { readonly driver: string; readonly pool: string; readonly device: string; readonly shareID?: string }
const idOf = ({ driver, pool, device, shareID }: Device): string => `${driver}/${pool}/${device}${shareID === undefined ? "" : `/${shareID}`}`;

/** Upstream: pkg/apis/resource/validation validateUID */
const validateShare = (id: string | undefined, field: string): readonly Cause[] => (id === undefined || uid.test(id) ? []
  : [invalidValue(field, id, "uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters")]);

const validateDevice = ({ driver, pool, device }: Device, field: string): readonly Cause[] =>
  [...validateDriverName(driver, `${field}.driver`), ...validatePoolName(pool, `${field}.pool`), ...validateLabel(device, `${field}.device`)];

/** Upstream: pkg/apis/resource/validation validateResourceClaimStatusUpdate */
export function validateClaimStatus({ metadata, spec, status }: ResourceClaim, { status: old }: ResourceClaim): readonly Cause[] {
  const { allocation, reservedFor, devices } = status;
  const allocated = new Set((allocation?.devices?.results ?? []).map(idOf));
  const names = requestNames(spec.devices ?? {});
  return [
    ...validateList(reservedFor, mostConsumers, "status.reservedFor", validateConsumer),
    ...repeated(reservedFor, mostConsumers, ({ uid }) => uid, "status.reservedFor"),
    ...validateList(devices, Infinity, "status.devices", (device, field) => validateDeviceStatus(device, allocated, field)),
    ...repeated(devices, Infinity, idOf, "status.devices"),
    ...validateReservation(status, old, metadata.deletionTimestamp !== undefined),
    ...(allocation === undefined ? [] : old.allocation === undefined ? validateAllocation(allocation, names, "status.allocation") : immutable("status.allocation", allocation, old.allocation)),
  ];
}

function validateReservation({ reservedFor = [], allocation }: ResourceClaimStatus, old: ResourceClaimStatus, going: boolean): readonly Cause[] {
  if (reservedFor.length === 0) return [];
  if (allocation === undefined) return [forbidden("status.reservedFor", "may not be specified when `allocated` is not set")];
  const known = new Set((old.reservedFor ?? []).map(({ uid }) => uid));
  return going && reservedFor.some(({ uid }) => !known.has(uid))
    ? [forbidden("status.reservedFor", "new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set")]
    : [];
}

const validateConsumer = (consumer: ResourceClaimConsumerReference, field: string): readonly Cause[] =>
  (["resource", "name", "uid"] as const).filter((part) => consumer[part] === "").map((part) => required(`${field}.${part}`));

function validateAllocation({ devices = {}, nodeSelector }: NonNullable<ResourceClaimStatus["allocation"]>, names: ReadonlySet<string>, field: string): readonly Cause[] {
  return [
    ...validateList(devices.results, mostResults, `${field}.devices.results`, (result, at) => validateResult(result, names, at)),
    ...validateList(devices.config, mostConfigs, `${field}.devices.config`, (config, at) => validateConfig(config, names, at)),
    ...(nodeSelector === undefined ? [] : validateNodeSelector(nodeSelector, `${field}.nodeSelector`)),
  ];
}

const validateResult = (result: DeviceRequestAllocationResult, names: ReadonlySet<string>, field: string): readonly Cause[] =>
  [...validateReference(result.request, names, `${field}.request`), ...validateDevice(result, field), ...validateBindingConditions(result, field), ...validateShare(result.shareID, `${field}.shareID`)];

function validateConfig(config: DeviceAllocationConfiguration, names: ReadonlySet<string>, field: string): readonly Cause[] {
  const source: string = config.source;
  return [
    ...(source === "" ? [required(`${field}.source`)] : source === "FromClaim" || source === "FromClass" ? [] : [notSupported(`${field}.source`, source, ["FromClaim", "FromClass"])]),
    ...validateReferences(config.requests, names, `${field}.requests`),
    ...validateConfiguration(config, field),
  ];
}

/** Upstream: pkg/apis/resource/validation validateDeviceStatus */
function validateDeviceStatus(device: AllocatedDeviceStatus, allocated: ReadonlySet<string>, field: string): readonly Cause[] {
  const { conditions = [], data, networkData } = device;
  return [
    ...validateDevice(device, field), ...validateShare(device.shareID, `${field}.shareID`),
    ...(allocated.has(idOf(device)) ? [] : [invalidValue(field, idOf(device), "must be an allocated device in the claim")]),
    ...(conditions.length > mostConditions ? [tooMany(`${field}.conditions`, conditions.length, mostConditions)] : []),
    ...validateMetaConditions(conditions, `${field}.conditions`),
    ...(data === undefined ? [] : validateRaw(data, longestData, `${field}.data`)),
    ...(networkData === undefined ? [] : validateNetwork(networkData, `${field}.networkData`)),
  ];
}

const validateNetwork = ({ interfaceName = "", hardwareAddress = "", ips }: NetworkDeviceData, field: string): readonly Cause[] => [
  ...(interfaceName.length > 256 ? [tooLong(`${field}.interfaceName`, 256)] : []),
  ...(hardwareAddress.length > 128 ? [tooLong(`${field}.hardwareAddress`, 128)] : []),
  ...validateList(ips, mostAddresses, `${field}.ips`, (ip, at) => eachInvalid(at, ip, cidr(ip))),
  ...repeated(ips, mostAddresses, (ip) => ip, `${field}.ips`),
];
