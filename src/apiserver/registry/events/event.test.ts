import assert from "node:assert/strict";
import { test } from "node:test";
import type { Event } from "#api/gen/events-v1.ts";
import { eventsV1, fromCore, toCore } from "./event.ts";

const event: Event = {
  kind: "Event", apiVersion: "events.k8s.io/v1", metadata: { name: "e", namespace: "default" }, eventTime: "2026-01-01T00:00:00.000000Z", reportingController: "kubelet", reportingInstance: "n", action: "Pulling",
  reason: "Pulled", regarding: { kind: "Pod", name: "web", namespace: "default" }, note: "done", type: "Normal", deprecatedSource: {},
};

test("both groups know the same event", () => {
  const stored = toCore(event);
  assert.deepEqual([stored.message, stored.involvedObject.name, stored.reportingComponent], ["done", "web", "kubelet"]);
  assert.deepEqual(fromCore(stored), event);
});

// Upstream: pkg/apis/core/validation ValidateEventCreate
test("the newer API asks for more", () => {
  const { eventTime: _, ...untimed } = event;
  const causes = eventsV1.validate?.({ ...untimed, type: "Loud", deprecatedCount: 2 } as Event) ?? [];
  assert.deepEqual(causes.map(({ field, message }) => `${field}: ${message}`), ["eventTime: Required value", 'type: Invalid value: "": has invalid value: Loud', 'count: Invalid value: "": needs to be unset']);
});
