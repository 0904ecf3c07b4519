import type { LimitedPriorityLevelConfiguration, PriorityLevelConfiguration } from "#api/gen/flowcontrol-v1.ts";
import type { Clock } from "#base/clock.ts";
import { FairQueues, type Waiting } from "./fair-queues.ts";

export type Refusal = "queue-full" | "concurrency-limit" | "time-out";
export type Entered = { readonly ok: true; readonly leave: () => void } | { readonly ok: false; readonly why: Refusal };

/** Seats of one priority level: its own, and what it may borrow from levels that do not need theirs. */
export class PriorityLevel {
  readonly name: string;
  readonly uid: string;
  readonly exempt: boolean;
  readonly nominal: number;
  readonly #lendable: number;
  readonly #mayBorrow: number;
  readonly #queues: FairQueues | undefined;
  #inUse = 0;

  /** @param total seats of the server @param shares of all levels together */
  constructor({ metadata, spec }: PriorityLevelConfiguration, total: number, shares: number) {
    const { nominalConcurrencyShares = 30, lendablePercent = 0, borrowingLimitPercent, limitResponse }: LimitedPriorityLevelConfiguration = spec.limited ?? {};
    this.name = metadata.name;
    this.uid = metadata.uid ?? "";
    this.exempt = spec.type === "Exempt";
    this.nominal = this.exempt || shares === 0 ? 0 : Math.ceil((total * nominalConcurrencyShares) / shares);
    this.#lendable = Math.round((this.nominal * lendablePercent) / 100);
    this.#mayBorrow = borrowingLimitPercent === undefined ? total : Math.round((this.nominal * borrowingLimitPercent) / 100);
    const { queues = 64, handSize = 8, queueLengthLimit = 50 } = limitResponse?.queuing ?? {};
    if (limitResponse?.type === "Queue") this.#queues = new FairQueues({ queues, handSize, queueLengthLimit });
  }

  get inUse(): number {
    return this.#inUse;
  }

  get waiting(): number {
    return this.#queues?.length ?? 0;
  }

  /** Seats that nobody else may take: those that it does not lend, less those in use. */
  get reserved(): number {
    return Math.max(0, this.nominal - this.#lendable - this.#inUse);
  }

  /** Whether so many seats are free now. @param spare seats of the server that are in no use and not reserved by other levels */
  fits(seats: number, spare: () => number): boolean {
    if (this.exempt || this.#inUse + seats <= this.nominal || this.#inUse === 0) return true;
    return this.#inUse + seats <= this.nominal + this.#mayBorrow && seats <= spare();
  }

  sit(seats: number): void {
    this.#inUse += seats;
  }

  rise(seats: number): void {
    this.#inUse -= seats;
  }

  /** Waits in line until `admit` lets it in; false when there is no room to wait, or at once where nobody waits. */
  line(flow: string, waiting: Waiting): Refusal | undefined {
    if (this.#queues === undefined) return "concurrency-limit";
    return this.#queues.add(flow, waiting) ? undefined : "queue-full";
  }

  abandon(waiting: Waiting): void {
    this.#queues?.remove(waiting);
  }

  /** Lets in as many as there are seats for. */
  admit(spare: () => number): void {
    const queues = this.#queues;
    if (queues === undefined) return;
    for (let next = queues.peek(); next !== undefined && this.fits(next.seats, spare); next = queues.peek()) {
      queues.take();
      this.sit(next.seats);
      next.start();
    }
  }
}

/** Resolves when its turn has come or it has waited too long. */
export async function inLine(level: PriorityLevel, flow: string, seats: number, { clock, waitMs, signal, seated, leave }: { readonly clock: Clock; readonly waitMs: number; readonly signal: AbortSignal; /** Told at the moment when its seats are its own. */ readonly seated: () => void; readonly leave: () => void }): Promise<Entered> {
  const { promise, resolve } = Promise.withResolvers<Entered>();
  const over = new AbortController();
  const start = (): void => {
    seated();
    resolve({ ok: true, leave });
  };
  const waiting: Waiting = { seats, start };
  const why = level.line(flow, waiting);
  if (why !== undefined) return { ok: false, why };
  const givesUp = (): void => {
    level.abandon(waiting);
    resolve({ ok: false, why: "time-out" });
  };
  clock.sleep(waitMs, AbortSignal.any([signal, over.signal])).then(givesUp, () => { if (signal.aborted) givesUp(); });
  const entered = await promise;
  over.abort();
  return entered;
}
