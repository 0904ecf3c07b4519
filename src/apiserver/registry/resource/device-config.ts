import type { DeviceConfiguration, DeviceSelector } from "#api/gen/resource-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue, required, tooLong } from "#apimachinery/validation/causes.ts";
import { validateDriverName } from "../storage/driver-name.ts";
import { validateList } from "./lists.ts";

const most = 32;
const longestExpression = 10 * 1024;
const longestParameters = 10 * 1024;

/** Upstream: pkg/apis/resource/validation validateSelector */
export const validateSelectors = (selectors: readonly DeviceSelector[] | undefined, field: string): readonly Cause[] => validateList(selectors, most, field, ({ cel }, at) =>
  (cel === undefined ? [required(`${at}.cel`)] : cel.expression.length > longestExpression ? [tooLong(`${at}.cel.expression`, longestExpression)] : []));

/** Upstream: pkg/apis/resource/validation validateDeviceConfiguration */
export const validateConfiguration = ({ opaque }: DeviceConfiguration, field: string): readonly Cause[] => (opaque === undefined
  ? [required(`${field}.opaque`)]
  : [...validateDriverName(opaque.driver, `${field}.opaque.driver`), ...validateRaw(opaque.parameters, longestParameters, `${field}.opaque.parameters`)]);

/** A JSON object of somebody else's. Upstream: pkg/apis/resource/validation validateRawExtension */
export function validateRaw(value: unknown, longest: number, field: string): readonly Cause[] {
  if (value === undefined || value === null) return [required(field)];
  if (Buffer.byteLength(JSON.stringify(value)) > longest) return [tooLong(field, longest)];
  return typeof value !== "object" || Array.isArray(value) ? [invalidValue(field, "<value omitted>", "parameters must be a valid JSON object")] : [];
}
