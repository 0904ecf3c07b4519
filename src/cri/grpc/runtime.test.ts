/** Runs against a real containerd when one is named: its socket in SEEDPOD_TEST_CONTAINERD, an image with a shell in SEEDPOD_TEST_IMAGE. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { RuntimeError } from "../runtime.ts";
import { runtimeContract } from "../runtime.contract.ts";
import { newGrpcRuntime } from "./runtime.ts";

const socket = process.env["SEEDPOD_TEST_CONTAINERD"];
const image = process.env["SEEDPOD_TEST_IMAGE"] ?? "docker.io/library/busybox:latest";

if (socket !== undefined) {
  const runtime = newGrpcRuntime(socket);
  runtimeContract("containerd", async () => ({ runtime, image, sleep: ["sleep", "1000"], fail: ["sh", "-c", "exit 3"] }));
}

test("a runtime that is not there is Unavailable, in Go's words", async () => {
  const runtime = newGrpcRuntime("unix:///nonexistent/containerd.sock");
  await assert.rejects(
    runtime.version({}, { timeoutMs: 2_000 }),
    (err: unknown) => {
      assert(err instanceof RuntimeError);
      assert.deepEqual([err.code, err.message], ["Unavailable", 'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /nonexistent/containerd.sock: connect: no such file or directory"']);
      return true;
    },
  );
  runtime.close();
});
