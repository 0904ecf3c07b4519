import { deepEqual, equal } from "node:assert/strict";
import { describe, test } from "node:test";
import { compileWith, evaluate } from "./fixture.ts";
import { intType, listType, mapType, stringType } from "./types.ts";

/** Expression and result; behaviour as the CEL specification and its conformance cases ask. */
const results: readonly (readonly [expression: string, result: unknown])[] = [
  ["1 + 2 * 3 - 4 / 2 % 3", 5], ["-7 / 2", -3], ["-7 % 2", -1], ["0x1F", 31], ["7u - 2u", 5], ["0.1 + 0.2 > 0.3", true], ["--1", 1], ["!!true", true],
  ["9223372036854775807 + 0", "9223372036854775807"], ["-9223372036854775808", "-9223372036854775808"], ["9007199254740991 + 1", "9007199254740992"],
  ["9223372036854775807 + 1", "error: integer overflow"], ["-9223372036854775808 * -1", "error: integer overflow"], ["-(-9223372036854775808)", "error: integer overflow"],
  ["0u - 1u", "error: unsigned integer overflow"], ["1 / 0", "error: division by zero"], ["1 % 0", "error: modulus by zero"], ["1.0 / 0.0 > 1.0e308", true],
  ["9223372036854775808", "issue: invalid int literal"], ["1e999", "issue: invalid double literal"],
  ["1 / 0 == 1 || true", true], ["true || 1 / 0 == 1", true], ["1 / 0 == 1 && false", false], ["1 / 0 == 1 && true", "error: division by zero"], ["false ? 1 / 0 : 3", 3],
  ["'a' + \"b\" + '''c''' + r'\\d'", "abc\\d"], ["'\\u00e9\\x41\\101\\n'", "éAA\n"], ["size('\\U0001F600é')", 2], ["size(b'\\xffé')", 3], ["b'abc' < b'abd'", true], ["'é' < '😀'", true],
  ["dyn(1) == 1.0 && dyn(1u) == 1 && dyn(2) != 2.5", true], ["dyn('1') == 1", false], ["1 < 1.5 && 2u > 1 && 1.0 <= 1u", true], ["dyn([[1], [2]]) == [[1], [2]]", true], ["{'a': 1} == {'a': 1}", true],
  ["[1, 2] + [3]", [1, 2, 3]], ["[1, 2][1]", 2], ["[1][2]", "error: index out of bounds: 2"], ["{'a': {'b': 7}}.a.b", 7], ["{'a': 1}['b']", "error: no such key: b"], ["2 in [1, 2]", true], ["'a' in {'a': 1}", true],
  ["has({'a': 1}.a)", true], ["has({'a': 1}.b)", false], ["{1: 'x', 1: 'y'}", "error: Failed with repeated key"], ["[1, 'a']", "issue: expected type 'int' but found 'string'"],
  ["[1, 2, 3].all(x, x > 0)", true], ["[1, 0].all(x, 2 / x > 1)", "error: division by zero"], ["[1, 0, 3].all(x, 2 / x > 1)", false], ["[1, 0, 2].exists(x, 2 / x == 1)", true], ["[].exists(x, true)", false],
  ["[1, 2, 3].exists_one(x, x > 2)", true], ["[1, 2, 3].filter(x, x != 2)", [1, 3]], ["[1, 2].map(x, x * 2)", [2, 4]], ["[1, 2, 3].map(x, x > 1, x * 2)", [4, 6]], ["{'a': 1, 'b': 2}.map(k, k)", ["a", "b"]],
  ["[5, 7].all(i, v, v > i)", true], ["{'a': 1}.exists(k, v, k == 'a' && v == 1)", true], ["[2, 4].transformList(i, v, i + v)", [2, 5]], ["{'a': 1, 'b': 2}.transformMap(k, v, v > 1, v * 10)", { b: 20 }],
  ["['x', 'y'].transformMapEntry(i, v, {v: i})", { x: 0, y: 1 }], ["['x', 'x'].transformMapEntry(i, v, {v: i})", "error: Failed with repeated key"],
  ["cel.bind(x, 3, x * x)", 9], ["cel.bind(x, 1 / 0, true || x == 1)", true], ["[[1, 2], [3]].map(x, x.map(y, x.size() * y))", [[2, 4], [3]]],
  ["{'a': 1}.?b.orValue(5)", 5], ["{'a': {'b': 2}}.?a.?b.value()", 2], ["[1][?3].hasValue()", false], ["optional.none().or(optional.of(4)).value()", 4], ["optional.none().value()", "error: optional.none() dereference"],
  ["optional.of(3).optMap(x, x + 1).orValue(0)", 4], ["[?optional.none(), 1, ?optional.of(2)]", [1, 2]], ["{?'a': optional.of(1), ?'b': optional.none()}", { a: 1 }], ["optional.ofNonZeroValue('').hasValue()", false], ["{'a': 1}.?a.optFlatMap(x, optional.of(x + 1)).value()", 2],
  ["type(1) == int && type('') == string && type([]) == list && type({}) == map && type(null) == null_type", true], ["type(timestamp('2020-01-01T00:00:00Z')) == google.protobuf.Timestamp", true],
  ["int('42') + int(2.9) + int(3u)", 47], ["int('4x')", "error: type conversion error from 'string' to 'int'"], ["double('1.5') + double(1)", 2.5], ["string(1.0) + string(2u) + string(true) + string(b'x')", "12truex"], ["string(b'\\xff')", "error: invalid UTF-8 in bytes, cannot convert to string"], ["uint(-1)", "error: unsigned integer overflow"], ["int(1e30)", "error: integer overflow"],
  ["timestamp('2009-02-13T23:31:30.5Z') + duration('1h')", "2009-02-14T00:31:30.5Z"], ["timestamp('2020-01-02T00:00:00Z') - timestamp('2020-01-01T00:00:00Z')", "86400s"], ["timestamp('2009-02-13T23:31:30Z').getHours('+02:00')", 1], ["timestamp('2009-07-13T23:31:30Z').getHours('America/New_York')", 19],
  ["timestamp('2009-02-13T23:31:30Z').getDayOfYear()", 43], ["duration('1h1m1.5s').getMilliseconds()", 500], ["duration('-1.5s')", "-1.5s"], ["timestamp('9999-12-31T23:59:59Z') + duration('1s')", "error: timestamp overflow"], ["duration('soon')", "issue: invalid duration argument"], ["timestamp('x')", "issue: invalid timestamp argument"],
  ["'abc'.matches('^a.c$')", true], ["'abc'.matches('(')", "issue: invalid matches argument"], ["'x'.matches(y)", "error: no such overload"],
];

