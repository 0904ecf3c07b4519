/** From what is observed to what is done about it; nothing here acts. Upstream: pkg/kubelet/eviction/eviction_manager.go synchronize */
import { meanings, type Observations, type PressureCondition } from "./signals.ts";
import { passed, type Threshold } from "./thresholds.ts";

/** What is remembered from one look to the next. Times are milliseconds since 1970. */
export interface PressureState {
  /** Since when thresholds are passed. */
  readonly since: ReadonlyMap<Threshold, number>;
  /** When a condition was seen last. */
  readonly seen: ReadonlyMap<PressureCondition, number>;
  /** Passed for longer than their grace, and not made good yet. */
  readonly due: readonly Threshold[];
}

export const noPressure: PressureState = { since: new Map(), seen: new Map(), due: [] };

/** The next state. A condition stays for `transitionMs` after it was seen last, so that the node does not flap. */
export function nextPressure(state: PressureState, thresholds: readonly Threshold[], observations: Observations, now: number): PressureState {
  const unresolved = passed(state.due, observations, true);
  const current = [...new Set([...passed(thresholds, observations, false), ...unresolved])];
  const since = new Map(current.map((threshold) => [threshold, state.since.get(threshold) ?? now]));
  const seen = new Map(state.seen);
  for (const { signal } of current) seen.set(meanings[signal].condition, now);
  return { since, seen, due: current.filter((threshold) => now - (since.get(threshold) ?? now) >= threshold.graceMs) };
}

/** What the node says of itself. */
export function conditionsAt({ seen }: PressureState, transitionMs: number, now: number): PressureCondition[] {
  const order: readonly PressureCondition[] = ["MemoryPressure", "DiskPressure", "PIDPressure"];
  return order.filter((condition) => now - (seen.get(condition) ?? -Infinity) < transitionMs || seen.get(condition) === now);
}

/** The threshold that is attended to now: memory before all else. */
export const mostUrgent = (due: readonly Threshold[]): Threshold | undefined => due.find(({ signal }) => meanings[signal].resource === "memory") ?? due[0];
