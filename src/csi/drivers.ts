import type { Clock } from "#base/clock.ts";
import { newCsiDriver, type CsiDriver } from "./driver.ts";

/** The drivers that have registered with this node. What asks for one that is not here yet asks again later. */
export class CsiDrivers {
  readonly #clock: Clock;
  readonly #drivers = new Map<string, CsiDriver>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Throws in upstream's words. Upstream: pkg/volume/csi newCsiDriverClient */
  get(name: string): CsiDriver {
    const driver = this.#drivers.get(name);
    if (driver === undefined) throw new Error(`driver name ${name} not found in the list of registered CSI drivers`);
    return driver;
  }

  /** A driver that registers again takes the place of its predecessor. */
  add(name: string, endpoint: string): CsiDriver {
    this.remove(name);
    const driver = newCsiDriver(name, endpoint, this.#clock);
    this.#drivers.set(name, driver);
    return driver;
  }

  remove(name: string): void {
    this.#drivers.get(name)?.close();
    this.#drivers.delete(name);
  }
}
