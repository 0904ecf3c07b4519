import type { Device, DeviceAttribute } from "#api/gen/resource-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, invalidValue, required, tooLong } from "#apimachinery/validation/causes.ts";
import { dns1123Subdomain } from "#apimachinery/validation/names.ts";
import { validateNodeSelector } from "../core/pod-spec/validate-affinity.ts";
import { validateBindingConditions } from "./binding-conditions.ts";
import { validateCapacity } from "./capacity.ts";
import { validateConsumption } from "./counters.ts";
import { mostTaints, validateTaint } from "./device-taints.ts";
import { repeated, validateList } from "./lists.ts";
import { validateLabel, validateQualified } from "./names.ts";

const mostProperties = 32;
const mostConsumptions = 2;
const longestValue = 64;
const places = ["nodeName", "nodeSelector", "allNodes"] as const;
const semver = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$/;

/** @param placed whether each device says on which nodes it is. Upstream: pkg/apis/resource/validation validateDevice */
export function validateDevice(device: Device, placed: boolean, field: string): readonly Cause[] {
  const { name, attributes = {}, capacity = {}, allowMultipleAllocations: shared = false, taints, consumesCounters } = device;
  const count = Object.keys(attributes).length + Object.keys(capacity).length;
  return [
    ...validateLabel(name, `${field}.name`),
    ...Object.entries(attributes).flatMap(([key, value]) => [...validateQualified(key, `${field}.attributes[${key}]`), ...validateAttribute(value, `${field}.attributes[${key}]`)]),
    ...Object.entries(capacity).flatMap(([key, value]) => [...validateQualified(key, `${field}.capacity[${key}]`), ...validateCapacity(value, shared, `${field}.capacity[${key}]`)]),
    ...(count > mostProperties ? [invalidValue(field, count, `the total number of attributes and capacities must not exceed ${mostProperties}`)] : []),
    ...validateList(taints, mostTaints, `${field}.taints`, validateTaint),
    ...validateList(consumesCounters, mostConsumptions, `${field}.consumesCounters`, validateConsumption),
    ...repeated(consumesCounters, mostConsumptions, ({ counterSet }) => counterSet, `${field}.consumesCounters`),
    ...(placed ? validatePlace(device, field) : places.some((place) => device[place] !== undefined) ? [invalidValue(field, null, "`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec")] : []),
    ...validateBindingConditions(device, field),
  ];
}

/** One of the three ways to say where it is. */
function validatePlace(device: Device, field: string): readonly Cause[] {
  const { nodeName, nodeSelector, allNodes } = device;
  const given = places.filter((place) => device[place] !== undefined && device[place] !== false && device[place] !== "");
  const one = "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec";
  return [
    ...(nodeName === undefined ? [] : nodeName === "" ? [invalidValue(`${field}.nodeName`, nodeName, "must not be empty")] : eachInvalid(`${field}.nodeName`, nodeName, dns1123Subdomain(nodeName))),
    ...(nodeSelector === undefined ? [] : validateNodeSelector(nodeSelector, `${field}.nodeSelector`)),
    ...(allNodes === false ? [invalidValue(`${field}.allNodes`, false, "must be either unset or set to true")] : []),
    ...(given.length === 0 ? [required(field, one)] : []),
    ...(given.length > 1 ? [invalidValue(field, `{${given.map((place) => `\`${place}\``).join(", ")}}`, one)] : []),
  ];
}

/** Upstream: pkg/apis/resource/validation validateDeviceAttribute */
function validateAttribute(attribute: DeviceAttribute, field: string): readonly Cause[] {
  const { string: text = "", version } = attribute;
  const given = Object.values(attribute).filter((value) => value !== undefined).length;
  return [
    ...(text.length > longestValue ? [tooLong(`${field}.string`, longestValue)] : []),
    ...(version !== undefined && !semver.test(version) ? [invalidValue(`${field}.version`, version, "must be a string compatible with semver.org spec 2.0.0")] : []),
    ...((version ?? "").length > longestValue ? [tooLong(`${field}.version`, longestValue)] : []),
    ...(given === 0 ? [invalidValue(field, "", "exactly one value must be specified")] : given > 1 ? [invalidValue(field, attribute, "exactly one value must be specified")] : []),
  ];
}
