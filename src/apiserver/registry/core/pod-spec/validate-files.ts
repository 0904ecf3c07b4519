/** Checks of what becomes a file in a volume. */
import type { DownwardAPIVolumeFile, KeyToPath } from "#api/gen/core-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue, required } from "#apimachinery/validation/causes.ts";
import { validateFieldRef, validateResourceFieldRef, volumeFieldPaths } from "./validate-env.ts";
import { unreservedPath } from "./validate-paths.ts";

const fileMode = "must be a number between 0 and 0777 (octal), both inclusive";

export const validateMode = (field: string, mode: number | undefined): readonly Cause[] =>
  (mode !== undefined && (mode < 0 || mode > 0o777) ? [invalidValue(field, mode, fileMode)] : []);

export const present = (field: string, ...values: readonly (readonly [name: string, value: string | undefined])[]): readonly Cause[] =>
  values.filter(([, value]) => !value).map(([name]) => required(`${field}.${name}`));

/** Upstream: pkg/apis/core/validation validateKeyToPath */
export const validateItems = (items: readonly KeyToPath[] | undefined, field: string): readonly Cause[] =>
  (items ?? []).flatMap(({ key, path, mode }, i) => [
    ...present(`${field}[${i}]`, ["key", key], ["path", path]),
    ...unreservedPath(`${field}[${i}].path`, path),
    ...validateMode(`${field}[${i}].mode`, mode),
  ]);

/** Upstream: pkg/apis/core/validation validateDownwardAPIVolumeFile */
export function validateDownwardFile(file: DownwardAPIVolumeFile, field: string): readonly Cause[] {
  const causes = [...present(field, ["path", file.path]), ...unreservedPath(`${field}.path`, file.path)];
  if (file.fieldRef !== undefined) {
    causes.push(...validateFieldRef(file.fieldRef, volumeFieldPaths, `${field}.fieldRef`));
    if (file.resourceFieldRef !== undefined) causes.push(invalidValue(field, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously"));
  } else if (file.resourceFieldRef !== undefined) causes.push(...validateResourceFieldRef(file.resourceFieldRef, true, `${field}.resourceFieldRef`));
  else causes.push(required(field, "one of fieldRef and resourceFieldRef is required"));
  return [...causes, ...validateMode(`${field}.mode`, file.mode)];
}
