/** Which tokens that upstream's controllers once put into Secrets may go, since nobody has used them for long. Pure. Upstream: pkg/controller/serviceaccount/legacy_serviceaccount_token_cleaner.go */
import type { Secret, ServiceAccount } from "#api/gen/core-v1.ts";
import { dayOf, invalidSinceLabel, lastUsedLabel, millisOfDay } from "#api/legacy-token.ts";
import { millis } from "../time.ts";

/** `mark`: nobody may use it from now on; `delete`: nobody missed it after that. */
export type Verdict = "keep" | "mark" | "delete";

export interface Facts {
  readonly account: ServiceAccount | undefined;
  /** A pod has it as a volume or a variable. */
  readonly isMounted: boolean;
  readonly now: number;
  /** How long nobody must have used it, and then missed it. Upstream: --legacy-service-account-token-clean-up-period */
  readonly unusedMs: number;
}

const dayMs = 86_400_000;

/** Whether uses have been written down for long enough to say that one was not used. @param since the day on which that began */
export function knowsEnough(since: string | undefined, now: number, unusedMs: number): boolean {
  const began = millisOfDay(since);
  return began !== undefined && began + dayMs < now - unusedMs;
}

/** Only what an account names as its own was made by itself, and may go by itself. */
export function verdictOn({ metadata }: Secret, { account, isMounted, now, unusedMs }: Facts): Verdict {
  const [before, dayBefore] = [now - unusedMs, dayOf(now - unusedMs)];
  const [used, invalid] = [metadata.labels?.[lastUsedLabel], metadata.labels?.[invalidSinceLabel]];
  if (metadata.deletionTimestamp !== undefined || millis(metadata.creationTimestamp) >= before || isMounted) return "keep";
  if (used !== undefined && (millisOfDay(used) === undefined || used >= dayBefore)) return "keep";
  if (account?.secrets?.some(({ name }) => name === metadata.name) !== true) return "keep";
  if (millisOfDay(invalid) === undefined) return "mark";
  return (invalid ?? "") >= dayBefore ? "keep" : "delete";
}
