/** Types that expressions may name. */
import * as types from "./types.ts";
import type { CelType } from "./types.ts";

const { dynType } = types;

export const knownTypes: ReadonlyMap<string, CelType> = new Map([
  ["bool", types.boolType], ["int", types.intType], ["uint", types.uintType], ["double", types.doubleType], ["string", types.stringType],
  ["bytes", types.bytesType], ["null_type", types.nullType], ["list", types.listType(dynType)], ["map", types.mapType(dynType, dynType)],
  ["type", types.typeType(dynType)], ["google.protobuf.Timestamp", types.timestampType], ["google.protobuf.Duration", types.durationType],
  ["optional_type", types.optionalType(dynType)],
  ...["net.IP", "net.CIDR", "kubernetes.URL", "kubernetes.Quantity", "kubernetes.Semver"].map((name): [string, CelType] => [name, types.opaqueType(name)]),
]);
