import assert from "node:assert/strict";
import { test } from "node:test";
import type { ContainerState, ContainerStatus, Pod } from "#api/gen/core-v1.ts";
import { phaseOf } from "./pod-phase.ts";

const runs: ContainerState = { running: {} };
const waits: ContainerState = { waiting: { reason: "ContainerCreating" } };
const exits = (exitCode: number): ContainerState => ({ terminated: { exitCode } });
type Policy = "Always" | "OnFailure" | "Never";

const cases: readonly {
  readonly name: string;
  readonly policy?: Policy;
  readonly init?: readonly ContainerState[];
  readonly app: readonly ContainerState[];
  readonly last?: ContainerState;
  readonly over?: true;
  readonly want: string;
}[] = [
  { name: "all running", app: [runs, runs], want: "Running" },
  { name: "one still waiting", app: [runs, waits], want: "Pending" },
  { name: "one ended, to be restarted", app: [exits(1), runs], want: "Running" },
  { name: "all ended, to be restarted", app: [exits(1), exits(0)], want: "Running" },
  { name: "waiting after it ran", app: [waits], last: exits(1), want: "Running" },
  { name: "all succeeded for good", policy: "Never", app: [exits(0), exits(0)], want: "Succeeded" },
  { name: "one failed for good", policy: "Never", app: [exits(0), exits(2)], want: "Failed" },
  { name: "one failed, one runs", policy: "Never", app: [exits(2), runs], want: "Running" },
  { name: "all succeeded under OnFailure", policy: "OnFailure", app: [exits(0)], want: "Succeeded" },
  { name: "one failed under OnFailure", policy: "OnFailure", app: [exits(1)], want: "Running" },
  { name: "an init container runs", init: [runs], app: [waits], want: "Pending" },
  { name: "an init container failed and is tried again", init: [exits(1)], app: [waits], want: "Pending" },
  { name: "an init container failed for good", policy: "Never", init: [exits(1)], app: [waits], want: "Failed" },
  { name: "over: deleted while it ran, and it ended well", app: [exits(0)], over: true, want: "Succeeded" },
  { name: "over: deleted while it ran, and it was killed", app: [exits(137)], over: true, want: "Failed" },
  { name: "over before it began", app: [waits], over: true, want: "Failed" },
];

for (const { name, policy = "Always", init = [], app, last, over = false, want } of cases) {
  test(`${name}: ${want}`, () => {
    const named = (prefix: string, states: readonly ContainerState[]): ContainerStatus[] =>
      states.map((state, i) => ({
        name: `${prefix}${i}`,
        state,
        ready: false,
        restartCount: 0,
        image: "",
        imageID: "",
        ...(last !== undefined && { lastState: last }),
      }));
    const statuses = [...named("init", init), ...named("app", app)];
    const pod: Pod = {
      metadata: { name: "p" },
      status: {},
      spec: {
        restartPolicy: policy,
        initContainers: init.map((_, i) => ({ name: `init${i}` })),
        containers: app.map((_, i) => ({ name: `app${i}` })),
      },
    };
    assert.equal(phaseOf(pod, new Map(statuses.map((s) => [s.name, s])), over), want);
  });
}
