import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultServiceCidr, marked } from "./plan.ts";

const now = Date.parse("2026-01-01T00:00:00Z");

test("the range that is used is ready, and told so once", () => {
  const next = marked(defaultServiceCidr("10.43.0.0/16"), "10.43.0.0/16", now);
  assert.deepEqual(next?.status.conditions, [{ type: "Ready", status: "True", reason: "", message: "Kubernetes default Service CIDR is ready", lastTransitionTime: "2026-01-01T00:00:00Z" }]);
  assert(next !== undefined);
  assert.equal(marked(next, "10.43.0.0/16", now + 1000), undefined);
});

test("a range that nobody uses is not ready", () => assert.equal(marked(defaultServiceCidr("10.99.0.0/16"), "10.43.0.0/16", now)?.status.conditions?.[0]?.status, "False"));
