import assert from "node:assert/strict";
import { test } from "node:test";
import { eventOf } from "./events.ts";

const field = (number: number, text: string): number[] => [(number << 3) | 2, text.length, ...Buffer.from(text)];
const envelope = (topic: string, ...fields: number[][]) => ({ topic, event: { value: Uint8Array.from(fields.flat()) } });

const cases = [
  { name: "a started task", have: envelope("/tasks/start", field(1, "c1"), [16, 7]), want: { type: "started", id: "c1" } },
  {
    name: "the end of a container's first process",
    have: envelope("/tasks/exit", field(1, "c1"), field(2, "c1")),
    want: { type: "exited", id: "c1" },
  },
  { name: "the end of an exec is not the container's", have: envelope("/tasks/exit", field(1, "c1"), field(2, "exec-9")), want: undefined },
  { name: "out of memory", have: envelope("/tasks/oom", field(1, "c1")), want: { type: "oom", id: "c1" } },
  { name: "a topic nobody asked for", have: envelope("/snapshot/prepare", field(1, "k")), want: undefined },
  { name: "an empty message", have: { topic: "/tasks/start" }, want: undefined },
] as const;

for (const { name, have, want } of cases) test(name, () => assert.deepEqual(eventOf(have), want));
