import type { Device, DeviceAttribute, ResourcePool, ResourceSlice, ResourceSliceSpec } from "#api/gen/resource-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, immutable, invalidValue, required, tooLong } from "#apimachinery/validation/causes.ts";
import { dns1123Subdomain } from "#apimachinery/validation/names.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import { validateNodeSelector } from "../core/pod-spec/validate-affinity.ts";
import type { Resource } from "../resource.ts";
import { validateDriverName } from "../storage/driver-name.ts";
import { repeated, validateList } from "./lists.ts";
import { validateLabel, validatePoolName, validateQualified } from "./names.ts";

const mostDevices = 128;
const mostProperties = 32;
const longestValue = 64;
const places = ["nodeName", "nodeSelector", "allNodes", "perDeviceNodeSelection"] as const;
const semver = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$/;

/** Upstream: pkg/apis/resource/validation validateResourceSliceSpec */
const validate = ({ spec }: ResourceSlice): readonly Cause[] => [
  ...validateDriverName(spec.driver, "spec.driver"),
  ...validatePool(spec.pool, "spec.pool"),
  ...validatePlace(spec, "spec"),
  ...validateList(spec.devices, mostDevices, "spec.devices", validateDevice),
  ...repeated(spec.devices, ({ name }) => name, "spec.devices", "name"),
];

const validatePool = ({ name, resourceSliceCount: count, generation }: ResourcePool, field: string): readonly Cause[] => [
  ...validatePoolName(name, `${field}.name`),
  ...(count > 0 ? [] : [invalidValue(`${field}.resourceSliceCount`, count, "must be greater than zero")]),
  ...(generation >= 0 ? [] : [invalidValue(`${field}.generation`, generation, "must be greater than or equal to zero")]),
];

/** Where the devices are: on one node, on some, on all, or each somewhere else. */
function validatePlace(spec: ResourceSliceSpec, field: string): readonly Cause[] {
  const { nodeName, nodeSelector } = spec;
  const given = places.filter((place) => spec[place] !== undefined && spec[place] !== false);
  const one = `exactly one of ${places.map((place) => `\`${place}\``).join(", ")} is required`;
  return [
    ...(nodeName === undefined ? [] : eachInvalid(`${field}.nodeName`, nodeName, dns1123Subdomain(nodeName))),
    ...(nodeSelector === undefined ? [] : validateNodeSelector(nodeSelector, `${field}.nodeSelector`)),
    ...(nodeSelector !== undefined && nodeSelector.nodeSelectorTerms.length !== 1
      ? [invalidValue(`${field}.nodeSelector.nodeSelectorTerms`, nodeSelector.nodeSelectorTerms, "must have exactly one node selector term")]
      : []),
    ...(given.length === 0 ? [required(field, one)] : []),
    ...(given.length > 1 ? [invalidValue(field, `{${given.map((place) => `\`${place}\``).join(", ")}}`, `${one}, but multiple fields are set`)] : []),
  ];
}

function validateDevice({ name, attributes = {}, capacity = {} }: Device, field: string): readonly Cause[] {
  const count = Object.keys(attributes).length + Object.keys(capacity).length;
  return [
    ...validateLabel(name, `${field}.name`),
    ...Object.entries(attributes).flatMap(([key, value]) => [...validateQualified(key, `${field}.attributes[${key}]`), ...validateAttribute(value, `${field}.attributes[${key}]`)]),
    ...Object.keys(capacity).flatMap((key) => validateQualified(key, `${field}.capacity[${key}]`)),
    ...(count > mostProperties ? [invalidValue(field, count, `the total number of attributes and capacities must not exceed ${mostProperties}`)] : []),
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
    ...(given === 0 ? [required(field, "exactly one value must be specified")] : given > 1 ? [invalidValue(field, attribute, "exactly one value must be specified")] : []),
  ];
}

export const resourceSlices: Resource<ResourceSlice> = {
  group: "resource.k8s.io", version: "v1", kind: "ResourceSlice", schema: "resource/v1.ResourceSlice", scope: "Cluster",
  names: { plural: "resourceslices", singular: "resourceslice" },
  validate,
  validateUpdate: (next, old) => [
    ...immutable("spec.pool.name", next.spec.pool.name, old.spec.pool.name),
    ...immutable("spec.driver", next.spec.driver, old.spec.driver),
    ...immutable("spec.nodeName", next.spec.nodeName, old.spec.nodeName),
  ],
  selectableFields: { "spec.driver": ({ spec }) => spec.driver, "spec.nodeName": ({ spec }) => spec.nodeName ?? "" },
  columns: [
    nameColumn,
    { name: "Node", type: "string", description: "The node that has the devices.", cell: ({ spec }) => spec.nodeName ?? "<unset>" },
    { name: "Driver", type: "string", description: "The driver that knows them.", cell: ({ spec }) => spec.driver },
    { name: "Pool", type: "string", description: "The pool that they belong to.", cell: ({ spec }) => spec.pool.name },
    ageColumn,
  ],
};
