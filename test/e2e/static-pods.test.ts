/** Pods of files on the node, with real containers. */
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import { eventually } from "#base/waiting.ts";
import { sharedInstance } from "../support/shared-instance.ts";

const shared = sharedInstance();

describe("a static pod", { skip: shared === undefined && "needs root" }, () => {
  assert(shared !== undefined);
  const { manifestsDir, nodeName } = shared.settings;
  const file = join(manifestsDir, "static-test.json");
  const name = `static-test-${nodeName}`;
  const write = (command: readonly string[]): void =>
    writeFileSync(file, JSON.stringify({
      apiVersion: "v1", kind: "Pod", metadata: { name: "static-test" },
      spec: { terminationGracePeriodSeconds: 1, containers: [{ name: "app", image: "seedpod.local/busybox:1", command }] },
    }));
  const running = async (): Promise<Pod> => {
    const pod = await shared.json<Pod>("get", "pod", name);
    assert.equal(pod.status.containerStatuses?.[0]?.ready, true);
    return pod;
  };
  const containerOf = ({ status }: Pod): string | undefined => status.containerStatuses?.[0]?.containerID;

  test("runs because of its file: a mirror that is deleted stops nothing, another content is another pod, and it goes with the file", async (t) => {
    t.after(() => rmSync(file, { force: true }));
    write(["sh", "-c", "echo began; sleep 1000"]);
    const first = await eventually(running);
    assert.equal(await shared.kubectl("logs", name), "began\n");
    assert.equal(await shared.kubectl("exec", name, "--", "hostname"), `${name}\n`);
    await shared.kubectl("delete", "pod", name, "--wait=false");
    const second = await eventually(async () => {
      const pod = await running();
      assert.notEqual(pod.metadata.uid, first.metadata.uid);
      return pod;
    });
    assert.equal(containerOf(second), containerOf(first));
    write(["sleep", "1001"]);
    await eventually(async () => assert.notEqual(containerOf(await running()), containerOf(first)));
    rmSync(file);
    await eventually(async () => assert.match((await shared.tryKubectl("get", "pod", name)).stderr, /NotFound/));
  });
});
