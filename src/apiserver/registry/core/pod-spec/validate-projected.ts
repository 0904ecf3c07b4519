import type { ProjectedVolumeSource, ServiceAccountTokenProjection, VolumeProjection } from "#api/gen/core-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { forbidden, invalidValue, required } from "#apimachinery/validation/causes.ts";
import { unreservedPath } from "./validate-paths.ts";
import { validateDownwardFile, validateItems, validateMode } from "./validate-files.ts";

const leastSeconds = 10 * 60;
const mostSeconds = 2 ** 32;

/** Upstream: pkg/apis/core/validation validateProjectedVolumeSource */
export function validateProjected({ defaultMode, sources }: ProjectedVolumeSource, field: string): readonly Cause[] {
  const paths = new Set<string>();
  const clash = (path: string, value: string): readonly Cause[] => {
    if (path === "") return [];
    if (paths.has(path)) return [invalidValue(field, value, "conflicting duplicate paths")];
    paths.add(path);
    return [];
  };
  return [
    ...validateMode(`${field}.defaultMode`, defaultMode),
    ...(sources ?? []).flatMap((source, i) => validateProjection(source, field, `${field}.sources[${i}]`, clash)),
  ];
}

function validateProjection(source: VolumeProjection, field: string, at: string, clash: (path: string, value: string) => readonly Cause[]): readonly Cause[] {
  const { secret, configMap, downwardAPI, serviceAccountToken: token } = source;
  const causes: Cause[] = [];
  for (const [kind, named] of [["secret", secret], ["configMap", configMap]] as const) {
    if (named === undefined) continue;
    if (!named.name) causes.push(required(`${at}.${kind}.name`));
    causes.push(...validateItems(named.items, `${at}.${kind}.items`), ...(named.items ?? []).flatMap(({ path }) => clash(path, named.name ?? "")));
  }
  if (downwardAPI !== undefined) for (const file of downwardAPI.items ?? []) causes.push(...validateDownwardFile(file, `${at}.downwardAPI`), ...clash(file.path, file.path));
  if (token !== undefined) causes.push(...validateToken(token, field, `${at}.serviceAccountToken`));
  if (Object.keys(source).length > 1) causes.push(forbidden(at, "may not specify more than 1 volume type"));
  return causes;
}

/** Upstream reports the path at the volume's source, not at the projection. */
function validateToken({ path, expirationSeconds: seconds = 0 }: ServiceAccountTokenProjection, field: string, at: string): readonly Cause[] {
  return [
    ...(seconds < leastSeconds ? [invalidValue(`${at}.expirationSeconds`, seconds, "may not specify a duration less than 10 minutes")] : []),
    ...(seconds > mostSeconds ? [invalidValue(`${at}.expirationSeconds`, seconds, "may not specify a duration larger than 2^32 seconds")] : []),
    ...(path === "" ? [required(`${field}.path`)] : unreservedPath(`${field}.path`, path)),
  ];
}
