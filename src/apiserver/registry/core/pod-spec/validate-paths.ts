import type { Cause } from "#apimachinery/status.ts";
import { invalidValue } from "#apimachinery/validation/causes.ts";

/** Upstream: pkg/apis/core/validation validatePathNoBacksteps */
export const noBacksteps = (field: string, path: string): readonly Cause[] =>
  (path.split("/").includes("..") ? [invalidValue(field, path, "must not contain '..'")] : []);

/** A path inside something else. Upstream: pkg/apis/core/validation validateLocalDescendingPath */
export const descendingPath = (field: string, path: string): readonly Cause[] => [
  ...(path.startsWith("/") ? [invalidValue(field, path, "must be a relative path")] : []),
  ...noBacksteps(field, path),
];

/** A path whose first name is not one of the atomic writer's. Upstream: pkg/apis/core/validation ValidateLocalNonReservedPath */
export const unreservedPath = (field: string, path: string): readonly Cause[] => [
  ...descendingPath(field, path),
  ...(path.startsWith("..") && path !== ".." && !path.startsWith("../") ? [invalidValue(field, path, "must not start with '..'")] : []),
];
