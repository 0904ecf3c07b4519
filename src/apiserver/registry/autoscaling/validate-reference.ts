import type { CrossVersionObjectReference } from "#api/gen/autoscaling-v2.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, required } from "#apimachinery/validation/causes.ts";
import { pathSegment } from "#apimachinery/validation/names.ts";

/** What is scaled, or measured. Upstream: pkg/apis/autoscaling/validation ValidateCrossVersionObjectReference */
export function validateReference(ref: CrossVersionObjectReference | undefined, field: string): readonly Cause[] {
  const name = (key: "kind" | "name"): readonly Cause[] => (ref?.[key] ? eachInvalid(`${field}.${key}`, ref[key], pathSegment(ref[key])) : [required(`${field}.${key}`)]);
  return [...name("kind"), ...name("name")];
}
