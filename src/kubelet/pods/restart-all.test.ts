import assert from "node:assert/strict";
import { test } from "node:test";
import type { Container, Pod } from "#api/gen/core-v1.ts";
import type { ContainerInstance } from "../runtime/pod-runtime.ts";
import { restartOfAll } from "./restart-all.ts";

const rules = (...actions: readonly string[]): Partial<Container> => ({ restartPolicy: "Never", restartPolicyRules: actions.map((action) => ({ action, exitCodes: { operator: "In", values: [42] } })) });
const c = (name: string, more: Partial<Container> = {}): Container => ({ name, image: "i", ...more });
const pod = (spec: Partial<Pod["spec"]>, leaving = false): Pod => ({ metadata: { name: "p", uid: "u", ...(leaving && { deletionTimestamp: "2026-01-01T00:00:00Z" }) }, spec: { containers: [c("a", rules("RestartAllContainers")), c("b")], ...spec }, status: {} });
const instance = (name: string, state: ContainerInstance["state"], exitCode = 0, id = name): ContainerInstance =>
  ({ id, name, sandboxId: "box", state, restartCount: 0, createdAt: 1, startedAt: 1, finishedAt: 2, exitCode, reason: "", message: "", image: "i", imageId: "i", hash: "", logPath: "" });
const [runs, ended] = [(name: string) => instance(name, "running"), (name: string, code: number, id?: string) => instance(name, "exited", code, id)];

for (const { name, pod: given, has, want } of [
  { name: "nothing has ended", pod: pod({}), has: [runs("a"), runs("b")], want: undefined },
  { name: "another exit code", pod: pod({}), has: [ended("a", 1), runs("b")], want: undefined },
  { name: "a rule speaks of it: who began goes last", pod: pod({}), has: [ended("a", 42), runs("b")], want: { by: "a", stop: "b", remove: "b,a" } },
  { name: "it is long ago: it runs again", pod: pod({}), has: [runs("a"), ended("a", 42, "a-old"), runs("b")], want: undefined },
  { name: "older instances go, too", pod: pod({}), has: [ended("b", 0), ended("b", 1, "b-old"), ended("a", 42)], want: { by: "a", stop: "", remove: "b,b-old,a" } },
  { name: "the first rule that matches counts", pod: pod({ containers: [c("a", rules("Restart", "RestartAllContainers"))] }), has: [ended("a", 42)], want: undefined },
  { name: "an init container or a sidecar may begin it", pod: pod({ initContainers: [c("one", rules("RestartAllContainers")), c("side", { ...rules("RestartAllContainers"), restartPolicy: "Always" })] }), has: [ended("side", 42), ended("one", 0), runs("a")], want: { by: "side", stop: "a", remove: "one,a,side" } },
  { name: "ephemeral containers stay", pod: pod({ ephemeralContainers: [c("look")] }), has: [ended("a", 42), runs("look")], want: { by: "a", stop: "", remove: "a" } },
  { name: "not while the pod leaves", pod: pod({}, true), has: [ended("a", 42)], want: undefined },
]) test(`all containers restart: ${name}`, () => {
  const restart = restartOfAll(given, { uid: "u", namespace: "default", name: "p", sandboxes: [], containers: has });
  const ids = (instances: readonly ContainerInstance[]): string => instances.map(({ id }) => id).join();
  assert.deepEqual(restart && { by: restart.begunBy.map(({ container }) => container.name).join(), stop: ids(restart.stop), remove: ids(restart.remove) }, want);
});
