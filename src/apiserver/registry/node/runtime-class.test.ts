import assert from "node:assert/strict";
import { test } from "node:test";
import { changeRefusals, refusals } from "../fixture.ts";
import { runtimeClasses } from "./runtime-class.ts";

const gpu = { key: "gpu", operator: "Exists" };

// Upstream: pkg/apis/node/validation ValidateRuntimeClass
test("a class has a handler, a cost and a place that make sense", () => {
  assert.deepEqual(refusals(runtimeClasses, { handler: "kata", overhead: { podFixed: { cpu: "100m" } }, scheduling: { nodeSelector: { a: "b" }, tolerations: [gpu] } }), []);
  assert.equal(refusals(runtimeClasses, { handler: "Kata!" }).length, 1);
  assert.deepEqual(refusals(runtimeClasses, { handler: "kata", overhead: { podFixed: { cpu: "-1" } } }), ['overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0']);
  assert.deepEqual(refusals(runtimeClasses, { handler: "kata", scheduling: { tolerations: [gpu, gpu] } }), ['scheduling.tolerations[1]: Duplicate value: {"key":"gpu","operator":"Exists"}']);
});

test("a class keeps its handler", () => assert.deepEqual(changeRefusals(runtimeClasses, { handler: "a" }, { handler: "b" }), ['handler: Invalid value: "b": field is immutable']));
