import assert from "node:assert/strict";
import { test } from "node:test";
import { pemBlocks, pemText } from "./pem.ts";

const cases: readonly (readonly [name: string, text: string, want: readonly (readonly [label: string, bytes: string, hasHeaders?: true])[]])[] = [
  ["nothing", "", []],
  ["two blocks with words between", `hello\n${pemText("A", Buffer.from("one"))}and\n${pemText("B C", Buffer.from("two"))}`, [["A", "one"], ["B C", "two"]]],
  ["line ends of Windows", pemText("A", Buffer.from("one")).replaceAll("\n", "\r\n"), [["A", "one"]]],
  ["no line end at its end", pemText("A", Buffer.from("one")).trimEnd(), [["A", "one"]]],
  ["headers", "-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\n\nb25l\n-----END A-----", [["A", "one", true]]],
  ["a block that never ends, and one that does", `-----BEGIN A-----\nb25l\n${pemText("A", Buffer.from("two"))}`, [["A", "two"]]],
  ["another end than its beginning", "-----BEGIN A-----\nb25l\n-----END B-----\n", []],
  ["no base64", `-----BEGIN A-----\nb25l!\n-----END A-----\n${pemText("B", Buffer.from("two"))}`, [["B", "two"]]],
  ["a beginning within a line", " -----BEGIN A-----\nb25l\n-----END A-----\n", []],
];
for (const [name, text, want] of cases) {
  test(`of ${name}`, () => assert.deepEqual(pemBlocks(text).map(({ label, bytes, hasHeaders }) => [label, bytes.toString(), ...(hasHeaders ? [true] : [])]), want));
}

test("long bytes stand in lines of 64", () => {
  const [first = "", second = "", third = ""] = pemText("A", Buffer.alloc(60)).split("\n");
  assert.deepEqual([first, second.length, third.length], ["-----BEGIN A-----", 64, 16]);
});

test("a megabyte of beginnings costs no more than its lines", () => {
  const from = process.cpuUsage();
  assert.deepEqual(pemBlocks("-----BEGIN A-----\n".repeat(60_000)), []);
  assert.ok(process.cpuUsage(from).user < 5_000_000);
});
