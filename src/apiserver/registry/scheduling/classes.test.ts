import assert from "node:assert/strict";
import { test } from "node:test";
import type { PriorityClass } from "#api/gen/scheduling-v1.ts";
import type { StorageClass } from "#api/gen/storage-v1.ts";
import { texts } from "../fixture.ts";
import { storageClasses } from "../storage/storage-class.ts";
import { priorityClasses, systemPriorityClasses } from "./priority-class.ts";

const classOf = (name: string, value: number): PriorityClass => ({ metadata: { name }, value, preemptionPolicy: "PreemptLowerPriority" });

test("the two classes of the system are valid", () => {
  for (const known of systemPriorityClasses) assert.deepEqual(texts(priorityClasses.validate?.(known)), []);
});

// Upstream: pkg/apis/scheduling/validation ValidatePriorityClass
test("nobody else has names of the system, nor values above a billion", () => {
  assert.deepEqual(texts(priorityClasses.validate?.(classOf("system-mine", 1))), ["metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-mine is not a known system priority class"]);
  assert.deepEqual(texts(priorityClasses.validate?.(classOf("mine", 1_000_000_001))), ["value: Forbidden: maximum allowed value of a user defined priority is 1000000000"]);
});

test("a class keeps its value", () => assert.deepEqual(texts(priorityClasses.validateUpdate?.(classOf("a", 2), classOf("a", 1))), ["value: Forbidden: may not be changed in an update."]));

test("a StorageClass deletes and binds at once, unless it says otherwise, and shows that it is the default", () => {
  const sc = { metadata: { name: "local", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } }, provisioner: "seedpod.io/local-path" } as StorageClass;
  storageClasses.defaults?.(sc);
  assert.deepEqual([sc.reclaimPolicy, sc.volumeBindingMode], ["Delete", "Immediate"]);
  assert.deepEqual(storageClasses.columns.map((c) => c.cell(sc, 0)), ["local (default)", "seedpod.io/local-path", "Delete", "Immediate", false, "<unknown>"]);
  assert.deepEqual(texts(storageClasses.validateUpdate?.({ ...sc, provisioner: "x" }, sc)), ["provisioner: Forbidden: updates to provisioner are forbidden."]);
});
