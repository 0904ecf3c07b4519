import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { covered, endToEnd, rowsOf, withTable } from "./controller-tests.ts";

const root = join(import.meta.dirname, "..");
const rows = covered(root);
/** Its one rule is `#api/volume-expansion.ts`'s, and tested there. */
const withoutRules = ["volume-expand"];

test("every controller has tests of its rules, over the whole server, and with containers or a reason why not", () => {
  assert.deepEqual(rows.filter(({ rules }) => rules.length === 0).map(({ controller }) => controller), withoutRules);
  assert.deepEqual(rows.filter(({ integration }) => integration.length === 0).map(({ controller }) => controller), []);
  assert.deepEqual(Object.keys(endToEnd).toSorted(), rows.map(({ controller }) => controller));
});

test("the tests with containers that are named are there", () => {
  for (const [controller, place] of Object.entries(endToEnd)) {
    if (place.startsWith("none: ")) continue;
    const [file = "", name = ""] = place.split(/: (.*)/s);
    const tests = [...readFileSync(join(root, "test/e2e", file), "utf8").matchAll(/\btest\((["'`])(.*?)\1, /g)].map(([, , title = ""]) => title);
    assert(tests.some((title) => title.includes(name)), `${controller}: no test "${name}" in ${file}`);
  }
});

test("the table has a row for each controller, and names only tests that are there: node tools/controller-tests.ts", () => {
  const readme = readFileSync(join(root, "src/controllers/README.md"), "utf8");
  const table = new Map(rowsOf(readme).map((row) => [row.controller, row]));
  assert.deepEqual([...table.keys()], rows.map(({ controller }) => controller));
  for (const { controller, rules, integration } of rows) {
    const told = table.get(controller);
    assert.deepEqual([told?.rules.filter((name) => !rules.includes(name)), told?.integration.filter((name) => !integration.includes(name))], [[], []], controller);
    assert.equal(integration.length > 0 && told?.integration.length === 0, false, controller);
  }
});

test("what is written is read back", () => {
  const written = withTable("before\n<!-- tests: tools/controller-tests.ts -->\nold\n<!-- end of tests -->\nafter\n", rows);
  assert.deepEqual(rowsOf(written), rows.map(({ controller, rules, integration }) => ({ controller, rules, integration })));
  assert.match(written, /^before\n[^]*\nafter\n$/);
});
