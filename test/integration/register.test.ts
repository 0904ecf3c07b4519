/** The judge of `bench/reliability/server-kills.ts` (R1): a history that could have been passes, one with each of the faults does not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { violations, type Operation } from "../support/register.ts";

const key = "k";
const wrote = (start: number, end: number, value: string, revision: number, basis?: number): Operation => ({ op: "write", key, start, end, value, revision, known: true, ...(basis !== undefined && { basis }) });
const lost = (start: number, end: number, value: string): Operation => ({ op: "write", key, start, end, value, known: false });
const deleted = (start: number, end: number, known = true): Operation => ({ op: "delete", key, start, end, known });
const read = (start: number, end: number, value?: string, revision?: number): Operation => ({ op: "read", key, start, end, ...(value !== undefined && { value, revision: revision ?? 0 }) });

const cases: readonly (readonly [name: string, history: readonly Operation[], ...wrong: string[]])[] = [
  ["nothing", []],
  ["a write and reads of it", [read(0, 1), wrote(2, 3, "a", 5), read(4, 5, "a", 5)]],
  ["a read beside a write may see either", [wrote(0, 1, "a", 5), wrote(2, 9, "b", 6, 5), read(3, 4, "a", 5), read(3, 4, "b", 6)]],
  ["what was not answered happened", [wrote(0, 1, "a", 5), lost(2, 3, "b"), read(4, 5, "b", 7)]],
  ["what was not answered did not happen", [wrote(0, 1, "a", 5), lost(2, 3, "b"), read(4, 5, "a", 5)]],
  ["a deletion that was not answered", [wrote(0, 1, "a", 5), deleted(2, 3, false), read(4, 5)]],
  ["a deletion and another creation", [wrote(0, 1, "a", 5), deleted(2, 3), read(4, 5), wrote(6, 7, "b", 9), read(8, 9, "b", 9)]],
  ["a lost write", [wrote(0, 1, "a", 5), read(2, 3)], "k: revision 5, acknowledged, is gone"],
  ["a write that is lost after an older deletion", [deleted(0, 1, false), wrote(2, 3, "a", 5), read(4, 5)], "k: revision 5, acknowledged, is gone"],
  ["a stale read", [wrote(0, 1, "a", 5), wrote(2, 3, "b", 6, 5), read(4, 5, "a", 5)], "k: revision 5 was read after 6 had been acknowledged"],
  ["a value out of nowhere", [read(0, 1, "x", 4)], "k: x was read, and nobody had written it"],
  ["a value before it was written", [read(0, 1, "a", 5), wrote(2, 3, "a", 5)], "k: a was read, and nobody had written it"],
  ["another revision than was acknowledged", [wrote(0, 1, "a", 5), read(2, 3, "a", 6)], "k: a was written at 5 and read at 6"],
  ["a deletion that comes undone", [wrote(0, 1, "a", 5), deleted(2, 3), read(4, 5, "a", 5)], "k: a was read after it had been deleted"],
  ["revisions that go back", [wrote(0, 1, "a", 5), wrote(2, 3, "b", 4)], "k: revision 4 was given after 5"],
  ["a compare-and-swap over another's write", [wrote(0, 9, "a", 5), wrote(0, 9, "b", 6), wrote(0, 9, "c", 7, 5)], "k: 7 replaced 5 and overwrote 6"],
];
for (const [name, history, ...wrong] of cases) test(name, () => assert.deepEqual(violations(history), wrong));
