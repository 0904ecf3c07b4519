import assert from "node:assert/strict";
import { test } from "node:test";
import { expand, expandStrictly } from "./expansion.ts";

const vars: Record<string, string> = { A: "1", LONG_NAME: "two", DOLLAR: "$(A)" };
const cases = [
  ["$(A)-$(LONG_NAME)", "1-two"],
  ["$$(A)", "$(A)"],
  ["$$$(A)", "$1"],
  ["$$$$(A)", "$$(A)"],
  ["$(MISSING)", "$(MISSING)"],
  ["$(DOLLAR)", "$(A)"],
  ["$(A", "$(A"],
  ["cost: 5$", "cost: 5$"],
  ["$A", "$A"],
] as const;

for (const [text, want] of cases)
  test(`${text} becomes ${want}`, () =>
    assert.equal(
      expand(text, (name) => vars[name]),
      want,
    ));

test("unknown names are told", () =>
  assert.deepEqual(
    expandStrictly("$(A)/$(B)", (name) => vars[name]),
    { text: "1/$(B)", missing: ["B"] },
  ));
