/** The DRA drivers of this node: who has registered, and whether they are there. Upstream: pkg/kubelet/cm/dra/plugin/dra_plugin_manager.go */
import type { Clock } from "#base/clock.ts";
import { messageOf } from "#base/error-message.ts";
import { GrpcError } from "#base/grpc/errors.ts";
import type { Logger } from "#base/log.ts";
import type { PluginHandler } from "../plugins/plugin-watcher.ts";
import { chooseService, DraDriver } from "./dra-driver.ts";
import type { DeviceHealth } from "./gen/dra-health-v1alpha1.ts";
import type { DraMetrics } from "./metrics.ts";

export interface DraDriversDeps {
  readonly metrics: DraMetrics;
  /** A driver can be used from now on, or no more. */
  readonly usable: (driver: string, is: boolean) => void;
  /** What a driver says of its devices; undefined when it says nothing any more. */
  readonly healths: (driver: string, devices: readonly DeviceHealth[] | undefined) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

const healthAgainMs = 5_000;

interface Known { readonly plugin: DraDriver; connected: boolean }

export class DraDrivers {
  readonly #deps: DraDriversDeps;
  /** Of one driver there may be two for a while: a new version comes before the old one goes. The latest is the last. */
  readonly #drivers = new Map<string, readonly Known[]>();

  constructor(deps: DraDriversDeps) {
    this.#deps = deps;
  }

  /** Throws in upstream's words. */
  get(name: string): DraDriver {
    if (name === "") throw new Error("DRA driver name is empty");
    const known = this.#of(name);
    const plugin = (known.findLast(({ connected }) => connected) ?? known.at(-1))?.plugin;
    if (plugin === undefined) throw new Error(`DRA driver ${name} is not registered`);
    return plugin;
  }

  readonly watched: PluginHandler = {
    register: async (name, endpoint, versions, signal) => {
      signal.throwIfAborted(); // what comes now would not be closed
      const service = chooseService(name, endpoint, versions);
      if (this.#of(name).some(({ plugin }) => plugin.endpoint === endpoint)) throw new Error(`endpoint ${endpoint} already registered for DRA driver plugin ${name}`);
      const { metrics, clock, log } = this.#deps;
      const known: Known = { plugin: new DraDriver(name, endpoint, service, metrics, clock), connected: false };
      this.#drivers.set(name, [...this.#of(name), known]);
      log.info({ driver: name, endpoint, service }, "DRA driver registered");
      this.#tell(name);
      void this.#follow(known);
      void this.#watchHealth(known.plugin);
    },
    deregister: async (name, endpoint) => {
      const gone = this.#of(name).find(({ plugin }) => plugin.endpoint === endpoint);
      if (gone === undefined) return;
      const left = this.#of(name).filter((known) => known !== gone);
      if (left.length === 0) this.#drivers.delete(name);
      else this.#drivers.set(name, left);
      gone.plugin.close();
      this.#tell(name);
    },
  };

  close(): void {
    for (const known of this.#drivers.values()) for (const { plugin } of known) plugin.close();
  }

  #of(name: string): readonly Known[] {
    return this.#drivers.get(name) ?? [];
  }

  #tell(name: string): void {
    this.#deps.usable(name, this.#of(name).some(({ connected }) => connected));
  }

  async #follow(known: Known): Promise<void> {
    for await (const connected of known.plugin.connected()) {
      if (known.connected === connected || known.plugin.closed.aborted) continue;
      known.connected = connected;
      this.#tell(known.plugin.name);
    }
  }

  /** A driver need not say how its devices are. */
  async #watchHealth(plugin: DraDriver): Promise<void> {
    const { healths, clock, log } = this.#deps;
    while (!plugin.closed.aborted) {
      try {
        for await (const devices of plugin.healths()) healths(plugin.name, devices);
      } catch (err) {
        if (err instanceof GrpcError && err.code === "Unimplemented") return;
        log.debug({ err: messageOf(err), driver: plugin.name }, "a DRA driver says nothing of its devices' health");
      }
      healths(plugin.name, undefined);
      await clock.sleep(healthAgainMs, plugin.closed).catch(() => {});
    }
  }
}
