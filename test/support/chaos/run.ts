/** A day with or without kills, and what came of it. */
import { pause } from "#base/waiting.ts";
import { Random } from "../random.ts";
import type { Bug } from "./bugs.ts";
import { newLife, type Step } from "./day.ts";
import { everything, normal, orphaned } from "./end-state.ts";
import type { Death } from "./messages.ts";
import { World } from "./world.ts";

export interface DayOptions {
  readonly steps: readonly Step[];
  /** When it begins, in ms. */
  readonly now: number;
  /** From the beginning of one step of the script to the next, in virtual ms. */
  readonly stepMs: number;
  readonly kills: number;
  readonly seed: number;
  readonly bug?: Bug;
  readonly progress?: (step: string) => void;
}

export interface DayResult {
  readonly endState: readonly string[];
  /** Of Jobs that CronJobs have made, at any time of the day. */
  readonly runs: readonly string[];
  readonly violations: readonly string[];
  readonly kills: number;
  readonly memory: World["memory"];
}

/** By what the server dies: at its nth write (of one resource) from now, or after some real time, whatever it does then. */
type Kill = Death | { readonly afterMs: number };

/** Between two writes of a controller lies what it must not forget: of which resources, where a step does not say it. */
const delicate = ["jobs", "pods", "statefulsets", "replicasets", "deployments", "controllerrevisions", "persistentvolumeclaims", "cronjobs", "nodes", "namespaces"];
/** Where the driver notes what was acknowledged. */
const ledger = "configmaps";

/** Lives through the day. The same seed kills at the same writes. */
export async function liveThrough({ steps, now, stepMs, kills, seed, bug, progress }: DayOptions): Promise<DayResult> {
  const random = new Random(seed);
  const killsOf = Map.groupBy(Array.from({ length: kills }, () => random.below(steps.length)), (step) => step);
  const killer = new Killer(random);
  const world = await World.start({ now, life: newLife(), downMs: () => random.below(20_000), revived: () => killer.next(), ...(bug !== undefined && { bug }) });
  try {
    killer.world = world;
    for (const [i, step] of steps.entries()) {
      progress?.(step.name);
      killer.aim(killsOf.get(i)?.length ?? 0, step.delicate);
      await step.act(world);
      await world.until(now + (i + 1) * stepMs);
      await killer.finish();
    }
    await world.pass(2 * stepMs);
    const objects = await everything(world.client);
    return { endState: normal(objects), runs: [...world.witness.runs].sort(), violations: [...world.witness.violations, ...orphaned(objects)], kills: world.restarts, memory: world.memory };
  } finally {
    await world.close();
  }
}

class Killer {
  world: World | undefined;
  readonly #random: Random;
  #left = 0;
  #delicate: readonly string[] = delicate;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The server is to die so many times from now on, many a time over writes of these resources. */
  aim(times: number, resources: readonly string[] = delicate): void {
    this.#left = times;
    this.#delicate = resources;
    this.#arm();
  }

  /** It has died, and runs again. */
  next(): void {
    this.#left = Math.max(0, this.#left - 1);
    this.#arm();
  }

  /** What has not happened for want of writes happens now. */
  async finish(): Promise<void> {
    while (this.#left > 0) {
      await this.world?.server.kill();
      await this.world?.pass(20_000);
    }
  }

  #arm(): void {
    const server = this.world?.server;
    if (this.#left === 0 || server === undefined) return;
    const kill = this.#choose();
    if ("atWrite" in kill) return server.dieAt(kill);
    const aimed = this.#left;
    void pause(kill.afterMs).then(() => { if (this.#left === aimed) void server.kill(); });
  }

  #choose(): Kill {
    const moment = this.#random.pick(["before", "after"] as const);
    const sort = this.#random.next();
    if (sort < 0.25) return { afterMs: this.#random.below(150) };
    if (sort < 0.35) return { atWrite: 1, moment, of: ledger };
    if (sort < 0.7) return { atWrite: 1 + this.#random.below(4), moment, of: this.#random.pick(this.#delicate) };
    return { atWrite: 1 + Math.floor(2 ** (this.#random.next() * 6)), moment }; // 2 to 64: most of them soon
  }
}

export interface Comparison { readonly kills: number; readonly objects: number; /** Every line is something wrong. */ readonly wrong: readonly string[] }

/** The same day undisturbed and with kills, side by side: what differs, and what should never have been. */
export async function compare(options: DayOptions): Promise<Comparison> {
  const { bug: _, ...rest } = options;
  const [undisturbed, result] = await Promise.all([liveThrough({ ...rest, kills: 0, progress: () => {} }), liveThrough(options)]);
  const differing = (a: readonly string[], b: readonly string[]): string[] => [...a.filter((line) => !b.includes(line)).map((line) => `missing: ${line}`), ...b.filter((line) => !a.includes(line)).map((line) => `too much: ${line}`)];
  const wrong = [...undisturbed.violations.map((line) => `undisturbed: ${line}`), ...result.violations, ...differing(undisturbed.runs, result.runs), ...differing(undisturbed.endState, result.endState)];
  return { kills: result.kills, objects: result.endState.length, wrong };
}
