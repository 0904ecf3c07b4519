import assert from "node:assert/strict";
import { test } from "node:test";
import { fnv32a, templateHash } from "./template-hash.ts";

test("a template's hash depends on its content, not on the order of its keys", () => {
  const spec = { containers: [{ name: "c", image: "i" }] };
  assert.equal(templateHash({ metadata: { labels: { a: "1", b: "2" } }, spec }), templateHash({ spec, metadata: { labels: { b: "2", a: "1" } } }));
  assert.notEqual(templateHash({ spec }), templateHash({ spec }, 1));
  assert.match(templateHash({ spec }), /^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/);
  assert.equal(fnv32a("foobar"), 0xbf9cf968);
});
