import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFieldSelector } from "./field-selector.ts";
import { labelSelectorOf, parseLabelSelector } from "./selectors.ts";

const matches: readonly [selector: string, labels: Record<string, string>, matched: boolean][] = [
  ["", {}, true], ["a=b", { a: "b" }, true], ["a==b", { a: "c" }, false], ["a!=b", {}, true], ["a", { a: "" }, true], ["!a", { a: "" }, false], ["! a", {}, true],
  ["a in (b,c)", { a: "c" }, true], ["a notin (b,c)", {}, true], ["a in (b),c", { a: "b" }, false], ["a=", { a: "" }, true], ["a in ()", { a: "" }, true],
  ["n>3", { n: "10" }, true], ["n<3", { n: "x" }, false], ["in in (in)", { in: "in" }, true], ["example.com/x = y , z", { "example.com/x": "y", z: "1" }, true], ["a=constructor", {}, false], ["constructor", {}, false],
];
for (const [selector, labels, matched] of matches) {
  test(`"${selector}" ${matched ? "matches" : "does not match"} ${JSON.stringify(labels)}`, () => assert.equal(parseLabelSelector(selector).matches(labels), matched));
}

const refused: readonly [selector: string, message: string][] = [
  ["a=b=c", "found '=', expected: ',' or 'end of string'"],
  ["a,", "found '', expected: identifier after ','"],
  ["=a", "found '=', expected: !, identifier, or 'end of string'"],
  ["a in b", "unable to parse requirement: found 'b' expected: '('"],
  ["a in (b c)", "unable to parse requirement: found 'c', expected: ',' or ')'"],
  ["a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
  ["a=-", "unable to parse requirement: values[0][a]: Invalid value: \"-\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"],
];
for (const [selector, message] of refused) test(`"${selector}" is refused`, () => assert.throws(() => parseLabelSelector(selector), { reason: "BadRequest", message }));

test("a selector prints in the form that it is read from", () => {
  const text = "!f,a=b,c in (d,e),g";
  assert.equal(parseLabelSelector(parseLabelSelector(text).toString()).toString(), parseLabelSelector(text).toString());
});

test("no selector selects nothing, an empty one everything", () => {
  assert.equal(labelSelectorOf(undefined).matches({}), false);
  assert.equal(labelSelectorOf({}).matches(undefined), true);
  assert.equal(labelSelectorOf({ matchExpressions: [{ key: "a", operator: "NotIn", values: ["b"] }] }).matches({ a: "c" }), true);
});

test("field selectors compare, negate and unescape", () => {
  const fields = (name: string): string => (({ "metadata.name": "a,b" }) as Record<string, string>)[name] ?? "";
  assert.equal(parseFieldSelector("metadata.name=a\\,b,spec.nodeName!=x").matches(fields), true);
  assert.equal(parseFieldSelector("metadata.name!=a\\,b").matches(fields), false);
  assert.throws(() => parseFieldSelector("metadata.name"), { message: "invalid selector: 'metadata.name'; can't understand 'metadata.name'" });
  assert.throws(() => parseFieldSelector("a=b\\c"), { message: "invalid field selector: invalid escape sequence: \\c" });
  assert.throws(() => parseFieldSelector("a=b=c"), { message: "invalid field selector: unescaped character in value: 61" });
});
