import assert from "node:assert/strict";
import { test } from "node:test";
import type { Container, Pod } from "#api/gen/core-v1.ts";
import { podActions, type ProbeFacts } from "./pod-actions.ts";
import type { ContainerInstance, PodRuntime, Sandbox } from "../runtime/pod-runtime.ts";
import { hashOf } from "../containers/restart.ts";

const container = (name: string, more: Partial<Container> = {}): Container => ({ name, image: "i", ...more });
const pod = (spec: Partial<Pod["spec"]> = {}): Pod => ({
  metadata: { name: "p", uid: "u" },
  spec: { containers: [container("a"), container("b")], ...spec },
  status: {},
});
const box = (more: Partial<Sandbox> = {}): Sandbox => ({ id: "box", attempt: 0, ready: true, ips: ["10.0.0.1"], hostNetwork: false, ...more });
const instance = (name: string, more: Partial<ContainerInstance> = {}): ContainerInstance => ({
  id: `${name}-id`,
  name,
  sandboxId: "box",
  state: "running",
  restartCount: 0,
  createdAt: 1,
  startedAt: 1,
  finishedAt: 0,
  exitCode: 0,
  reason: "",
  message: "",
  image: "i",
  imageId: "i",
  hash: hashOf(container(name)),
  logPath: "",
  ...more,
});
const ended = (name: string, exitCode: number, more: Partial<ContainerInstance> = {}): ContainerInstance =>
  instance(name, { state: "exited", exitCode, finishedAt: 2, ...more });
const has = (sandboxes: readonly Sandbox[], containers: readonly ContainerInstance[] = []): PodRuntime => ({
  uid: "u",
  namespace: "default",
  name: "p",
  sandboxes,
  containers,
});
const healthy: ProbeFacts = { livenessFailed: () => false, startup: () => true };
const sick: ProbeFacts = { livenessFailed: (_, id) => id === "a-id", startup: () => true };
const starting: ProbeFacts = { livenessFailed: () => false, startup: () => undefined };
const init = { initContainers: [container("one"), container("two")] };
const sidecar = { initContainers: [container("side", { restartPolicy: "Always" })] };

interface Want {
  readonly create?: true;
  readonly killPod?: true;
  readonly attempt?: number;
  readonly start?: string;
  readonly kill?: string;
}
const cases: readonly {
  readonly name: string;
  readonly pod: Pod;
  readonly runtime: PodRuntime;
  readonly probes?: ProbeFacts;
  readonly want: Want;
}[] = [
  { name: "a new pod gets a sandbox and all its containers", pod: pod(), runtime: has([]), want: { create: true, start: "a b" } },
  { name: "a new pod with init containers begins with the first", pod: pod(init), runtime: has([]), want: { create: true, start: "one" } },
  { name: "a running pod needs nothing", pod: pod(), runtime: has([box()], [instance("a"), instance("b")]), want: {} },
  { name: "what is missing is started", pod: pod(), runtime: has([box()], [instance("a")]), want: { start: "b" } },
  {
    name: "a dead sandbox is replaced with everything in it",
    pod: pod(),
    runtime: has([box({ ready: false })], [ended("a", 137), ended("b", 137)]),
    want: { create: true, killPod: true, attempt: 1, start: "a b" },
  },
  {
    name: "a sandbox without an address is replaced",
    pod: pod(),
    runtime: has([box({ ips: [] })]),
    want: { create: true, killPod: true, attempt: 1, start: "a b" },
  },
  {
    name: "a pod that must not restart ends with its sandbox",
    pod: pod({ restartPolicy: "Never" }),
    runtime: has([box({ ready: false })], [ended("a", 137), ended("b", 137)]),
    want: { killPod: true, attempt: 1 },
  },
  {
    name: "after a new sandbox only what failed runs again under OnFailure",
    pod: pod({ restartPolicy: "OnFailure" }),
    runtime: has([box({ ready: false })], [ended("a", 0), ended("b", 1)]),
    want: { create: true, killPod: true, attempt: 1, start: "b" },
  },
  {
    name: "OnFailure starts what failed",
    pod: pod({ restartPolicy: "OnFailure" }),
    runtime: has([box()], [ended("a", 0), ended("b", 1)]),
    want: { start: "b" },
  },
  {
    name: "all done under Never: the pod ends",
    pod: pod({ restartPolicy: "Never" }),
    runtime: has([box()], [ended("a", 0), ended("b", 1)]),
    want: { killPod: true },
  },
  {
    name: "a failing liveness probe kills and restarts",
    pod: pod(),
    runtime: has([box()], [instance("a"), instance("b")]),
    probes: sick,
    want: { start: "a", kill: "a: Container a failed liveness probe, will be restarted" },
  },
  {
    name: "a failing liveness probe under Never only kills",
    pod: pod({ restartPolicy: "Never" }),
    runtime: has([box()], [instance("a"), instance("b")]),
    probes: sick,
    want: { kill: "a: Container a failed liveness probe" },
  },
  {
    name: "another image means another container",
    pod: pod(),
    runtime: has([box()], [instance("a", { hash: "old" }), instance("b")]),
    want: { start: "a", kill: "a: Container a definition changed, will be restarted" },
  },
  { name: "the second init container follows the first", pod: pod(init), runtime: has([box()], [ended("one", 0)]), want: { start: "two" } },
  { name: "a running init container is waited for", pod: pod(init), runtime: has([box()], [instance("one")]), want: {} },
  { name: "a failed init container is tried again", pod: pod(init), runtime: has([box()], [ended("one", 1)]), want: { start: "one" } },
  {
    name: "a failed init container under Never ends the pod",
    pod: pod({ ...init, restartPolicy: "Never" }),
    runtime: has([box()], [ended("one", 1)]),
    want: { killPod: true },
  },
  {
    name: "the app follows the last init container",
    pod: pod(init),
    runtime: has([box()], [ended("one", 0), ended("two", 0)]),
    want: { start: "a b" },
  },
  {
    name: "an init container that the runtime forgot is not run again",
    pod: pod(init),
    runtime: has([box()], [ended("two", 0)]),
    want: { start: "a b" },
  },
  {
    name: "init containers of an older sandbox do not count",
    pod: pod(init),
    runtime: has([box({ attempt: 1 })], [ended("one", 0, { sandboxId: "old" })]),
    want: { attempt: 1, start: "one" },
  },
  { name: "a sidecar comes first", pod: pod(sidecar), runtime: has([box()]), want: { start: "side" } },
  { name: "the app waits for the sidecar's startup probe", pod: pod(sidecar), runtime: has([box()], [instance("side")]), probes: starting, want: {} },
  { name: "the app follows a sidecar that has started", pod: pod(sidecar), runtime: has([box()], [instance("side")]), want: { start: "a b" } },
  {
    name: "a sidecar that ended is started beside the running app",
    pod: pod(sidecar),
    runtime: has([box()], [ended("side", 0), instance("a"), instance("b")]),
    want: { start: "side" },
  },
];

for (const { name, pod: asked, runtime, probes, want } of cases) {
  test(name, () => {
    const { createSandbox, killPod, attempt, start, kill } = podActions(asked, runtime, probes ?? healthy);
    const got = {
      createSandbox,
      killPod,
      attempt,
      start: start.map((c) => c.container.name).join(" "),
      kill: kill.map((k) => `${k.instance.name}: ${k.message}`).join(),
    };
    assert.deepEqual(got, {
      createSandbox: want.create ?? false,
      killPod: want.killPod ?? false,
      attempt: want.attempt ?? 0,
      start: want.start ?? "",
      kill: want.kill ?? "",
    });
  });
}
