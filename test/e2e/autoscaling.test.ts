import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Deployment } from "#api/gen/apps-v1.ts";
import { eventually } from "#base/waiting.ts";
import { kubectlMinor } from "../support/kubectl.ts";
import { sharedInstance } from "../support/shared-instance.ts";
import { testNamespace } from "../support/test-namespace.ts";

const shared = sharedInstance();

describe("autoscaling", { skip: shared === undefined && "needs root" }, () => {
  assert(shared !== undefined);
  const namespace = "autoscaling-test";
  const { json, kubectl, make, remove } = testNamespace(shared, namespace);
  const replicasOf = async (name: string): Promise<number | undefined> => (await json<Deployment>("get", "deployment", name)).spec.replicas;
  const deploy = (name: string, command: readonly string[]): Promise<string> => {
    const container = { name: "app", image: "seedpod.local/busybox:1", command, resources: { requests: { cpu: "20m" }, limits: { cpu: "100m" } } };
    const spec = { selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { terminationGracePeriodSeconds: 0, containers: [container] } } };
    return shared.kubectlWith(JSON.stringify({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace }, spec }), "create", "-f", "-");
  };

  before(make);
  after(() => remove());

  test("what works hard gets company, and what was told its bounds keeps them", { timeout: 240_000 }, async () => {
    await deploy("busy", ["sh", "-c", "while :; do :; done"]);
    await deploy("idle", ["sleep", "3600"]);
    await kubectl("wait", "--for=condition=available", "deployment/busy", "deployment/idle", "--timeout=60s");
    await kubectl("autoscale", "deployment", "busy", "--cpu-percent=50", "--max=3");
    await kubectl("autoscale", "deployment", "idle", "--min=2", "--max=4");
    await eventually(async () => assert.equal(await replicasOf("idle"), 2));
    assert.match(await kubectl("get", "hpa", "idle"), /idle\s+Deployment\/idle\s+\S+.*\/80%\s+2\s+4\s+/);
    await eventually(async () => assert(((await replicasOf("busy")) ?? 1) > 1), 200_000);
    const described = await kubectl("describe", "hpa", "busy");
    const cpu = (await kubectlMinor()) < 23 ? /Current CPU utilization:\s+\d+%/ : /resource cpu on pods\s+\(as a percentage of request\):\s+\d+% \(\d+m\) \/ 50%/; // an old one asks for version 1
    assert.match(described, cpu);
    assert.match(described, /Normal\s+SuccessfulRescale\s+.*horizontal-pod-autoscaler\s+New size: \d; reason: cpu resource utilization \(percentage of request\) above target/);
  });
});
