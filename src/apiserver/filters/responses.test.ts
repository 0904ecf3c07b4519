import assert from "node:assert/strict";
import { test } from "node:test";
import { Unavailable } from "#storage/store.ts";
import { statusResponse } from "./responses.ts";

const of = (err: unknown): readonly unknown[] => {
  const { status, headers, body } = statusResponse(err);
  return [status, (JSON.parse(Buffer.from(body as Uint8Array).toString()) as { reason: string }).reason, headers["retry-after"]];
};

test("a store that does not answer is told as such, with the time to come again", () => assert.deepEqual(of(new Unavailable("etcd does not answer: time is up")), [500, "ServerTimeout", "2"]));
test("whatever else fails is a fault of the server", () => assert.deepEqual(of(new Error("boom")), [500, "InternalError", undefined]));
