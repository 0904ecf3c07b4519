/** Who holds a Lease: the rules, without clocks or requests. */
import type { LeaseSpec } from "#api/gen/coordination-v1.ts";
import { microTimestamp } from "#apimachinery/time.ts";

/** A lease's content as last seen, and when, by our own clock, it was first seen so. Times within it, which are others', are not believed. */
export interface Observed { readonly spec: LeaseSpec; readonly atMs: number }
export interface Candidate { readonly identity: string; readonly leaseMs: number }

/** What is known after looking at `spec` at `nowMs`: only a change counts as a sign of life. */
export function observe(before: Observed | undefined, spec: LeaseSpec, nowMs: number): Observed {
  return before !== undefined && JSON.stringify(before.spec) === JSON.stringify(spec) ? before : { spec, atMs: nowMs };
}

/**
 * The lease as `candidate` may write it now, or undefined while somebody else holds it.
 * Upstream: client-go/tools/leaderelection tryAcquireOrRenew
 */
export function claim({ identity, leaseMs }: Candidate, observed: Observed | undefined, nowMs: number): LeaseSpec | undefined {
  const now = microTimestamp(nowMs);
  const own = { holderIdentity: identity, leaseDurationSeconds: Math.ceil(leaseMs / 1_000), renewTime: now };
  if (observed === undefined) return { ...own, acquireTime: now, leaseTransitions: 0 };
  const { spec, atMs } = observed;
  if (spec.holderIdentity === identity) return { ...spec, ...own };
  const isValid = atMs + (spec.leaseDurationSeconds ?? 0) * 1_000 > nowMs;
  if (spec.holderIdentity && isValid) return undefined;
  return { ...spec, ...own, acquireTime: now, leaseTransitions: (spec.leaseTransitions ?? 0) + 1 };
}

/** The lease as its holder leaves it, for others to take at once. Upstream: LeaderElector.release */
export function release(spec: LeaseSpec, nowMs: number): LeaseSpec {
  const now = microTimestamp(nowMs);
  return { ...spec, holderIdentity: "", leaseDurationSeconds: 1, renewTime: now, acquireTime: now };
}
