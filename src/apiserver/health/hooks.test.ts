import assert from "node:assert/strict";
import { test } from "node:test";
import { nextTurn } from "#base/clock.ts";
import { hookChecks } from "./hooks.ts";

test("a hook is well once its step is over; of steps that a server does not take there is none", async () => {
  const [definitions, parts] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const checks = hookChecks({ definitions: definitions.promise, parts: parts.promise });
  const told = (): unknown[] => ["crd-informer-synced", "bootstrap-controller", "rbac/bootstrap-roles"].map((name) => {
    const found = checks.find((check) => check.name === `poststarthook/${name}`);
    return found === undefined ? "absent" : found.check();
  });
  assert.deepEqual(told(), ["not finished", "not finished", "absent"]);
  definitions.resolve();
  parts.reject(new Error("no"));
  await nextTurn();
  assert.deepEqual(told(), [undefined, "not finished", "absent"]);
});
