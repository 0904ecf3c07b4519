import assert from "node:assert/strict";
import { test } from "node:test";
import { isOver } from "./pod-request-expiry.ts";

const request = { metadata: { name: "r", creationTimestamp: "2026-01-01T00:00:00Z" } };
for (const [minutes, want] of [[0, false], [14, false], [15, true], [60, true]] as const) {
  test(`a request of ${minutes} minutes ${want ? "goes" : "stays"}`, () => assert.equal(isOver(request, Date.parse("2026-01-01T00:00:00Z") + minutes * 60_000), want));
}
