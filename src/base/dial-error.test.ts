import assert from "node:assert/strict";
import { test } from "node:test";
import { dialError } from "./dial-error.ts";

const failed = (code: string): Error => Object.assign(new Error(`connect ${code} 10.0.0.1:80`), { code });

const cases: readonly [err: unknown, want: string | undefined][] = [
  [failed("ECONNREFUSED"), "dial tcp 10.0.0.1:80: connect: connection refused"],
  [failed("EHOSTUNREACH"), "dial tcp 10.0.0.1:80: connect: no route to host"],
  [failed("ENETUNREACH"), "dial tcp 10.0.0.1:80: connect: network is unreachable"],
  [failed("ETIMEDOUT"), "dial tcp 10.0.0.1:80: connect: connection timed out"],
  [failed("ECONNRESET"), undefined],
  [new Error("else"), undefined],
  ["not even an error", undefined],
];
for (const [err, want] of cases) test(String(err), () => assert.equal(dialError(err, "10.0.0.1:80"), want));
