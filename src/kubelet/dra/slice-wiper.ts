/** Takes away what drivers have published of this node when they are not there: pods that are scheduled by it would wait for them. Upstream: pkg/kubelet/cm/dra/plugin/dra_plugin_manager.go wipeResourceSlices */
import { isStatus } from "#apimachinery/status.ts";
import { resourceSlices } from "#api/resources.ts";
import type { Clock } from "#base/clock.ts";
import { untilAborted, type Component } from "#base/component.ts";
import { messageOf } from "#base/error-message.ts";
import type { Logger } from "#base/log.ts";
import type { Client } from "#client/client.ts";

export interface SliceWiperDeps {
  readonly client: Client;
  readonly nodeName: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Long enough for a driver to be restarted. Upstream: defaultWipingDelay */
const delayMs = 30_000;
const firstRetryMs = 1_000;
const maxRetryMs = 300_000;

export class SliceWiper implements Component {
  readonly name = "resource slices";
  readonly #deps: SliceWiperDeps;
  readonly #pending = new Map<string, AbortController>();
  #ended = false;

  constructor(deps: SliceWiperDeps) {
    this.#deps = deps;
  }

  /** At the start no driver is there. */
  run = async (signal: AbortSignal): Promise<void> => {
    await this.#wipe(undefined, signal).catch(() => {});
    await untilAborted(signal);
    this.#ended = true;
    for (const pending of this.#pending.values()) pending.abort();
  };

  /** A driver can be used from now on, or no more. */
  usable(driver: string, is: boolean): void {
    if (is) this.#pending.get(driver)?.abort();
    if (is) this.#pending.delete(driver);
    if (is || this.#ended || this.#pending.has(driver)) return;
    const stop = new AbortController();
    this.#pending.set(driver, stop);
    void this.#wipeLater(driver, stop);
  }

  async #wipeLater(driver: string, stop: AbortController): Promise<void> {
    try {
      await this.#deps.clock.sleep(delayMs, stop.signal);
      await this.#wipe(driver, stop.signal);
    } catch (err) {
      if (!stop.signal.aborted) this.#deps.log.warn({ err: messageOf(err), driver }, "resource slices not removed");
    } finally {
      if (this.#pending.get(driver) === stop) this.#pending.delete(driver);
    }
  }

  /** Until it is done. Rejects when `signal` aborts. @param driver undefined: of all */
  async #wipe(driver: string | undefined, signal: AbortSignal): Promise<void> {
    const { client, nodeName, clock, log } = this.#deps;
    const fieldSelector = [`spec.nodeName=${nodeName}`, ...(driver === undefined ? [] : [`spec.driver=${driver}`])].join();
    for (let wait = firstRetryMs; ; wait = Math.min(wait * 2, maxRetryMs)) {
      try {
        return await client.resource(resourceSlices).deleteCollection(undefined, { fieldSelector, signal });
      } catch (err) {
        if (isStatus(err, "NotFound")) return;
        log.debug({ err: messageOf(err), fieldSelector }, "resource slices not removed, trying again");
      }
      await clock.sleep(wait, signal);
    }
  }
}
