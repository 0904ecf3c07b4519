import type { Clock } from "#base/clock.ts";
import type { Client } from "#client/client.ts";
import { discoverGroup, type Discovered } from "../discovered.ts";

/** How long an answer of discovery is believed. Upstream: the controller manager's RESTMapper is reset as often */
const believedMs = 30_000;

/** Which resource a kind is, by discovery; what was found is remembered for a while, what was not is asked again. */
export class KindMap {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #groups = new Map<string, { readonly until: number; readonly found: readonly Discovered[] }>();

  constructor(client: Client, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** The resource in the version that is preferred; undefined when no such kind is served. */
  async find(group: string, kind: string, signal: AbortSignal): Promise<Discovered | undefined> {
    const known = this.#groups.get(group);
    const inKnown = known !== undefined && known.until > this.#clock.now() ? ofKind(known.found, kind) : undefined;
    if (inKnown !== undefined) return inKnown;
    const found = await discoverGroup(this.#client, group, signal);
    this.#groups.set(group, { until: this.#clock.now() + believedMs, found });
    return ofKind(found, kind);
  }
}

const ofKind = (found: readonly Discovered[], kind: string): Discovered | undefined => found.find((one) => one.kind === kind);

/** The group of an apiVersion; undefined for what is none. */
export function groupOf(apiVersion: string): string | undefined {
  const parts = apiVersion.split("/");
  return parts.length > 2 ? undefined : parts.length === 2 ? (parts[0] ?? "") : "";
}
