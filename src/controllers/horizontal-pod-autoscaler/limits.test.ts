import assert from "node:assert/strict";
import { test } from "node:test";
import type { HorizontalPodAutoscalerBehavior, HPAScalingRules } from "#api/gen/autoscaling-v2.ts";
import { changed, firstHistory, limited, recommended, stabilized, type History } from "./limits.ts";

const now = 10_000_000;
const before = (seconds: number): number => now - seconds * 1000;
const history = (rest: Partial<History>): History => ({ recommendations: [], ups: [], downs: [], ...rest });
const move = (current: number, wanted: number, least = 1, most = 100): Parameters<typeof limited>[0] => ({ current, wanted, least, most, now });
const rules = (rest: HPAScalingRules): HPAScalingRules => ({ selectPolicy: "Max", policies: [{ type: "Percent", value: 100, periodSeconds: 15 }], ...rest });

// Upstream: pkg/controller/podautoscaler/horizontal_test.go
const windows: readonly { readonly name: string; readonly at: readonly [current: number, wanted: number]; readonly behavior?: HorizontalPodAutoscalerBehavior; readonly past: readonly (readonly [replicas: number, seconds: number])[]; readonly want: readonly [number, string] }[] = [
  { name: "nobody asked for more lately", at: [5, 3], past: [[5, 301]], want: [3, "ReadyForNewScale"] },
  { name: "five minutes of the most that was asked for", at: [5, 3], past: [[4, 299], [2, 10]], want: [4, "ScaleDownStabilized"] },
  { name: "upwards at once", at: [5, 9], past: [[5, 10]], want: [9, "ReadyForNewScale"] },
  { name: "a window of its own downwards", at: [5, 3], behavior: { scaleDown: rules({ stabilizationWindowSeconds: 10 }) }, past: [[5, 11]], want: [3, "ReadyForNewScale"] },
  { name: "upwards, the least that was asked for", at: [5, 9], behavior: { scaleUp: rules({ stabilizationWindowSeconds: 60 }) }, past: [[7, 30], [9, 10]], want: [7, "ScaleUpStabilized"] },
  { name: "not below what there is", at: [5, 9], behavior: { scaleUp: rules({ stabilizationWindowSeconds: 60 }), scaleDown: rules({ stabilizationWindowSeconds: 0 }) }, past: [[3, 30]], want: [5, "ScaleUpStabilized"] },
];
for (const { name, at, behavior, past, want } of windows) {
  test(`window: ${name}`, () => {
    const { replicas, reason } = stabilized(move(...at), behavior, history({ recommendations: past.map(([n, seconds]) => ({ replicas: n, at: before(seconds) })) }));
    assert.deepEqual([replicas, reason], want);
  });
}

const pods = (value: number, periodSeconds = 60): { type: string; value: number; periodSeconds: number } => ({ type: "Pods", value, periodSeconds });
const percent = (value: number, periodSeconds = 60): { type: string; value: number; periodSeconds: number } => ({ type: "Percent", value, periodSeconds });
const up = (rest: HPAScalingRules): HorizontalPodAutoscalerBehavior => ({ scaleUp: rules(rest), scaleDown: rules({}) });
const down = (rest: HPAScalingRules): HorizontalPodAutoscalerBehavior => ({ scaleUp: rules({}), scaleDown: rules(rest) });

