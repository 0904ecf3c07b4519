import assert from "node:assert/strict";
import { test } from "node:test";
import type { Container } from "#api/gen/core-v1.ts";
import { podOf } from "../fixture.ts";
import { cpuQuotaUs, cpuShares, oomScoreAdj, podAmount, qosOf } from "./resources.ts";

const container = (more: Partial<Container> = {}): Container => ({ name: "c", ...more });
const resources = (requests: Record<string, string>, limits: Record<string, string>): Container => container({ resources: { requests, limits } });

test("CPU in shares and quota", () =>
  assert.deepEqual(
    [cpuShares(0), cpuShares(100), cpuShares(1_000), cpuQuotaUs(0), cpuQuotaUs(5), cpuQuotaUs(500)],
    [2, 102, 1_024, 0, 1_000, 50_000],
  ));

const guaranteed = resources({ cpu: "1", memory: "1Gi" }, { cpu: "1", memory: "1Gi" });
const burstable = resources({ memory: "1Gi" }, {});
test("quality of service", () =>
  assert.deepEqual(
    [
      qosOf(podOf({ containers: [guaranteed] })),
      qosOf(podOf({ containers: [burstable] })),
      qosOf(podOf({ containers: [container()] })),
      qosOf(podOf({ containers: [guaranteed, container()] })),
    ],
    ["Guaranteed", "Burstable", "BestEffort", "Burstable"],
  ));

const gib = 2 ** 30;
test("who dies first", () =>
  assert.deepEqual(
    [
      oomScoreAdj(podOf({ containers: [guaranteed] }), guaranteed, 4 * gib),
      oomScoreAdj(podOf({ containers: [burstable] }), burstable, 4 * gib),
      oomScoreAdj(podOf({ containers: [container()] }), container(), gib),
    ],
    [-997, 750, 1_000],
  ));

test("init containers run one at a time, sidecars beside the rest", () => {
  const cpu = (name: string, amount: string, more: Partial<Container> = {}): Container => ({
    name,
    resources: { requests: { cpu: amount } },
    ...more,
  });
  const asked = podOf({
    initContainers: [cpu("i", "1"), cpu("s", "300m", { restartPolicy: "Always" }), cpu("j", "500m")],
    containers: [cpu("a", "200m"), cpu("b", "300m")],
  });
  assert.equal(podAmount(asked, "requests", "cpu"), 1_000);
  assert.equal(
    podAmount({ ...asked, spec: { ...asked.spec, initContainers: asked.spec.initContainers?.slice(1) ?? [] } }, "requests", "cpu"),
    800,
  );
});
