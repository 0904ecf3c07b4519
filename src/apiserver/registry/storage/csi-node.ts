import type { CSINode, CSINodeDriver } from "#api/gen/storage-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, eachInvalid, immutable, invalidValue, nonNegative, required } from "#apimachinery/validation/causes.ts";
import { qualifiedName } from "#apimachinery/validation/names.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import type { Resource } from "../resource.ts";
import { validateDriverName } from "./driver-name.ts";

const longestId = 256;

/** Upstream: pkg/apis/storage/validation validateCSINodeDriver */
function validateDriver({ name, nodeID, topologyKeys = [], allocatable }: CSINodeDriver, twice: boolean, field: string): readonly Cause[] {
  return [
    ...validateDriverName(name, `${field}.name`),
    ...(nodeID === "" ? [required(`${field}.nodeID`)] : []),
    ...(nodeID.length > longestId ? [invalidValue(`${field}.nodeID`, nodeID, `must be ${longestId} characters or less`)] : []),
    ...nonNegative(`${field}.allocatable.count`, allocatable?.count),
    ...(twice ? [duplicate(`${field}.name`, name)] : []),
    ...topologyKeys.flatMap((key, i) => [
      ...(key === "" ? [required(field)] : []),
      ...(topologyKeys.indexOf(key) < i ? [duplicate(field, key)] : []),
      ...eachInvalid(field, key, qualifiedName(key)),
    ]),
  ];
}

/** What a driver said of a node stays, but for how much the node can bear. Upstream: pkg/apis/storage/validation ValidateCSINodeUpdate */
const validateUpdate = (next: CSINode, old: CSINode): readonly Cause[] => old.spec.drivers.flatMap(({ allocatable: _before, ...before }) =>
  next.spec.drivers.filter(({ name }) => name === before.name).flatMap(({ allocatable: _after, ...after }) => immutable("spec.drivers", after, before)));

export const csiNodes: Resource<CSINode> = {
  group: "storage.k8s.io", version: "v1", kind: "CSINode", schema: "storage/v1.CSINode", scope: "Cluster",
  names: { plural: "csinodes", singular: "csinode" },
  generation: false,
  unconditionalUpdate: false,
  validate: ({ spec: { drivers } }) =>
    drivers.flatMap((driver, i) => validateDriver(driver, drivers.findIndex(({ name }) => name === driver.name) < i, `spec.drivers[${i}]`)),
  validateUpdate,
  columns: [
    nameColumn,
    { name: "Drivers", type: "integer", description: "How many drivers the node has.", cell: ({ spec }) => spec.drivers.length },
    ageColumn,
  ],
};
