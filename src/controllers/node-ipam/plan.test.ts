import assert from "node:assert/strict";
import { test } from "node:test";
import { freeSubnet } from "./plan.ts";

const cases: readonly [name: string, range: string, taken: readonly string[], want: string | undefined][] = [
  ["the first", "10.42.0.0/16", [], "10.42.0.0/24"],
  ["the next", "10.42.0.0/16", ["10.42.0.0/24"], "10.42.1.0/24"],
  ["one that came free", "10.42.0.0/16", ["10.42.0.0/24", "10.42.2.0/24"], "10.42.1.0/24"],
  ["beyond an octet", "10.42.0.0/15", Array.from({ length: 256 }, (_, i) => `10.42.${i}.0/24`), "10.43.0.0/24"],
  ["from its beginning", "10.42.9.0/16", [], "10.42.0.0/24"],
  ["the only one", "10.42.7.0/24", ["10.42.7.0/24"], undefined],
  ["none left", "10.42.0.0/23", ["10.42.0.0/24", "10.42.1.0/24"], undefined],
];
for (const [name, range, taken, want] of cases) test(`of ${range}: ${name}`, () => assert.equal(freeSubnet(range, new Set(taken)), want));
