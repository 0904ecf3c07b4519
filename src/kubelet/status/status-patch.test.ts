import assert from "node:assert/strict";
import { test } from "node:test";
import { statusPatch } from "./status-patch.ts";

test("the patch is nothing when nothing changed, whatever the order of conditions", () => {
  const [a, b] = [
    { type: "A", status: "True" },
    { type: "B", status: "True" },
  ];
  assert.equal(
    statusPatch("u", { phase: "Running", conditions: [a, b], nominatedNodeName: "n" }, { phase: "Running", conditions: [b, a] }),
    undefined,
  );
});

test("the patch takes away what is no more, and names the uid", () => {
  const patch = statusPatch(
    "u",
    { phase: "Pending", reason: "X", podIPs: [{ ip: "1" }], conditions: [{ type: "A", status: "False", reason: "R" }] },
    { phase: "Running", podIPs: [{ ip: "2" }], conditions: [{ type: "A", status: "True" }] },
  );
  assert.deepEqual(patch, {
    metadata: { uid: "u" },
    status: {
      phase: "Running",
      reason: null,
      podIPs: [{ $patch: "replace" }, { ip: "2" }],
      conditions: [{ type: "A", status: "True", reason: null }],
    },
  });
});
