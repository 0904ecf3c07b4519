import assert from "node:assert/strict";
import { test } from "node:test";
import { StatusError } from "#apimachinery/status.ts";
import { Unavailable } from "#storage/store.ts";
import { requestInfo } from "./request-info.ts";
import { statusResponse } from "./responses.ts";

const of = (err: unknown): readonly unknown[] => {
  const { status, headers, body } = statusResponse(err);
  return [status, (JSON.parse(Buffer.from(body as Uint8Array).toString()) as { reason: string }).reason, headers["retry-after"]];
};

test("a store that does not answer is told as such, with the time to come again", () => assert.deepEqual(of(new Unavailable("etcd does not answer: time is up")), [500, "ServerTimeout", "2"]));
test("and in upstream's words what could not be done", () => {
  const { body } = statusResponse(new Unavailable("etcd does not answer"), requestInfo("GET", "/apis/apps/v1/namespaces/x/deployments/d"));
  const { message, details } = JSON.parse(Buffer.from(body as Uint8Array).toString()) as { message: string; details: object };
  assert.equal(message, "The get operation against deployments.apps could not be completed at this time, please try again.");
  assert.deepEqual(details, { name: "get", group: "apps", kind: "deployments", retryAfterSeconds: 2 });
});
test("a fault without a name tells none", () => assert.deepEqual(of(new StatusError("Unknown", "etcdserver: request timed out")), [500, undefined, undefined]));
test("whatever else fails is a fault of the server", () => assert.deepEqual(of(new Error("boom")), [500, "InternalError", undefined]));