const bounds: readonly { readonly name: string; readonly at: ReturnType<typeof move>; readonly behavior?: HorizontalPodAutoscalerBehavior; readonly past?: Partial<History>; readonly want: readonly [number, string] }[] = [
  { name: "within", at: move(3, 5), want: [5, "DesiredWithinRange"] },
  { name: "the fewest", at: move(3, 1, 2), want: [2, "TooFewReplicas"] },
  { name: "the most", at: move(3, 9, 1, 5), want: [5, "TooManyReplicas"] },
  { name: "at most twice as many", at: move(5, 50), want: [10, "ScaleUpLimit"] },
  { name: "but four in any case", at: move(1, 50), want: [4, "ScaleUpLimit"] },
  { name: "so many pods a minute", at: move(5, 50), behavior: up({ policies: [pods(3)] }), want: [8, "ScaleUpLimit"] },
  { name: "what was added within it counts", at: move(8, 50), behavior: up({ policies: [pods(3)] }), past: { ups: [{ by: 3, at: before(30) }] }, want: [8, "ScaleUpLimit"] },
  { name: "and no longer after it", at: move(8, 50), behavior: up({ policies: [pods(3)] }), past: { ups: [{ by: 3, at: before(60) }] }, want: [11, "ScaleUpLimit"] },
  { name: "a share is rounded up", at: move(5, 50), behavior: up({ policies: [percent(10)] }), want: [6, "ScaleUpLimit"] },
  { name: "the policy that allows most", at: move(5, 50), behavior: up({ policies: [percent(10), pods(4)] }), want: [9, "ScaleUpLimit"] },
  { name: "or the one that allows least", at: move(5, 50), behavior: up({ policies: [percent(10), pods(4)], selectPolicy: "Min" }), want: [6, "ScaleUpLimit"] },
  { name: "never up", at: move(5, 50), behavior: up({ selectPolicy: "Disabled" }), want: [5, "ScaleUpLimit"] },
  { name: "down by a share", at: move(10, 1), behavior: down({ policies: [percent(25)] }), want: [7, "ScaleDownLimit"] },
  { name: "down by the policy that allows least", at: move(10, 1), behavior: down({ policies: [percent(25), pods(1)], selectPolicy: "Min" }), want: [9, "ScaleDownLimit"] },
  { name: "what went within it counts", at: move(8, 1), behavior: down({ policies: [pods(3)] }), past: { downs: [{ by: 2, at: before(30) }] }, want: [7, "ScaleDownLimit"] },
  { name: "down to the fewest", at: move(3, 0, 2), behavior: down({}), want: [2, "TooFewReplicas"] },
  { name: "never down", at: move(5, 1), behavior: down({ selectPolicy: "Disabled" }), want: [5, "ScaleDownLimit"] },
];
for (const { name, at, behavior, past = {}, want } of bounds) {
  test(`bound: ${name}`, () => {
    const { replicas, reason } = limited(at, behavior, history(past));
    assert.deepEqual([replicas, reason], want);
  });
}

test("what no window and no policy reaches is forgotten", () => {
  const behavior = { scaleUp: rules({ policies: [pods(1, 60)] }), scaleDown: rules({ stabilizationWindowSeconds: 20, policies: [pods(1, 10)] }) };
  const old = history({ recommendations: [{ replicas: 9, at: before(21) }, { replicas: 8, at: before(19) }], ups: [{ by: 1, at: before(61) }, { by: 2, at: before(59) }], downs: [{ by: 3, at: before(11) }] });
  assert.deepEqual(recommended(old, 4, behavior, now).recommendations, [{ replicas: 8, at: before(19) }, { replicas: 4, at: now }]);
  const { ups, downs } = changed(old, 5, 3, behavior, now);
  assert.deepEqual([ups, downs], [[{ by: 2, at: before(59) }], [{ by: 2, at: now }]]);
});

test("an autoscaler that was just met does not take pods away for five minutes", () => {
  assert.deepEqual(stabilized(move(5, 2), undefined, firstHistory(5, before(299))).replicas, 5);
  assert.deepEqual(stabilized(move(5, 2), undefined, firstHistory(5, before(301))).replicas, 2);
});

test("the window of those who do not say one is a setting", () => {
  const settings = { downWindowMs: 60_000 };
  assert.deepEqual([59, 61].map((seconds) => stabilized(move(5, 2), undefined, firstHistory(5, before(seconds)), settings).replicas), [5, 2]);
  assert.equal(stabilized(move(5, 2), { scaleDown: rules({ stabilizationWindowSeconds: 120 }) }, firstHistory(5, before(61)), settings).replicas, 5);
  assert.deepEqual(recommended(history({ recommendations: [{ replicas: 8, at: before(61) }] }), 4, undefined, now, settings).recommendations, [{ replicas: 4, at: now }]);
});
