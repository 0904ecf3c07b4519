import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import { podGrace } from "./pod.ts";
import { summarize } from "./pod-status-text.ts";

const now = Date.parse("2026-01-01T00:10:00Z");
interface Shape { readonly spec?: object; readonly status?: object; readonly deleted?: true }
const podOf = ({ spec = {}, status = {}, deleted }: Shape): Pod =>
  ({ metadata: { name: "p", ...(deleted && { deletionTimestamp: "2026-01-01T00:09:00Z" }) }, spec: { containers: [{ name: "a" }, { name: "b" }], ...spec }, status: { phase: "Pending", ...status } }) as unknown as Pod;

const running = (name: string, ready = true): object => ({ name, ready, restartCount: 0, state: { running: {} } });
const waiting = (name: string, reason: string, restartCount = 0, lastState: object = {}): object => ({ name, ready: false, restartCount, state: { waiting: { reason } }, lastState });
const ended = (name: string, terminated: object): object => ({ name, ready: false, restartCount: 0, state: { terminated } });
const inits = { initContainers: [{ name: "i" }, { name: "j" }] };
const sidecar = { initContainers: [{ name: "i", restartPolicy: "Always" }] };
const isReady = { conditions: [{ type: "Ready", status: "True" }] };

// Upstream: pkg/printers/internalversion/printers_test.go TestPrintPod
const cases: readonly (Shape & { readonly name: string; readonly want: string })[] = [
  { name: "nothing known yet", want: "0/2 Pending 0" },
  { name: "all run", status: { phase: "Running", containerStatuses: [running("a"), running("b")] }, want: "2/2 Running 0" },
  { name: "one is not ready", status: { phase: "Running", containerStatuses: [running("a"), running("b", false)] }, want: "1/2 Running 0" },
  { name: "an image cannot be pulled", status: { containerStatuses: [waiting("a", "ErrImagePull"), running("b")] }, want: "1/2 ErrImagePull 0" },
  { name: "one crashes again and again", status: { phase: "Running", containerStatuses: [waiting("a", "CrashLoopBackOff", 2, { terminated: { exitCode: 1, finishedAt: "2026-01-01T00:05:00Z" } }), running("b")] }, want: "1/2 CrashLoopBackOff 2 (5m ago)" },
  { name: "ended with a code and no reason", status: { phase: "Failed", containerStatuses: [ended("a", { exitCode: 3 })] }, want: "0/2 ExitCode:3 0" },
  { name: "ended by a signal", status: { phase: "Failed", containerStatuses: [ended("a", { exitCode: 137, signal: 9 })] }, want: "0/2 Signal:9 0" },
  { name: "all done", status: { phase: "Succeeded", containerStatuses: [ended("a", { exitCode: 0, reason: "Completed" }), ended("b", { exitCode: 0, reason: "Completed" })] }, want: "0/2 Completed 0" },
  { name: "one done, one runs, the pod ready", status: { phase: "Running", ...isReady, containerStatuses: [ended("a", { exitCode: 0, reason: "Completed" }), running("b")] }, want: "1/2 Running 0" },
  { name: "one done, one runs, the pod not ready", status: { phase: "Running", containerStatuses: [ended("a", { exitCode: 0, reason: "Completed" }), running("b")] }, want: "1/2 NotReady 0" },
  { name: "the first init container runs", spec: inits, status: { initContainerStatuses: [running("i", false), waiting("j", "PodInitializing")] }, want: "0/2 Init:0/2 0" },
  { name: "the second init container runs", spec: inits, status: { initContainerStatuses: [ended("i", { exitCode: 0 }), running("j", false)] }, want: "0/2 Init:1/2 0" },
  { name: "an init container failed", spec: inits, status: { initContainerStatuses: [ended("i", { exitCode: 2, reason: "Error" })] }, want: "0/2 Init:Error 0" },
  { name: "an init container failed without reason", spec: inits, status: { initContainerStatuses: [ended("i", { exitCode: 2 })] }, want: "0/2 Init:ExitCode:2 0" },
  { name: "an init container crashes", spec: inits, status: { initContainerStatuses: [waiting("i", "CrashLoopBackOff", 3)] }, want: "0/2 Init:CrashLoopBackOff 3" },
  { name: "a sidecar counts", spec: sidecar, status: { phase: "Running", initContainerStatuses: [{ ...running("i"), started: true }], containerStatuses: [running("a"), running("b")] }, want: "3/3 Running 0" },
  { name: "the pod leaves", deleted: true, status: { phase: "Running", containerStatuses: [running("a"), running("b")] }, want: "2/2 Terminating 0" },
  { name: "the pod leaves when it has ended", deleted: true, status: { phase: "Succeeded", containerStatuses: [ended("a", { exitCode: 0, reason: "Completed" })] }, want: "0/2 Completed 0" },
  { name: "its node is lost", deleted: true, status: { phase: "Running", reason: "NodeLost" }, want: "0/2 Unknown 0" },
  { name: "evicted", status: { phase: "Failed", reason: "Evicted" }, want: "0/2 Evicted 0" },
  { name: "held by gates", status: { conditions: [{ type: "PodScheduled", status: "False", reason: "SchedulingGated" }] }, want: "0/2 SchedulingGated 0" },
];
for (const { name, want, ...shape } of cases) test(`a pod's line: ${name}`, () => {
  const { ready, status, restarts } = summarize(podOf(shape), now);
  assert.equal(`${ready} ${status} ${restarts}`, want);
});

const graces: readonly { readonly name: string; readonly spec: object; readonly phase?: string; readonly asked?: number; readonly want: number }[] = [
  { name: "a pod on no node goes at once", spec: { terminationGracePeriodSeconds: 30 }, asked: 10, want: 0 },
  { name: "an ended pod goes at once", spec: { nodeName: "n", terminationGracePeriodSeconds: 30 }, phase: "Failed", want: 0 },
  { name: "the spec's grace counts", spec: { nodeName: "n", terminationGracePeriodSeconds: 7 }, phase: "Running", want: 7 },
  { name: "the asked grace counts more", spec: { nodeName: "n", terminationGracePeriodSeconds: 7 }, phase: "Running", asked: 3, want: 3 },
  { name: "a negative grace is 1", spec: { nodeName: "n", terminationGracePeriodSeconds: -5 }, phase: "Running", want: 1 },
];
for (const { name, spec, phase = "Pending", asked, want } of graces) test(name, () => assert.equal(podGrace(podOf({ spec, status: { phase } }), asked), want));
