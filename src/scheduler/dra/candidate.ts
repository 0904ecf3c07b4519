import type { Device, DeviceAttribute, ResourceSliceSpec } from "#api/gen/resource-v1.ts";

/** A device that a claim may get, and where it is from. */
export interface Candidate {
  /** `driver/pool/device` */
  readonly id: string;
  readonly driver: string;
  readonly pool: string;
  readonly device: Device;
  readonly slice: ResourceSliceSpec;
}

export const idOf = ({ driver, pool, device }: { readonly driver: string; readonly pool: string; readonly device: string }): string => `${driver}/${pool}/${device}`;

/** Whether several claims may have a part of it each. */
export const isShared = ({ device }: Candidate): boolean => device.allowMultipleAllocations === true;

/** By a fully qualified name; the driver's own attributes may lack their domain. Upstream: lookupAttribute */
export function attributeOf({ device: { attributes = {} }, driver }: Candidate, name: string): DeviceAttribute | undefined {
  if (Object.hasOwn(attributes, name)) return attributes[name];
  const own = name.startsWith(`${driver}/`) ? name.slice(driver.length + 1) : "";
  return Object.hasOwn(attributes, own) ? attributes[own] : undefined;
}
