/** A node on a small disk of its own, so that it can run short without anybody else noticing. */
import assert from "node:assert/strict";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Node, Pod } from "#api/gen/core-v1.ts";
import { exec } from "#base/exec.ts";
import { eventually } from "#base/waiting.ts";
import { TestInstance } from "../support/instance.ts";

const settings = ["eviction-hard=nodefs.available<200Mi", "eviction-pressure-transition-period=1s", "system-reserved=memory=1Gi,cpu=100m", "max-pods=7", "pod-max-pids=20", "shutdown-grace-period=10s", "container-log-max-size=8Ki", "container-log-monitor-interval=500ms"];

const pod = (name: string, script: string): string => JSON.stringify({
  apiVersion: "v1", kind: "Pod", metadata: { name },
  spec: {
    terminationGracePeriodSeconds: 1, restartPolicy: "Never", volumes: [{ name: "v", emptyDir: {} }],
    containers: [{ name: "c", image: "seedpod.local/busybox:1", command: ["sh", "-c", `${script}; sleep 1000`], volumeMounts: [{ name: "v", mountPath: "/v" }] }],
  },
});

describe("a node that runs short", { skip: process.getuid?.() !== 0 && "needs root" }, () => {
  const disk = mkdtempSync(join(tmpdir(), "seedpod-disk-"));
  const instance = new TestInstance(join(disk, "i"));
  before(async () => {
    await exec("mount", ["-t", "tmpfs", "-o", "size=450m", "tmpfs", disk]);
    await instance.run("up", ...settings.flatMap((setting) => ["--kubelet-arg", setting]));
    await instance.run("image", "demo");
  });
  after(async () => {
    await instance.remove();
    await exec("umount", [disk]);
    rmdirSync(disk);
  });

  const node = async (): Promise<Node> => (await instance.json<{ readonly items: readonly Node[] }>("get", "nodes")).items[0] ?? assert.fail("no node");

  test("keeps from pods what is reserved, and takes as many as it was told", async () => {
    const { status } = await node();
    const [capacity, allocatable] = [status?.capacity ?? {}, status?.allocatable ?? {}];
    assert.equal(allocatable["pods"], "7");
    assert.equal(Number.parseInt(capacity["memory"] ?? "") - Number.parseInt(allocatable["memory"] ?? ""), 1024 * 1024);
    assert.equal(Number(capacity["cpu"]) * 1_000 - Number.parseInt(allocatable["cpu"] ?? ""), 100);
  });

  test("all pods together are bounded, and each pod's processes", async () => {
    await instance.kubectlWith(pod("forks", "cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max 2>/dev/null; i=0; while [ $i -lt 40 ]; do sleep 100 & i=$((i+1)); done"), "apply", "-f", "-");
    await eventually(async () => assert.match(await instance.kubectl("logs", "forks"), /can't fork/), 60_000);
    await instance.kubectl("delete", "pod", "forks", "--now");
    assert.match(await instance.kubectl("get", "events", "--field-selector=reason=NodeAllocatableEnforced", "-o", "name"), /^event\//);
  });

  test("a log that is followed is whole although its file is rotated under it", async () => {
    await instance.kubectlWith(pod("logs", "i=0; while [ $i -lt 900 ]; do i=$((i+1)); echo line $i of the log; [ $((i % 15)) -eq 0 ] && sleep 0.1; done; echo end; exit 0"), "apply", "-f", "-");
    await eventually(() => instance.kubectl("logs", "logs"), 60_000);
    const followed = await instance.kubectl("logs", "-f", "logs");
    const first = Number(/^line (\d+) of/.exec(followed)?.[1]); // what was rotated before is not in the log any more, as upstream
    assert.deepEqual(followed.trim().split("\n"), [...Array.from({ length: 901 - first }, (_, i) => `line ${first + i} of the log`), "end"]);
    await eventually(async () => {
      const files = await exec("sh", ["-c", `ls ${instance.settings.podLogsDir}/default_logs_*/c`]);
      assert.match(files, /0\.log\.\d{8}-\d{6}\.gz/);
    }, 20_000);
    await instance.kubectl("delete", "pod", "logs", "--now");
  });

  test("evicts who holds the most, says why, lets nobody in, and is well again", async () => {
    await instance.kubectlWith(pod("small", "true"), "apply", "-f", "-");
    await instance.kubectl("wait", "--for=condition=Ready", "pod/small", "--timeout=60s");
    await instance.kubectlWith(pod("big", "dd if=/dev/zero of=/v/big bs=1M count=260"), "apply", "-f", "-");
    const { status } = await eventually(async () => {
      const big = await instance.json<Pod>("get", "pod", "big");
      assert.equal(big.status.phase, "Failed");
      return big;
    }, 60_000);
    assert.equal(status.reason, "Evicted");
    assert.match(status.message ?? "", /^The node was low on resource: ephemeral-storage\. Threshold quantity: 200Mi, available: \S+\. /);
    assert.equal(status.conditions?.find(({ type }) => type === "DisruptionTarget")?.reason, "TerminationByKubelet");
    const told = await instance.kubectl("get", "events", "--field-selector=involvedObject.kind=Node", "-o", "jsonpath={range .items[*]}{.reason}: {.message}{'\\n'}{end}");
    assert.match(told, /EvictionThresholdMet: Attempting to reclaim ephemeral-storage/);
    assert.match(told, /NodeHasDiskPressure/);
    await eventually(async () => assert.deepEqual((await node()).spec?.taints ?? [], []), 60_000);
    assert.equal((await instance.json<Pod>("get", "pod", "small")).status.phase, "Running");
  });

  test("goes down with its pods, and says so", async () => {
    await instance.run("down");
    await instance.run("up");
    const { phase, reason, message } = (await instance.json<Pod>("get", "pod", "small")).status;
    assert.deepEqual({ phase, reason, message }, { phase: "Failed", reason: "Terminated", message: "Pod was terminated in response to imminent node shutdown." });
  });
});
