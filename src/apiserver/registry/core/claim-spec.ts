import type { PersistentVolumeClaimSpec } from "#api/gen/core-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, forbidden, invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";
import { dns1123Subdomain } from "#apimachinery/validation/names.ts";
import { validateLabelSelector } from "#apimachinery/validation/selector.ts";
import { quantityOf } from "../common/quantity-of.ts";

const accessModes: readonly string[] = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

/** Upstream: pkg/apis/core/validation validateAccessModes of claims and volumes */
export function validateAccessModes(modes: readonly string[], field: string): readonly Cause[] {
  return [
    ...modes.filter((mode) => !accessModes.includes(mode)).map((mode) => notSupported(field, mode, accessModes)),
    ...(modes.length > 1 && modes.includes("ReadWriteOncePod") ? [forbidden(field, "may not use ReadWriteOncePod with other access modes")] : []),
  ];
}

export const validateVolumeMode = (mode: string | undefined, field: string): readonly Cause[] =>
  mode === undefined || mode === "Block" || mode === "Filesystem" ? [] : [notSupported(field, mode, ["Block", "Filesystem"])];

/** The storage that is asked for. Upstream: pkg/apis/core/validation ValidatePositiveQuantityValue */
export function validateStorage(amount: string, field: string): readonly Cause[] {
  const quantity = quantityOf(amount);
  return quantity !== undefined && quantity.sign <= 0 ? [invalidValue(field, amount, "must be greater than zero")] : [];
}

/** Upstream: pkg/apis/core/validation ValidatePersistentVolumeClaimSpec */
export function validateClaimSpec(spec: PersistentVolumeClaimSpec, field: string): readonly Cause[] {
  const modes = spec.accessModes ?? [];
  const storage = spec.resources?.requests?.["storage"];
  return [
    ...(modes.length === 0 ? [required(`${field}.accessModes`, "at least 1 access mode is required")] : []),
    ...validateLabelSelector(spec.selector, `${field}.selector`),
    ...validateAccessModes(modes, `${field}.accessModes`),
    ...(storage === undefined ? [required(`${field}.resources[storage]`)] : validateStorage(storage, `${field}.resources[storage]`)),
    ...(spec.storageClassName ? eachInvalid(`${field}.storageClassName`, spec.storageClassName, dns1123Subdomain(spec.storageClassName)) : []),
    ...validateVolumeMode(spec.volumeMode, `${field}.volumeMode`),
    ...(spec.volumeAttributesClassName ? eachInvalid(`${field}.volumeAttributesClassName`, spec.volumeAttributesClassName, dns1123Subdomain(spec.volumeAttributesClassName)) : []),
  ];
}
