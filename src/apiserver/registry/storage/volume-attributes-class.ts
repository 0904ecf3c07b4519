import type { VolumeAttributesClass } from "#api/gen/storage-v1.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import { forbidden } from "#apimachinery/validation/causes.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import type { Resource } from "../resource.ts";
import { validateProvisioner } from "./driver-name.ts";
import { validateParameters } from "./parameters.ts";

const defaultAnnotation = "volumeattributesclass.alpha.kubernetes.io/is-default-class";

/** Upstream: pkg/apis/storage/validation ValidateVolumeAttributesClass */
export const volumeAttributesClasses: Resource<VolumeAttributesClass> = {
  group: "storage.k8s.io", version: "v1", kind: "VolumeAttributesClass", schema: "storage/v1.VolumeAttributesClass", scope: "Cluster",
  names: { plural: "volumeattributesclasses", singular: "volumeattributesclass", short: ["vac"] },
  validate: ({ driverName, parameters }) => [...validateProvisioner(driverName, "driverName"), ...validateParameters(parameters, false)],
  validateUpdate: (next, old) => [
    ...(next.driverName === old.driverName ? [] : [forbidden("driverName", "updates to driverName are forbidden.")]),
    ...(semanticEqual(next.parameters, old.parameters) ? [] : [forbidden("parameters", "updates to parameters are forbidden.")]),
  ],
  columns: [
    { ...nameColumn, cell: ({ metadata }) => (metadata.annotations?.[defaultAnnotation] === "true" ? `${metadata.name} (default)` : metadata.name) },
    { name: "DriverName", type: "string", description: "The driver that knows the attributes.", cell: ({ driverName }) => driverName },
    ageColumn,
  ],
};
