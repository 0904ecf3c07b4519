import type { ResourcePool, ResourceSlice, ResourceSliceSpec } from "#api/gen/resource-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, immutable, invalidValue, required } from "#apimachinery/validation/causes.ts";
import { dns1123Subdomain } from "#apimachinery/validation/names.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import { validateNodeSelector } from "../core/pod-spec/validate-affinity.ts";
import type { Resource } from "../resource.ts";
import { validateDriverName } from "../storage/driver-name.ts";
import { validateCounterSet } from "./counters.ts";
import { validateDevice } from "./device.ts";
import { repeated, validateList } from "./lists.ts";
import { validatePoolName } from "./names.ts";

const mostCounterSets = 8;
const places = ["nodeName", "nodeSelector", "allNodes", "perDeviceNodeSelection"] as const;

/** Upstream: pkg/apis/resource/validation validateResourceSliceSpec */
const validate = ({ spec }: ResourceSlice): readonly Cause[] => [
  ...validateDriverName(spec.driver, "spec.driver"),
  ...validatePool(spec.pool, "spec.pool"),
  ...validatePlace(spec, "spec"),
  ...(spec.sharedCounters !== undefined && spec.devices !== undefined ? [invalidValue("spec", "", "only one of `sharedCounters` or `devices` is allowed")] : []),
  ...validateList(spec.devices, mostDevicesOf(spec), "spec.devices", (device, field) => validateDevice(device, spec.perDeviceNodeSelection === true, field)),
  ...repeated(spec.devices, mostDevicesOf(spec), ({ name }) => name, "spec.devices"),
  ...validateList(spec.sharedCounters, mostCounterSets, "spec.sharedCounters", validateCounterSet),
  ...repeated(spec.sharedCounters, mostCounterSets, ({ name }) => name, "spec.sharedCounters"),
];

/** Fewer, where each of them says more. */
const mostDevicesOf = ({ devices = [] }: ResourceSliceSpec): number => (devices.some(({ taints, consumesCounters }) => taints?.length || consumesCounters?.length) ? 64 : 128);

const validatePool = ({ name, resourceSliceCount: count, generation }: ResourcePool, field: string): readonly Cause[] => [
  ...validatePoolName(name, `${field}.name`),
  ...(count > 0 ? [] : [invalidValue(`${field}.resourceSliceCount`, count, "must be greater than zero")]),
  ...(generation >= 0 ? [] : [invalidValue(`${field}.generation`, generation, "must be greater than or equal to zero")]),
];

/** Where the devices are: on one node, on some, on all, or each somewhere else. */
function validatePlace(spec: ResourceSliceSpec, field: string): readonly Cause[] {
  const { nodeName, nodeSelector } = spec;
  const given = places.filter((place) => spec[place] !== undefined && spec[place] !== false && spec[place] !== "");
  const one = `exactly one of ${places.map((place) => `\`${place}\``).join(", ")} is required`;
  return [
    ...(nodeName === undefined ? [] : nodeName === "" ? [invalidValue(`${field}.nodeName`, nodeName, "must be either unset or set to a non-empty string")] : eachInvalid(`${field}.nodeName`, nodeName, dns1123Subdomain(nodeName))),
    ...(nodeSelector === undefined ? [] : validateNodeSelector(nodeSelector, `${field}.nodeSelector`)),
    ...(nodeSelector !== undefined && nodeSelector.nodeSelectorTerms.length !== 1
      ? [invalidValue(`${field}.nodeSelector.nodeSelectorTerms`, nodeSelector.nodeSelectorTerms, "must have exactly one node selector term")]
      : []),
    ...(["allNodes", "perDeviceNodeSelection"] as const).filter((place) => spec[place] === false).map((place) => invalidValue(`${field}.${place}`, false, "must be either unset or set to true")),
    ...(given.length === 0 ? [required(field, one)] : []),
    ...(given.length > 1 ? [invalidValue(field, `{${given.map((place) => `\`${place}\``).join(", ")}}`, `${one}, but multiple fields are set`)] : []),
  ];
}

/** Behind gates that are off: attributes that are lists, and what devices take of their node's resources. Upstream: pkg/registry/resource/resourceslice dropDisabledFields */
function dropDisabled({ spec }: ResourceSlice): void {
  for (const device of spec.devices ?? []) {
    delete device.nodeAllocatableResourceMappings;
    for (const attribute of Object.values(device.attributes ?? {})) for (const list of ["ints", "bools", "strings", "versions"] as const) delete attribute[list];
  }
}

export const resourceSlices: Resource<ResourceSlice> = {
  group: "resource.k8s.io", version: "v1", kind: "ResourceSlice", schema: "resource/v1.ResourceSlice", scope: "Cluster",
  names: { plural: "resourceslices", singular: "resourceslice" },
  prepareCreate: dropDisabled,
  prepareUpdate: dropDisabled,
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