describe("an expression comes to its result", () => {
  for (const [expression, result] of results) test(expression, () => { deepEqual(evaluate(expression, { y: 1 }), result); });
});

const issues: readonly (readonly [expression: string, text: string])[] = [
  ["self.n + 'a'", "ERROR: <input>:1:5: undefined field 'n'\n | self.n + 'a'\n | ....^"],
  ["x + 'a'", "ERROR: <input>:1:3: found no matching overload for '_+_' applied to '(int, string)'\n | x + 'a'\n | ..^"],
  ["y == 1", "ERROR: <input>:1:1: undeclared reference to 'y' (in container '')\n | y == 1\n | ^"],
  ["s.foo(1)", "ERROR: <input>:1:6: undeclared reference to 'foo' (in container '')\n | s.foo(1)\n | .....^"],
  ["s.contains(1)", "ERROR: <input>:1:11: found no matching overload for 'contains' applied to 'string.(int)'\n | s.contains(1)\n | ..........^"],
  ["x.foo", "ERROR: <input>:1:2: type 'int' does not support field selection\n | x.foo\n | .^"],
  ["x.all(i, true)", "ERROR: <input>:1:1: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)\n | x.all(i, true)\n | ^"],
  ["l.all(i, i)", "ERROR: <input>:1:10: expected type 'bool' but found 'string'\n | l.all(i, i)\n | .........^"],
  ["x && true", "ERROR: <input>:1:1: expected type 'bool' but found 'int'\n | x && true\n | ^"],
  ["m.a == 'x'", "ERROR: <input>:1:5: found no matching overload for '_==_' applied to '(int, string)'\n | m.a == 'x'\n | ....^"],
  ["has(x)", "ERROR: <input>:1:5: invalid argument to has() macro\n | has(x)\n | ....^"],
  ["l.map(a.b, 1)", "ERROR: <input>:1:8: argument is not an identifier\n | l.map(a.b, 1)\n | .......^"],
  ["if == 1", "ERROR: <input>:1:1: reserved identifier: if\n | if == 1\n | ^"],
  ["1 +", "ERROR: <input>:1:4: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | 1 +\n | ...^"],
  ["'é' +\n  yy", "ERROR: <input>:2:3: undeclared reference to 'yy' (in container '')\n |   yy\n | ..^"],
  ["'é' + yy", "ERROR: <input>:1:7: undeclared reference to 'yy' (in container '')\n | 'é' + yy\n | ．.....^".replace("．.....", ".．....")],
];

describe("what is wrong is told as cel-go tells it", () => {
  const self = { kind: "object", name: "selfType", params: [], field: () => undefined } as const;
  for (const [expression, text] of issues) test(expression, () => {
    const compiled = compileWith(expression, { self, x: intType, s: stringType, l: listType(stringType), m: mapType(stringType, intType) });
    equal(compiled.ok ? "no issue" : compiled.text, text);
  });
});
