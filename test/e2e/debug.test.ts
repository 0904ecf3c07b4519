/** `kubectl debug` of a node and of a copy of a pod; a debugger beside the containers is in pod-fields.test.ts. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import { sharedInstance } from "../support/shared-instance.ts";
import { testNamespace } from "../support/test-namespace.ts";

const shared = sharedInstance();
const image = "seedpod.local/busybox:1";

describe("kubectl debug", { skip: shared === undefined && "needs root" }, () => {
  assert(shared !== undefined);
  const namespace = "debug-test";
  const { json, kubectl, make, remove } = testNamespace(shared, namespace);
  const sleep = ["--", "sleep", "1000"] as const;

  before(make);
  after(() => remove());

  test("of a node sees its files and its processes", async () => {
    await kubectl("debug", `node/${shared.settings.nodeName}`, `--image=${image}`, ...sleep);
    const [pod = ""] = (await kubectl("get", "pods", "-o", "name")).split("\n").filter((line) => line.includes("node-debugger"));
    await kubectl("wait", "--for=condition=Ready", pod, "--timeout=60s");
    const inside = (...command: readonly string[]): Promise<string> => kubectl("exec", pod.replace("pod/", ""), "--", ...command);
    await inside("ls", `/host${shared.dataDir}/kubeconfig`);
    assert.match(await inside("ps"), /containerd/);
    await kubectl("delete", pod, "--force", "--grace-period=0");
  });

  test("of a copy shares the processes, and the original runs on", async () => {
    await kubectl("run", "app", `--image=${image}`, "--restart=Never", "--command", ...sleep);
    await kubectl("wait", "--for=condition=Ready", "pod/app", "--timeout=60s");
    await kubectl("debug", "app", "--copy-to=copy", `--image=${image}`, "--share-processes", "--container=debugger", ...sleep);
    await kubectl("wait", "--for=condition=Ready", "pod/copy", "--timeout=60s");
    assert.match(await kubectl("exec", "copy", "-c", "debugger", "--", "ps"), /pause[^]*sleep 1000[^]*sleep 1000/);
    const { status } = await json<Pod>("get", "pod", "app");
    assert.deepEqual([status.phase, status.containerStatuses?.[0]?.restartCount], ["Running", 0]);
    await kubectl("delete", "pods", "--all", "--force", "--grace-period=0");
  });
});
