import assert from "node:assert/strict";
import { test } from "node:test";
import { IndexSet } from "./index-set.ts";

// Upstream: pkg/controller/job/indexed_job_utils_test.go
const texts: readonly (readonly [indexes: readonly number[], text: string])[] = [
  [[], ""], [[4], "4"], [[0, 1], "0,1"], [[0, 1, 2], "0-2"], [[9, 0, 3, 2, 4, 5, 3], "0,2-5,9"], [[0, 2, 4], "0,2,4"],
];
for (const [indexes, text] of texts) test(`${indexes.join(" ")} is written "${text}" and read again`, () => {
  const set = IndexSet.of(indexes);
  assert.deepEqual([set.toString(), IndexSet.parse(text, 10).toString(), set.size], [text, text, new Set(indexes).size]);
});

const read: readonly (readonly [text: string | undefined, limit: number, want: string])[] = [
  [undefined, 5, ""], ["0-9", 5, "0-4"], ["3,4,5", 5, "3,4"], ["7-9", 5, ""], ["1-x,2,,-3", 5, "2"], ["0,1,2", 5, "0-2"],
];
for (const [text, limit, want] of read) test(`"${text}" below ${limit} is "${want}"`, () => assert.equal(IndexSet.parse(text, limit).toString(), want));

const gaps: readonly (readonly [text: string, count: number, limit: number, want: readonly number[]])[] = [
  ["", 3, 5, [0, 1, 2]], ["0-2", 3, 5, [3, 4]], ["1,3", 9, 5, [0, 2, 4]], ["0-4", 1, 5, []], ["2", 0, 5, []],
];
for (const [text, count, limit, want] of gaps) test(`the first ${count} of ${limit} without "${text}" are ${want.join(" ")}`, () => assert.deepEqual(IndexSet.parse(text, limit).missing(count, limit), want));

test("union, overlap and membership", () => {
  const [one, other] = [IndexSet.parse("0-3,8", 10), IndexSet.parse("2-5", 10)];
  assert.deepEqual([one.union(other).toString(), one.overlap(other), one.has(8), one.has(5)], ["0-5,8", 2, true, false]);
});
