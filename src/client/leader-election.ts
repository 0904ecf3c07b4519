import type { Lease } from "#api/gen/coordination-v1.ts";
import { leases } from "#api/resources.ts";
import { isStatus } from "#apimachinery/status.ts";
import type { Clock } from "#base/clock.ts";
import { loop, type Component } from "#base/component.ts";
import type { Logger } from "#base/log.ts";
import type { Client } from "./client.ts";
import { claim, observe, release, type Observed } from "./lease-record.ts";

export interface LeaderElectionOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  /** Of the Lease, in `kube-system`. */
  readonly name: string;
  /** Different for every process. */
  readonly identity: string;
  readonly times?: Partial<LeaderElectionTimes>;
  /** Spreads the tries of several candidates: 0 ≤ x < 1. */
  readonly random?: () => number;
}
export interface LeaderElectionTimes {
  /** How long others wait for a sign of life before they take over. */
  readonly leaseMs: number;
  /** How long a leader goes on without having been able to give one. Less than `leaseMs`: it has stopped before anybody else starts. */
  readonly renewDeadlineMs: number;
  readonly retryMs: number;
}

/** Upstream: component-base/config LeaderElectionConfiguration */
const defaultTimes: LeaderElectionTimes = { leaseMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000 };
/** By so much of it a follower's pause is shortened, not to meet others. Upstream lengthens it by up to 1.2, and the next leader comes up to four seconds later. */
const spread = 0.2;
/** After the leader's time is over. */
const politeMs = 200;
const namespace = "kube-system";
const releaseMs = 1_000;

/**
 * Runs a part while this process is the leader, and no other does meanwhile, however wrong clocks are (not: however
 * fast). A term that is lost ends the part; another may follow. At a stop the lease is given back when the part has ended.
 * @param lead makes the part, anew for each term
 */
export function elected(options: LeaderElectionOptions, lead: () => Component): Component {
  return new Election(options, lead);
}

class Election implements Component {
  readonly name: string;
  readonly #options: LeaderElectionOptions;
  readonly #times: LeaderElectionTimes;
  readonly #lead: () => Component;
  #lease: Lease | undefined;
  #observed: Observed | undefined;

  constructor(options: LeaderElectionOptions, lead: () => Component) {
    this.name = `election of ${options.name}`;
    this.#options = options;
    this.#times = { ...defaultTimes, ...options.times };
    this.#lead = lead;
  }

  run = (signal: AbortSignal): Promise<void> => loop(signal, async () => {
    const renewedAtMs = await this.#acquire(signal);
    await this.#term(renewedAtMs, signal);
  });

  /** Resolves with when the lease that is now held was asked for. */
  async #acquire(signal: AbortSignal): Promise<number> {
    const { clock, log, name, identity } = this.#options;
    for (let holder: string | undefined; ;) {
      const at = clock.now();
      if (await this.#try(at + this.#times.renewDeadlineMs, signal)) {
        log.info({ lease: name, identity }, "became leader");
        return at;
      }
      const seen = this.#observed?.spec.holderIdentity;
      if (seen !== holder && seen) log.info({ lease: name, leader: seen }, "another server leads");
      holder = seen;
      await clock.sleep(this.#pauseMs(), signal);
    }
  }

  /** Until a follower tries again: often, and when the leader's time is over. */
  #pauseMs(): number {
    const { clock, random = Math.random } = this.#options;
    const { spec, atMs } = this.#observed ?? { spec: {}, atMs: 0 };
    const retryMs = this.#times.retryMs * (1 - spread * random());
    const leftMs = spec.holderIdentity ? atMs + (spec.leaseDurationSeconds ?? 0) * 1_000 - clock.now() : 0;
    return leftMs > 0 ? Math.min(retryMs, leftMs + politeMs * random()) : retryMs;
  }

  async #term(renewedAtMs: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const until = AbortSignal.any([signal, over.signal]);
    const end = (): void => over.abort();
    try {
      await Promise.all([this.#renew(renewedAtMs, until).finally(end), this.#lead().run(until).finally(end)]);
    } finally {
      await this.#release();
    }
  }

  /** Resolves when the lease is lost. */
  async #renew(renewedAtMs: number, signal: AbortSignal): Promise<void> {
    const { clock, log, name } = this.#options;
    for (let last = renewedAtMs; ;) {
      const deadline = last + this.#times.renewDeadlineMs;
      await clock.sleep(Math.max(0, Math.min(this.#times.retryMs, deadline - clock.now())), signal).catch(() => {});
      if (signal.aborted) return;
      const at = clock.now();
      if (at < deadline && (await this.#try(deadline, signal))) last = at;
      else if (clock.now() >= deadline || !this.#isOurs) break;
    }
    log.warn({ lease: name }, "stopped leading");
  }

  get #isOurs(): boolean {
    return this.#observed?.spec.holderIdentity === this.#options.identity;
  }

  /** One try to get or keep the lease, given up at `deadline`. What goes wrong is told, and the answer is no. */
  async #try(deadline: number, signal: AbortSignal): Promise<boolean> {
    const { clock, log, name } = this.#options;
    const late = new AbortController();
    const timer = new AbortController();
    const timeout = clock.sleep(Math.max(0, deadline - clock.now()), AbortSignal.any([signal, timer.signal])).then(() => false, () => false);
    try {
      return await Promise.race([this.#write(AbortSignal.any([signal, late.signal])), timeout]);
    } catch (err) {
      if (!signal.aborted && !isStatus(err, "Conflict", "AlreadyExists")) log.warn({ err, lease: name }, "a lease could not be written");
      return false;
    } finally {
      timer.abort();
      late.abort();
    }
  }

  async #write(signal: AbortSignal): Promise<boolean> {
    const { client, clock, name, identity } = this.#options;
    const api = client.resource(leases);
    const found = await api.get(name, namespace, signal).catch((err: unknown) => {
      if (!isStatus(err, "NotFound")) throw err;
      return undefined;
    });
    this.#observed = found && observe(this.#observed, found.spec, clock.now());
    const spec = claim({ identity, leaseMs: this.#times.leaseMs }, this.#observed, clock.now());
    if (spec === undefined) return false;
    signal.throwIfAborted();
    const kept = found === undefined
      ? await api.create({ apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name, namespace }, spec }, { signal })
      : await api.update({ ...found, spec }, { signal });
    this.#lease = kept;
    this.#observed = { spec: kept.spec, atMs: clock.now() };
    return true;
  }

  /** A renewal that was under way when the stop came may have come through: then the lease is not as it was last known. */
  async #giveBack(lease: Lease, signal: AbortSignal): Promise<void> {
    const { client, clock, name, identity } = this.#options;
    const api = client.resource(leases);
    const write = (last: Lease): Promise<Lease> => api.update({ ...last, spec: release(last.spec, clock.now()) }, { signal });
    await write(lease).catch(async (err: unknown) => {
      if (!isStatus(err, "Conflict")) throw err;
      const found = await api.get(name, namespace, signal);
      if (found.spec.holderIdentity === identity) await write(found);
    });
  }

  async #release(): Promise<void> {
    const { clock, log, name } = this.#options;
    if (this.#lease === undefined || !this.#isOurs) return;
    const late = new AbortController();
    const timeout = clock.sleep(releaseMs, late.signal).catch(() => {});
    try {
      await Promise.race([this.#giveBack(this.#lease, late.signal), timeout]);
    } catch (err) {
      log.info({ err, lease: name }, "a lease was not given back; it runs out by itself");
    } finally {
      late.abort();
      this.#lease = undefined;
      this.#observed = undefined;
    }
  }
}
