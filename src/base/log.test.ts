import assert from "node:assert/strict";
import { test } from "node:test";
import { lossySink } from "./log.ts";

/** A disk with so many bytes left. */
function disk(): { free: number; text: string; write(bytes: Buffer): number } {
  return {
    free: Number.POSITIVE_INFINITY,
    text: "",
    write(bytes) {
      if (this.free === 0) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
      const taken = Math.min(bytes.length, this.free);
      this.free -= taken;
      this.text += bytes.subarray(0, taken).toString();
      return taken;
    },
  };
}

test("a log on a full disk loses lines, says how many, and goes on when there is room", () => {
  const full = disk();
  const sink = lossySink((line) => full.write(line));
  sink.write("one\n");
  full.free = 2;
  sink.write("two\n"); // torn
  sink.write("three\n");
  full.free = 1_000;
  sink.write("four\n");
  const missing = '{"level":40,"lines":2,"msg":"lines of this log could not be written"}';
  assert.equal(full.text, `one\ntw\n${missing}\nfour\n`);
});
