import assert from "node:assert/strict";
import { test } from "node:test";
import type { Shim } from "./leftovers.ts";
import { confirmed } from "./orphan-shims.ts";

const shim = (id: string, pid: number, started: string): Shim => ({ id, namespace: "k8s.io", process: { pid, started } });

test("a shim is ended only when the very same process was unknown twice", () => {
  const [a, b] = [shim("a", 1, "10"), shim("b", 2, "10")];
  assert.deepEqual(confirmed([], [a, b]), []);
  assert.deepEqual(confirmed([a], [a, b]), [a]);
  assert.deepEqual(confirmed([a, b], []), []);
  assert.deepEqual(confirmed([a], [shim("a", 1, "11"), shim("a", 3, "10")]), []);
});
