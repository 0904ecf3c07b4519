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

test("a runtime that is not there is Unavailable", async () => {
  const runtime = newGrpcRuntime("unix:///nonexistent/containerd.sock");
  await assert.rejects(
    runtime.version({}, { timeoutMs: 2_000 }),
    (err: unknown) => err instanceof RuntimeError && (err.code === "Unavailable" || err.code === "DeadlineExceeded"),
  );
  runtime.close();
});
