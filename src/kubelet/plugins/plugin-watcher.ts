/** Plugins that announce themselves by a socket in `plugins_registry`. Upstream: pkg/kubelet/pluginmanager */
import { mkdir, readdir, stat, watch } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "#base/clock.ts";
import { loop, runAll, type Component } from "#base/component.ts";
import { messageOf } from "#base/error-message.ts";
import type { Logger } from "#base/log.ts";
import { newRegistrar } from "#csi/registration.ts";
import type { PluginInfo } from "#csi/gen/plugin-registration-v1.ts";
import { Signalled } from "../signalled.ts";

/** What the kubelet does with one type of plugins. */
export interface PluginHandler {
  /** Throws when it cannot be used. @param endpoint the plugin's own socket */
  register(name: string, endpoint: string, versions: readonly string[], signal: AbortSignal): Promise<void>;
  deregister(name: string, endpoint: string, signal: AbortSignal): Promise<void>;
}

export interface PluginWatcherDeps {
  readonly dir: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** By type: `CSIPlugin`, `DevicePlugin`, `DRAPlugin`. */
  readonly handlers: Readonly<Record<string, PluginHandler>>;
}

interface Registered { readonly mark: string; readonly type: string; readonly name: string; readonly endpoint: string }

/** The net under the file system's events, and the pause after a registration that failed. */
const lookAgainMs = 10_000;
const callMs = 10_000;

export class PluginWatcher implements Component {
  readonly name = "plugin watcher";
  readonly #deps: PluginWatcherDeps;
  readonly #wake = new Signalled();
  readonly #known = new Map<string, Registered>();

  constructor(deps: PluginWatcherDeps) {
    this.#deps = deps;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { dir, clock } = this.#deps;
    await mkdir(dir, { recursive: true, mode: 0o750 });
    const look = loop(signal, async () => {
      await this.#look(signal);
      await this.#wake.waitUntil(clock.now() + lookAgainMs, clock, signal);
    });
    await runAll([{ name: "look", run: () => look }, { name: "watch", run: (inner) => this.#watch(inner) }], signal);
  }

  async #watch(signal: AbortSignal): Promise<void> {
    await loop(signal, async () => {
      for await (const _ of watch(this.#deps.dir, { signal })) this.#wake.set();
    });
  }

  /** Brings the registered plugins to what sockets there are. */
  async #look(signal: AbortSignal): Promise<void> {
    const found = await socketsIn(this.#deps.dir);
    for (const [path, { mark, type, name, endpoint }] of this.#known) {
      if (found.get(path) === mark) continue;
      this.#known.delete(path);
      await this.#deps.handlers[type]?.deregister(name, endpoint, signal).catch((err: unknown) => this.#deps.log.warn({ err: messageOf(err), plugin: name }, "plugin not deregistered"));
    }
    for (const [path, mark] of found) if (!this.#known.has(path)) await this.#register(path, mark, signal);
  }

  async #register(path: string, mark: string, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#deps;
    const registrar = newRegistrar(path, clock);
    try {
      const info = await registrar.getInfo({}, { timeoutMs: callMs, signal });
      const error = await this.#use(info, path, signal);
      if (error === "") this.#known.set(path, { mark, type: info.type ?? "", name: info.name ?? "", endpoint: info.endpoint || path });
      await registrar.notifyRegistrationStatus({ pluginRegistered: error === "", error }, { timeoutMs: callMs, signal });
    } catch (err) {
      if (!signal.aborted) log.warn({ err: messageOf(err), path }, "plugin not registered");
    } finally {
      registrar.close();
    }
  }

  /** The reason why the plugin cannot be used; empty when it is. */
  async #use({ type = "", name = "", endpoint = "", supportedVersions = [] }: PluginInfo, path: string, signal: AbortSignal): Promise<string> {
    const handler = this.#deps.handlers[type];
    if (handler === undefined) return `no handler registered for plugin type: ${type} at socket ${path}`;
    try {
      await handler.register(name, endpoint === "" ? path : endpoint, supportedVersions, signal);
      return "";
    } catch (err) {
      this.#deps.log.warn({ err: messageOf(err), plugin: name, type }, "plugin not registered");
      return `RegisterPlugin error -- plugin registration failed with err: ${messageOf(err)}`;
    }
  }
}

/** Sockets by path, each with what tells it from a later one of the same name. */
async function socketsIn(dir: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(dir)).filter((name) => !name.startsWith("."));
  const found = await Promise.all(names.map(async (name): Promise<readonly [string, string][]> => {
    const path = join(dir, name);
    const stats = await stat(path).catch(() => undefined);
    return stats?.isSocket() === true ? [[path, `${stats.ino} ${stats.ctimeMs}`]] : [];
  }));
  return new Map(found.flat());
}
