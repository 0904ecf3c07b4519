/**
 * How quickly nodes that do not answer lose their pods: a node after the other in each zone, slower or not at all where
 * most of a zone is silent, and nowhere when every zone is, for then it is the network or us.
 * Pure but for what it remembers. Upstream: pkg/controller/nodelifecycle handleDisruption, ComputeZoneState
 */
import type { Node } from "#api/gen/core-v1.ts";
import { getCondition } from "#api/conditions.ts";
import { zoneOf } from "#api/node.ts";
import { millis } from "../time.ts";
import { defaultNodeSettings, type Rates } from "./settings.ts";

export type Disruption = "normal" | "partial" | "full";
export interface Round {
  /** These lose their pods now. */
  readonly evict: readonly Node[];
  /** These keep them, whatever was said before: nobody is left who could be believed. */
  readonly spare: readonly Node[];
  /** When the next one may follow, in ms; undefined when none waits. */
  readonly nextInMs: number | undefined;
  /** Some zone answers again after none did: everybody gets their time anew. */
  readonly recovered: boolean;
}

const notEvicted = "node.kubernetes.io/exclude-disruption";
const readiness = ({ status }: Node): string | undefined => getCondition(status.conditions, "Ready")?.status;
const since = ({ status }: Node): number => millis(getCondition(status.conditions, "Ready")?.lastTransitionTime);
const isUnhealthy = (node: Node): boolean => readiness(node) === "False" || readiness(node) === "Unknown";

/** How a zone's nodes are, all together. */
export function disruptionOf(nodes: readonly Node[], { unhealthy }: Pick<Rates, "unhealthy">): Disruption {
  const silent = nodes.filter((node) => readiness(node) !== "True").length;
  if (silent > 0 && silent === nodes.length) return "full";
  return silent > 2 && silent / nodes.length >= unhealthy ? "partial" : "normal";
}

export class Zones {
  readonly #rates: Rates;
  /** When a node of the zone last lost its pods. */
  readonly #last = new Map<string, number>();
  #allFull = false;

  constructor(rates: Rates = defaultNodeSettings) {
    this.#rates = rates;
  }

  /** @param isEvicting whether a node is losing its pods already */
  round(nodes: readonly Node[], isEvicting: (node: Node) => boolean, now: number): Round {
    const zones = Map.groupBy(nodes, zoneOf);
    const states = new Map([...zones].map(([zone, all]) => [zone, disruptionOf(all.filter(({ metadata }) => metadata.labels?.[notEvicted] === undefined), this.#rates)]));
    const wasFull = this.#allFull;
    this.#allFull = states.size > 0 && [...states.values()].every((state) => state === "full");
    if (this.#allFull) return { evict: [], spare: nodes.filter(isEvicting), nextInMs: undefined, recovered: false };
    const found = [...zones].map(([zone, all]) => this.#next(zone, states.get(zone) ?? "normal", all, isEvicting, now));
    const waits = found.flatMap(({ nextInMs }) => (nextInMs === undefined ? [] : [nextInMs]));
    return { evict: found.flatMap(({ evict }) => evict), spare: [], nextInMs: waits.length === 0 ? undefined : Math.min(...waits), recovered: wasFull };
  }

  /** The zone's next node, if it is time; the one that has been silent for longest. */
  #next(zone: string, state: Disruption, nodes: readonly Node[], isEvicting: (node: Node) => boolean, now: number): Pick<Round, "evict" | "nextInMs"> {
    const waiting = nodes.filter((node) => isUnhealthy(node) && !isEvicting(node)).toSorted((a, b) => since(a) - since(b) || (a.metadata.name < b.metadata.name ? -1 : 1));
    const perSecond = state !== "partial" ? this.#rates.normal : nodes.length > this.#rates.large ? this.#rates.secondary : 0;
    if (waiting.length === 0 || perSecond === 0) return { evict: [], nextInMs: undefined };
    const pauseMs = 1000 / perSecond;
    const waitMs = (this.#last.get(zone) ?? -Infinity) + pauseMs - now;
    if (waitMs > 0 && waitMs <= pauseMs) return { evict: [], nextInMs: waitMs };
    this.#last.set(zone, now);
    return { evict: waiting.slice(0, 1), nextInMs: waiting.length > 1 ? pauseMs : undefined };
  }
}
