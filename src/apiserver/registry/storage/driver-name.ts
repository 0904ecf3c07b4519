import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, required, tooLong } from "#apimachinery/validation/causes.ts";
import { dns1123Subdomain, qualifiedName } from "#apimachinery/validation/names.ts";

const longestName = 63;

/** Upstream: pkg/apis/core/validation ValidateCSIDriverName */
export function validateDriverName(name: string, field: string): readonly Cause[] {
  if (name === "") return [required(field)];
  return [...(Buffer.byteLength(name) > longestName ? [tooLong(field, longestName)] : []), ...eachInvalid(field, name, dns1123Subdomain(name.toLowerCase()))];
}

/** Upstream: pkg/apis/storage/validation validateProvisioner */
export const validateProvisioner = (name: string, field: string): readonly Cause[] => (name === "" ? [required(field)] : eachInvalid(field, name, qualifiedName(name.toLowerCase())));
