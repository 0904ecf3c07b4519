import assert from "node:assert/strict";
import { test } from "node:test";
import { hasFormat, knownFormat } from "./formats.ts";

const table: readonly [format: string, good: readonly string[], bad: readonly string[]][] = [
  ["bsonobjectid", ["507f1f77bcf86cd799439011"], ["507f1f77bcf86cd79943901", "x"]],
  ["uri", ["https://example.com/a?b", "/path", "urn:a:b"], ["example.com", "", "http://[::1"]],
  ["email", ["a@example.com", "Ann <a@example.com>"], ["a", "a@", "a b@c"]],
  ["hostname", ["example.com", "a-b", "a", "münchen.example"], ["-a", "a..b", "a_b", `${"a".repeat(64)}.com`, "example.c0m"]],
  ["ipv4", ["10.0.0.1"], ["10.0.0", "010.0.0.1", "::1"]],
  ["ipv6", ["::1", "fe80::1"], ["10.0.0.1", "g::"]],
  ["cidr", ["10.0.0.0/8", "fd00::/8"], ["10.0.0.0", "10.0.0.0/33"]],
  ["mac", ["01:02:03:04:05:ab", "01-02-03-04-05-ab", "0102.0304.05ab"], ["01:02:03:04:05", "01:02-03:04:05:ab"]],
  ["uuid", ["123e4567-e89b-12d3-a456-426614174000", "123E4567E89B12D3A456426614174000"], ["123e4567", ""]],
  ["uuid4", ["123e4567-e89b-42d3-a456-426614174000"], ["123e4567-e89b-12d3-a456-426614174000"]],
  ["isbn", ["0321751043", "978-0321751041"], ["0321751044", "x"]],
  ["creditcard", ["4111 1111 1111 1111"], ["4111 1111 1111 1112"]],
  ["ssn", ["111-11-1111"], ["1-1-1"]],
  ["hexcolor", ["#FFF", "ffffff"], ["#ff"]],
  ["rgbcolor", ["rgb(255,0, 1)"], ["rgb(256,0,0)"]],
  ["byte", ["aGk="], ["aGk", "", "a$=="]],
  ["password", ["anything", ""], []],
  ["date", ["2024-02-29"], ["2023-02-29", "2024-1-1", "2024-13-01"]],
  ["date-time", ["2014-12-15T19:30:20.000Z", "2014-12-15T19:30:20+02:00"], ["2014-12-15", "2014-12-15T25:00:00Z", "2014-13-15T19:30:20Z"]],
  ["duration", ["22 ns", "1h30m", "5 days", "0"], ["1x", "h", ""]],
];
for (const [format, good, bad] of table) {
  test(`format ${format}`, () => {
    assert.deepEqual(good.filter((text) => !hasFormat(text, format)), []);
    assert.deepEqual(bad.filter((text) => hasFormat(text, format)), []);
  });
}

test("other formats say nothing", () => assert.deepEqual(["int32", "int64", "float", "x"].map(knownFormat), [false, false, false, false]));
