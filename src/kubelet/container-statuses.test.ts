import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import { containerStatuses } from "./container-statuses.ts";
import type { ContainerInstance, PodRuntime } from "./pod-runtime.ts";

const pod = { metadata: { name: "p" }, spec: { containers: [{ name: "c", image: "i" }] }, status: {} } as unknown as Pod;

const instance = (state: ContainerInstance["state"], restartCount: number): ContainerInstance => ({
  id: `c${restartCount}`, name: "c", state, restartCount, createdAt: restartCount, startedAt: 1_000, finishedAt: 2_000, exitCode: 0, reason: "", message: "", image: "i", imageId: "sha256:1",
} as ContainerInstance);

/** @param instances the newest first */
const statusOf = (...instances: readonly ContainerInstance[]): ReturnType<typeof containerStatuses> => containerStatuses(pod, {
  runtime: { uid: "u", namespace: "n", name: "p", sandboxes: [], containers: instances } as PodRuntime,
  failures: new Map(), probes: { started: () => true, ready: () => true }, recursiveReadOnly: false, over: false, runtimeName: "containerd",
});

const cases = [
  { name: "a container that is made but not started has not restarted yet", have: [instance("created", 2), instance("exited", 1)], restarts: 1, state: "terminated", ready: false },
  { name: "its restart counts from the moment it runs, and it is ready with it", have: [instance("running", 2), instance("exited", 1)], restarts: 2, state: "running", ready: true },
  { name: "the first one waits until it runs", have: [instance("created", 0)], restarts: 0, state: "waiting", ready: false },
];
for (const { name, have, restarts, state, ready } of cases) {
  test(name, () => {
    const status = statusOf(...have).get("c");
    assert.deepEqual([status?.restartCount, Object.keys(status?.state ?? {}), status?.ready], [restarts, [state], ready]);
  });
}
