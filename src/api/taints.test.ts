import assert from "node:assert/strict";
import { test } from "node:test";
import type { Taint, Toleration } from "./gen/core-v1.ts";
import { secondsTolerated, tolerates, untoleratedTaint } from "./taints.ts";

const taint: Taint = { key: "k", value: "5", effect: "NoExecute" };
const cases: readonly [toleration: Toleration, borne: boolean][] = [
  [{ operator: "Exists" }, true], [{ key: "k", operator: "Exists" }, true], [{ key: "x", operator: "Exists" }, false], [{ key: "k", value: "5" }, true], [{ key: "k" }, false], [{ key: "k", operator: "Equal", value: "6" }, false],
  [{ key: "k", operator: "Exists", effect: "NoSchedule" }, false], [{ key: "k", operator: "Lt", value: "6" }, true], [{ key: "k", operator: "Gt", value: "6" }, false], [{ key: "k", operator: "Gt", value: "x" }, false],
];
for (const [toleration, borne] of cases) test(`${JSON.stringify(toleration)} ${borne ? "bears" : "does not bear"} the taint`, () => assert.equal(tolerates(toleration, taint), borne));

test("a mere preference is no untolerated taint", () => {
  assert.equal(untoleratedTaint([{ key: "a", effect: "PreferNoSchedule" }], undefined), undefined);
  assert.equal(untoleratedTaint([{ key: "a", effect: "NoSchedule" }], undefined)?.key, "a");
});

test("the shortest toleration decides how long a pod stays", () => {
  const two: Taint[] = [taint, { key: "b", effect: "NoExecute" }];
  assert.equal(secondsTolerated(two, [{ operator: "Exists", tolerationSeconds: 300 }, { key: "b", operator: "Exists", tolerationSeconds: 10 }]), 10);
  assert.equal(secondsTolerated(two, [{ operator: "Exists" }]), undefined);
  assert.equal(secondsTolerated(two, [{ key: "b", operator: "Exists" }]), 0);
});
