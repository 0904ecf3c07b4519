import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import { eventually } from "#base/waiting.ts";
import { sharedInstance } from "../support/shared-instance.ts";
import { testNamespace } from "../support/test-namespace.ts";

const shared = sharedInstance();

describe("the examples", { skip: shared === undefined && "needs root" }, () => {
  assert(shared !== undefined);
  const namespace = "examples-test";
  const { json, kubectl, make, remove } = testNamespace(shared, namespace);
  const podOf = (name: string): Promise<Pod> => json<Pod>("get", "pod", name);
  const ready = (name: string): Promise<string> => kubectl("wait", "--for=condition=Ready", `pod/${name}`, "--timeout=60s");
  const page = async (name: string): Promise<string> => (await fetch(`http://${(await podOf(name)).status?.podIP}/`)).text();

  before(async () => {
    await make();
    await kubectl("apply", "-f", "examples/");
  });
  after(() => remove());

  test("nginx answers at its pod's address", async () => {
    await ready("nginx");
    assert.match(await page("nginx"), /Welcome to nginx/);
  });

  test("two containers meet at 127.0.0.1; pause is process 1 of both; IPC is one", async () => {
    await ready("two-containers");
    assert.equal(await page("two-containers"), "hello from the container behind\n");
    assert.match(await kubectl("exec", "two-containers", "-c", "app", "--", "ps"), /^\s*1\s+\S+\s+\/pause$/m);
    const ipc = (container: string): Promise<string> => kubectl("exec", "two-containers", "-c", container, "--", "readlink", "/proc/self/ns/ipc");
    assert.equal(await ipc("app"), await ipc("nginx"));
  });

  test("one container refreshes the file that the other serves", async () => {
    await ready("shared-volume");
    const first = await page("shared-volume");
    await eventually(async () => assert.notEqual(await page("shared-volume"), first), 10_000);
  });

  test("data outlive the pod", async () => {
    await ready("diary");
    await eventually(async () => assert.equal(await kubectl("logs", "diary"), "started 0 times before\n"));
    await kubectl("delete", "pod", "diary");
    await kubectl("apply", "-f", "examples/persistent-claim.yaml");
    await ready("diary");
    await eventually(async () => assert.equal(await kubectl("logs", "diary"), "started 1 times before\n"));
    assert.match(await kubectl("get", "pvc", "diary", "--no-headers"), /^diary\s+Bound\s+pvc-\S+\s+10Mi\s+RWO\s+/);
  });

  test("one pod has succeeded, one has failed with its code and last words", async () => {
    await eventually(async () => assert.equal((await podOf("succeeded")).status?.phase, "Succeeded"), 60_000);
    await eventually(async () => assert.equal((await podOf("failed")).status?.phase, "Failed"), 60_000);
    const [status] = (await podOf("failed")).status?.containerStatuses ?? [];
    assert.equal(status?.state?.terminated?.exitCode, 3);
    assert.equal(status?.state?.terminated?.reason, "Error");
    assert.equal(status?.state?.terminated?.message, "the disk is on fire\n");
    assert.match(await kubectl("get", "pod", "succeeded", "--no-headers"), /^succeeded\s+0\/1\s+Completed\s+0\s/);
  });

  test("a pod that no node suits stays Pending, and describe says why", async () => {
    assert.equal((await podOf("pending")).status?.phase, "Pending");
    await eventually(async () => assert.match(await kubectl("describe", "pod", "pending"), /Warning\s+FailedScheduling\s+.*0\/1 nodes are available: 1 node\(s\) didn't match Pod's node affinity\/selector/));
  });

  test("a Deployment goes from 1 to 5 and back, rolls out and rolls back", async () => {
    await kubectl("rollout", "status", "deployment/web", "--timeout=60s");
    await kubectl("scale", "deployment/web", "--replicas=5");
    await kubectl("rollout", "status", "deployment/web", "--timeout=90s");
    assert.equal((await kubectl("get", "pods", "-l", "app=web", "--no-headers")).match(/1\/1\s+Running/g)?.length, 5);
    await kubectl("scale", "deployment/web", "--replicas=1");
    await eventually(async () => assert.equal((await kubectl("get", "pods", "-l", "app=web", "-o", "name")).trim().split("\n").length, 1));
    await kubectl("set", "env", "deployment/web", "COLOUR=blue");
    await kubectl("rollout", "status", "deployment/web", "--timeout=60s");
    await kubectl("rollout", "undo", "deployment/web");
    await kubectl("rollout", "status", "deployment/web", "--timeout=60s");
    assert.match(await kubectl("rollout", "history", "deployment/web"), /^2\s.*\n3\s/m);
  });
});
