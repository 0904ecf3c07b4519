/** How drivers say that their devices are. Upstream: pkg/kubelet/cm/dra/healthinfo.go */
import type { DeviceHealth } from "./gen/dra-health-v1alpha1.ts";

export type Health = "Healthy" | "Unhealthy" | "Unknown";
export interface Told { readonly health: Health; readonly message?: string }
interface Entry extends Told { readonly at: number; readonly freshMs: number }

/** What nobody says again counts no more. Upstream: DefaultHealthTimeout */
const freshMs = 30_000;
/** Upstream: v1.ResourceHealthMessageMaxLength */
const maxMessage = 1_024;
const names: Readonly<Record<string, Health>> = { HEALTHY: "Healthy", UNHEALTHY: "Unhealthy" };

export class DeviceHealths {
  readonly #drivers = new Map<string, Map<string, Entry>>();

  /** What a driver says of its devices now. Returns those, as `pool/device`, of which that is news. */
  update(driver: string, devices: readonly DeviceHealth[], now: number): string[] {
    const known = this.#drivers.get(driver) ?? new Map<string, Entry>();
    this.#drivers.set(driver, known);
    return devices.flatMap((device) => {
      const key = keyOfDevice(device.device?.poolName, device.device?.deviceName);
      const before = toldOf(known.get(key), now);
      known.set(key, entryOf(device, now));
      const after = toldOf(known.get(key), now);
      return before.health === after.health && before.message === after.message ? [] : [key];
    });
  }

  of(driver: string, device: string, now: number): Told {
    return toldOf(this.#drivers.get(driver)?.get(device), now);
  }

  /** The driver says nothing any more. True when it had said something. */
  forget(driver: string): boolean {
    return this.#drivers.delete(driver);
  }
}

export const keyOfDevice = (pool: string = "", device: string = ""): string => `${pool}/${device}`;

function entryOf({ health = "UNKNOWN", message = "", healthCheckTimeoutSeconds = "0" }: DeviceHealth, at: number): Entry {
  const text = message.length > maxMessage ? `${message.slice(0, maxMessage - 3)}...` : message;
  const seconds = Number(healthCheckTimeoutSeconds);
  return { health: names[health] ?? "Unknown", at, freshMs: seconds > 0 ? seconds * 1_000 : freshMs, ...(text !== "" && { message: text }) };
}

function toldOf(entry: Entry | undefined, now: number): Told {
  if (entry === undefined || now - entry.at > entry.freshMs) return { health: "Unknown" };
  return { health: entry.health, ...(entry.message !== undefined && { message: entry.message }) };
}
