import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod, Service } from "#api/gen/core-v1.ts";
import { TriggerTimes } from "./trigger-times.ts";

const at = (second: number): string => `2026-01-01T00:00:0${second}Z`;
const service = { metadata: { name: "web", namespace: "shop", creationTimestamp: at(1) }, spec: {}, status: {} } as Service;
const pod = (name: string, second: number): Pod => ({ metadata: { name }, spec: { containers: [] }, status: { conditions: [{ type: "Ready", status: "True", lastTransitionTime: at(second) }] } });

test("the service's birth first, then the earliest change that is new", () => {
  const times = new TriggerTimes();
  assert.equal(times.next(service, [pod("a", 5)]), at(1));
  assert.equal(times.next(service, [pod("a", 5)]), undefined);
  assert.equal(times.next(service, [pod("a", 7), pod("b", 6)]), at(6));
  times.forget("shop/web");
  assert.equal(times.next(service, []), at(1));
});
