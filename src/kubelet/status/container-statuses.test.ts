import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import { containerStatuses } from "./container-statuses.ts";
import type { ContainerInstance, PodRuntime } from "../runtime/pod-runtime.ts";

const pod = { metadata: { name: "p" }, spec: { containers: [{ name: "c", image: "i" }] }, status: {} } as unknown as Pod;

const instance = (state: ContainerInstance["state"], restartCount: number): ContainerInstance => ({
  id: `c${restartCount}`, name: "c", state, restartCount, createdAt: restartCount, startedAt: 1_000, finishedAt: 2_000, exitCode: 0, reason: "", message: "", image: "i", imageId: "sha256:1",
} as ContainerInstance);

/** @param instances the newest first */
const statusOf = (...instances: readonly ContainerInstance[]): ReturnType<typeof containerStatuses> => statusesOf(pod, ...instances);
const statusesOf = (one: Pod, ...instances: readonly ContainerInstance[]): ReturnType<typeof containerStatuses> => containerStatuses(one, {
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

test("a container that ran and that the runtime no longer knows has ended somehow, and comes once more", () => {
  const ran = { name: "c", image: "i", imageID: "sha256:1", containerID: "containerd://c2", ready: true, restartCount: 2, state: { running: { startedAt: "2026-01-01T00:00:00Z" } } };
  const gone: Pod = { ...pod, status: { containerStatuses: [ran] } };
  const terminated = { exitCode: 137, reason: "ContainerStatusUnknown", message: "The container could not be located when the pod was deleted.  The container used to be Running" };
  const { restartCount, state, lastState } = statusesOf(gone).get("c") ?? {};
  assert.deepEqual({ restartCount, state, lastState }, { restartCount: 3, state: { waiting: { reason: "ContainerCreating" } }, lastState: { terminated } });
  const again: Pod = { ...pod, status: { containerStatuses: [statusesOf(gone).get("c") ?? ran] } };
  assert.equal(statusesOf(again).get("c")?.restartCount, 3); // counted once
  const leaving: Pod = { ...gone, metadata: { name: "p", deletionTimestamp: "2026-01-01T00:01:00Z" } };
  assert.deepEqual([statusesOf(leaving).get("c")?.state, statusesOf(leaving).get("c")?.restartCount], [{ terminated }, 2]);
});
