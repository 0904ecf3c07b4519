import assert from "node:assert/strict";
import { test } from "node:test";
import { ttlSeconds } from "./plan.ts";

// Upstream: pkg/controller/ttl/ttl_controller_test.go TestDesiredTTL
const cases: readonly [nodes: number, before: number, want: number][] = [[1, 0, 0], [100, 0, 0], [101, 0, 15], [95, 15, 15], [89, 15, 0], [501, 15, 30], [449, 30, 15], [20_000, 0, 600], [0, 600, 0]];
for (const [nodes, before, want] of cases) test(`${nodes} nodes after ${before} s: ${want} s`, () => assert.equal(ttlSeconds(nodes, before), want));
