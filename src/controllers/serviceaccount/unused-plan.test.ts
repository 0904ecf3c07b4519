import assert from "node:assert/strict";
import { test } from "node:test";
import type { Secret, ServiceAccount } from "#api/gen/core-v1.ts";
import { knowsEnough, verdictOn, type Facts, type Verdict } from "./unused-plan.ts";

const now = Date.parse("2026-07-01T12:00:00Z");
const unusedMs = 365 * 86_400_000;
const account: ServiceAccount = { metadata: { name: "bot", namespace: "shop" }, secrets: [{ name: "bot-token" }] };
const facts: Facts = { account, isMounted: false, now, unusedMs };
const secret = (labels: Record<string, string> = {}, rest: object = {}): Secret => ({ metadata: { name: "bot-token", namespace: "shop", creationTimestamp: "2024-01-01T00:00:00Z", labels, ...rest } });
const used = (day: string): Record<string, string> => ({ "kubernetes.io/legacy-token-last-used": day });
const invalid = (day: string): Record<string, string> => ({ "kubernetes.io/legacy-token-invalid-since": day });

// Upstream: pkg/controller/serviceaccount/legacy_serviceaccount_token_cleaner_test.go
const cases: readonly [name: string, secret: Secret, facts: Facts, want: Verdict][] = [
  ["never used", secret(), facts, "mark"],
  ["last used long ago", secret(used("2025-06-30")), facts, "mark"],
  ["used a year ago to the day", secret(used("2025-07-01")), facts, "keep"],
  ["used on a day that is none", secret(used("yesterday")), facts, "keep"],
  ["made lately", secret({}, { creationTimestamp: "2025-07-02T00:00:00Z" }), facts, "keep"],
  ["leaving", secret({}, { deletionTimestamp: "2026-06-01T00:00:00Z" }), facts, "keep"],
  ["made by hand: no account names it", secret(), { ...facts, account: { metadata: { name: "bot" } } }, "keep"],
  ["of an account that is gone", secret(), { ...facts, account: undefined }, "keep"],
  ["a pod has it", secret(), { ...facts, isMounted: true }, "keep"],
  ["taken back lately", secret(invalid("2026-01-01")), facts, "keep"],
  ["taken back long ago, and nobody missed it", secret(invalid("2025-06-30")), facts, "delete"],
  ["taken back on a day that is none", secret(invalid("x")), facts, "mark"],
  ["taken back long ago, and given back: used since", secret({ ...invalid("2025-06-30"), ...used("2026-06-30") }), facts, "keep"],
];
for (const [name, one, known, want] of cases) test(name, () => assert.equal(verdictOn(one, known), want));

const tracked: readonly [since: string | undefined, want: boolean][] = [["2025-06-29", true], ["2025-07-01", false], ["2026-07-01", false], ["x", false], [undefined, false]];
for (const [since, want] of tracked) test(`uses written down since ${since ?? "never"}: ${want ? "enough" : "not enough"} to judge by`, () => assert.equal(knowsEnough(since, now, unusedMs), want));
