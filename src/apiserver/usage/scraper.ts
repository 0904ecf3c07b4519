import { nodes } from "#api/resources.ts";
import type { Clock } from "#base/clock.ts";
import { loop, type Component } from "#base/component.ts";
import { messageOf } from "#base/error-message.ts";
import type { Logger } from "#base/log.ts";
import type { Reader } from "../admission/attributes.ts";
import type { Connect } from "../connect/connect.ts";
import { parsePoints, type NodePoints } from "./points.ts";
import { nodeUsage, podUsages, type Looks, type PodUsage, type Usage } from "./usage.ts";

/** Upstream: metrics-server --metric-resolution */
const defaultEveryMs = 15_000;
/** While there is no node, or one that was seen only once: two looks make a number. */
const soonMs = 3_000;
const timeoutMs = 10_000;
/** Kubelets that are asked at the same time. */
const atOnce = 10;

export interface ScraperDeps {
  readonly reader: Reader;
  readonly connect: Pick<Connect, "kubeletText">;
  readonly clock: Clock;
  readonly log: Logger;
  /** How often a node is asked. */
  readonly everyMs?: number;
}

/** Asks every node's kubelet what is used there, and keeps the last two answers of each: metrics-server within the server. */
export class UsageScraper implements Component {
  readonly name = "resource usage";
  readonly #deps: ScraperDeps;
  #looks = new Map<string, Looks>();

  constructor(deps: ScraperDeps) {
    this.#deps = deps;
  }

  /** By node. */
  get nodes(): ReadonlyMap<string, Usage> {
    return new Map([...this.#looks].flatMap(([name, looks]) => {
      const usage = nodeUsage(looks);
      return usage === undefined ? [] : [[name, usage]];
    }));
  }

  /** By `<namespace>/<name>`. */
  get pods(): ReadonlyMap<string, PodUsage> {
    return new Map([...this.#looks.values()].flatMap((looks) => [...podUsages(looks)]));
  }

  run = (signal: AbortSignal): Promise<void> =>
    loop(signal, async () => {
      await this.round(signal).catch((err: unknown) => this.#deps.log.debug({ err: String(err) }, "nodes not listed"));
      const settled = this.#looks.size > 0 && [...this.#looks.values()].every(({ before }) => before !== undefined);
      const { clock, everyMs = defaultEveryMs } = this.#deps;
      await clock.sleep(settled ? everyMs : soonMs, signal);
    });

  /** Asks every node once. A node that does not answer has no numbers: old ones would lie. */
  async round(signal: AbortSignal): Promise<void> {
    const names = (await this.#deps.reader.list(nodes)).map(({ metadata }) => metadata.name);
    const looks = new Map<string, Looks>();
    const waiting = names.values();
    const worker = async (): Promise<void> => {
      for (const name of waiting) {
        const last = await this.#look(name, signal);
        if (last !== undefined) looks.set(name, nextLooks(this.#looks.get(name), last));
      }
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, names.length) }, worker));
    this.#looks = looks;
  }

  async #look(node: string, signal: AbortSignal): Promise<NodePoints | undefined> {
    const { connect, clock, log } = this.#deps;
    const [late, answered] = [new AbortController(), new AbortController()];
    clock.sleep(timeoutMs, AbortSignal.any([signal, answered.signal])).then(() => late.abort(new Error("no answer in time")), () => {});
    try {
      const text = await connect.kubeletText(node, "/metrics/resource", AbortSignal.any([signal, late.signal]));
      return parsePoints(text, clock.now());
    } catch (err) {
      signal.throwIfAborted();
      log.debug({ node, err: messageOf(err) }, "usage not known");
      return undefined;
    } finally {
      answered.abort();
    }
  }
}

/** A look that is no newer says nothing new. */
function nextLooks(looks: Looks | undefined, last: NodePoints): Looks {
  if (looks === undefined) return { last, before: undefined };
  return (last.node?.at ?? 0) <= (looks.last.node?.at ?? 0) ? looks : { last, before: looks.last };
}
