import assert from "node:assert/strict";
import { test } from "node:test";
import type { FlowSchema } from "#api/gen/flowcontrol-v1.ts";
import { marked } from "./plan.ts";

const now = Date.parse("2026-01-01T00:00:00Z");
const schema: FlowSchema = { metadata: { name: "a" }, spec: { priorityLevelConfiguration: { name: "high" } }, status: {} };

test("a schema says whether its level is there, and the time of the last change", () => {
  const found = marked(schema, true, now);
  assert.deepEqual(found?.status.conditions, [{
    type: "Dangling", status: "False", reason: "Found", message: 'This FlowSchema references the PriorityLevelConfiguration object named "high" and it exists', lastTransitionTime: "2026-01-01T00:00:00Z",
  }]);
  assert(found !== undefined);
  assert.equal(marked(found, true, now + 1000), undefined);
  const lost = marked(found, false, now + 1000)?.status.conditions?.[0];
  assert.deepEqual([lost?.status, lost?.reason, lost?.lastTransitionTime], ["True", "NotFound", "2026-01-01T00:00:01Z"]);
});
