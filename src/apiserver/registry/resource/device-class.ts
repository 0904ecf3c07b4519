import type { DeviceClass } from "#api/gen/resource-v1.ts";
import { isExtended } from "#api/resource-names.ts";
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue } from "#apimachinery/validation/causes.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import type { Resource } from "../resource.ts";
import { validateConfiguration } from "./device-config.ts";
import { validateList } from "./lists.ts";
import { validateSelectors } from "./selectors.ts";

const mostConfigs = 32;

const validateExtendedName = (name: string | undefined): readonly Cause[] =>
  (name === undefined || isExtended(name) ? [] : [invalidValue("spec.extendedResourceName", name, "must be a valid extended resource name")]);

/** Upstream: pkg/apis/resource/validation ValidateDeviceClass */
export const deviceClasses: Resource<DeviceClass> = {
  group: "resource.k8s.io", version: "v1", kind: "DeviceClass", schema: "resource/v1.DeviceClass", scope: "Cluster",
  names: { plural: "deviceclasses", singular: "deviceclass" },
  validate: ({ spec }) => [...validateSelectors(spec.selectors, "spec.selectors"), ...validateList(spec.config, mostConfigs, "spec.config", validateConfiguration), ...validateExtendedName(spec.extendedResourceName)],
  columns: [nameColumn, ageColumn],
};
