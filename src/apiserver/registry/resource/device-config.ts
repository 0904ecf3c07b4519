import type { DeviceConfiguration } from "#api/gen/resource-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue, required, tooLong } from "#apimachinery/validation/causes.ts";
import { validateDriverName } from "../storage/driver-name.ts";

const longestParameters = 10 * 1024;

/** Upstream: pkg/apis/resource/validation validateDeviceConfiguration */
export const validateConfiguration = ({ opaque }: DeviceConfiguration, field: string): readonly Cause[] => (opaque === undefined
  ? [required(`${field}.opaque`)]
  : [...validateDriverName(opaque.driver, `${field}.opaque.driver`), ...validateRaw(opaque.parameters, longestParameters, `${field}.opaque.parameters`)]);

/** A JSON object of somebody else's. Upstream: pkg/apis/resource/validation validateRawExtension */
export function validateRaw(value: unknown, longest: number, field: string): readonly Cause[] {
  if (value === undefined || value === null) return [required(field)];
  if (Buffer.byteLength(JSON.stringify(value)) > longest) return [tooLong(field, longest)];
  return typeof value !== "object" || Array.isArray(value) ? [invalidValue(field, "<value omitted>", "must be a valid JSON object")] : [];
}
