import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultAutoscaling } from "#controllers/horizontal-pod-autoscaler/settings.ts";
import { defaultNodeSettings } from "#controllers/node-lifecycle/settings.ts";
import { UserError } from "../user-error.ts";
import { flagNames, flags, tuningOf, type Chosen } from "./flags.ts";
import { apiServerSettings, controllerSettings, electionTimes } from "./parts.ts";

const standard: Chosen = Object.fromEntries(flagNames.map((name) => [name, flags[name].standard]));

test("every flag's default can be told, and is what the part has of itself", () => {
  const tuning = tuningOf(standard);
  assert.deepEqual(controllerSettings(tuning), { nodes: defaultNodeSettings, autoscaling: defaultAutoscaling, terminatedPods: 12_500, quotaResyncMs: 300_000, signingMs: 31_536_000_000, unusedTokenMs: 31_536_000_000, optional: [] });
  assert.deepEqual(apiServerSettings(tuning), { notReadySeconds: 300, unreachableSeconds: 300, metricsEveryMs: 15_000, eventTtlMs: 3_600_000, maxTokenMs: 0, extendTokens: true, optional: [] });
  assert.deepEqual(electionTimes(tuning), { leaseMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000 });
});

const asked = "certificates.k8s.io/v1beta1";
const configs: readonly (readonly [text: string, want: readonly string[]])[] = [
  ["", []], [asked, ["clustertrustbundles", "podcertificaterequests"]], [`${asked}=true`, ["clustertrustbundles", "podcertificaterequests"]], [`${asked}=false`, []],
  [`${asked}/clustertrustbundles=true`, ["clustertrustbundles"]], [`${asked}/clustertrustbundles=false,${asked}=true`, ["podcertificaterequests"]],
];
for (const [text, want] of configs) {
  test(`--runtime-config="${text}" asks for ${want.join(" and ") || "nothing"}`, () => {
    const tuning = tuningOf({ "runtime-config": text });
    assert.deepEqual([apiServerSettings(tuning).optional, controllerSettings(tuning).optional], [want, want]);
  });
}

test("what nobody has told is not told to the parts", () => {
  const tuning = tuningOf({ "node-eviction-rate": "1.5", "event-ttl": "90m" });
  assert.deepEqual([controllerSettings(tuning), apiServerSettings(tuning), electionTimes(tuning)], [{ nodes: { normal: 1.5 }, autoscaling: {} }, { eventTtlMs: 5_400_000 }, {}]);
});

const mistakes: readonly (readonly [Chosen, string])[] = [
  [{ "node-monitor-grace-period": "20" }, '--node-monitor-grace-period must be a duration of at least 1s, such as 90s or 5m, not "20".'],
  [{ "node-monitor-period": "-5s" }, '--node-monitor-period must be a duration of at least 1s, such as 90s or 5m, not "-5s".'],
  [{ "metric-resolution": "5s" }, '--metric-resolution must be a duration of at least 10s, such as 90s or 5m, not "5s".'],
  [{ "unhealthy-zone-threshold": "55" }, '--unhealthy-zone-threshold must be a number from 0 to 1, not "55".'],
  [{ "node-eviction-rate": "fast" }, '--node-eviction-rate must be a number from 0 to 1000, not "fast".'],
  [{ "terminated-pod-gc-threshold": "1.5" }, '--terminated-pod-gc-threshold must be a whole number from 0, not "1.5".'],
  [{ "service-account-max-token-expiration": "30m" }, '--service-account-max-token-expiration must be a duration of at least 1h, or 0s for no limit, not "30m".'],
  [{ "service-account-extend-token-expiration": "no" }, '--service-account-extend-token-expiration must be true or false, not "no".'],
  ...["apps/v1=false", `${asked}=maybe`, `${asked}/clustertrustbundles=true=true`].map((text): readonly [Chosen, string] =>
    [{ "runtime-config": text }, `--runtime-config must be a list such as ${asked}/clustertrustbundles=true, of the keys ${asked}, ${asked}/clustertrustbundles, ${asked}/podcertificaterequests, not "${text}".`]),
  [{ "leader-elect-lease-duration": "8s" }, "--leader-elect-lease-duration must be longer than --leader-elect-renew-deadline: a leader ends before another begins."],
  [{ "leader-elect-renew-deadline": "2s" }, "--leader-elect-renew-deadline must be longer than 1.2 times --leader-elect-retry-period."],
  [JSON.parse('{ "node-temper": "mild" }') as Chosen, 'The control plane knows no setting "node-temper".'],
];
for (const [chosen, words] of mistakes) {
  test(`${JSON.stringify(chosen)} is refused`, () => {
    assert.throws(() => tuningOf(chosen), (err) => err instanceof UserError && err.exitCode === 2 && err.message === words);
  });
}
