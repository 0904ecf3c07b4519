import assert from "node:assert/strict";
import { test } from "node:test";
import { LogFormatter, type FormatOptions } from "./formatter.ts";

const log = ["2026-01-01T00:00:00Z stdout F one", "2026-01-01T00:00:01Z stderr F two", "2026-01-01T00:00:02Z stdout P thr", "2026-01-01T00:00:02Z stdout F ee", "2026-01-01T00:00:03Z stdout F four"];

const cases: readonly { readonly name: string; readonly options: FormatOptions; readonly shown: string; readonly full: boolean }[] = [
  { name: "everything", options: {}, shown: "one\ntwo\nthree\nfour\n", full: false },
  { name: "no more lines than the tail has, however many came since", options: { limitLines: 1 }, shown: "one\n", full: true },
  { name: "a line in several records is one", options: { limitLines: 3 }, shown: "one\ntwo\nthree\n", full: true },
  { name: "lines of the other stream count", options: { limitLines: 2, stream: "stdout" }, shown: "one\n", full: true },
  { name: "so many bytes", options: { limitBytes: 6 }, shown: "one\ntw", full: true },
  { name: "not what is older", options: { sinceMs: Date.parse("2026-01-01T00:00:03Z") }, shown: "four\n", full: false },
  { name: "times once a line", options: { timestamps: true, sinceMs: Date.parse("2026-01-01T00:00:02Z") }, shown: "2026-01-01T00:00:02.000000000Z three\n2026-01-01T00:00:03.000000000Z four\n", full: false },
];
for (const { name, options, shown, full } of cases) {
  test(name, () => {
    const formatter = new LogFormatter(options);
    assert.equal(formatter.format(log.map((line) => Buffer.from(line))).toString(), shown);
    assert.equal(formatter.full, full);
  });
}
