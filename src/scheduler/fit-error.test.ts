import assert from "node:assert/strict";
import { test } from "node:test";
import { fitErrorMessage, type FitError } from "./fit-error.ts";
import { rejected, rejectedForGood } from "./framework.ts";

const cases: readonly { readonly name: string; readonly error: FitError; readonly message: string }[] = [
  {
    name: "reasons are counted over the nodes and sorted as text",
    error: { nodes: 3, rejections: new Map([["a", rejected("Insufficient cpu")], ["b", { reasons: ["Insufficient cpu", "Insufficient memory"], resolvable: true }], ["c", rejectedForGood("node(s) were unschedulable")]]) },
    message: "0/3 nodes are available: 1 Insufficient memory, 1 node(s) were unschedulable, 2 Insufficient cpu.",
  },
  {
    name: "what was said of all nodes at once is not counted",
    error: { nodes: 2, preFilter: rejectedForGood(`persistentvolumeclaim "x" not found`), rejections: new Map(), others: rejectedForGood("not used"), postFilter: "preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling." },
    message: `0/2 nodes are available: persistentvolumeclaim "x" not found. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.`,
  },
  {
    name: "nodes that were not looked at have their own reason",
    error: { nodes: 3, rejections: new Map([["a", rejected("Too many pods")]]), others: rejectedForGood("node(s) didn't satisfy plugin(s) [NodeAffinity]") },
    message: "0/3 nodes are available: 1 Too many pods, 2 node(s) didn't satisfy plugin(s) [NodeAffinity].",
  },
];
for (const { name, error, message } of cases) test(name, () => assert.equal(fitErrorMessage(error), message));
