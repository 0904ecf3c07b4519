import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Node, Pod } from "#api/gen/core-v1.ts";
import { systemClock } from "#base/clock.ts";
import { ended, readPidFile, signalProcess, type ProcessId } from "#base/daemon.ts";
import { eventually } from "#base/waiting.ts";
import { containerdsOf, processesOf } from "#cmd/leftovers.ts";
import { runningProcess } from "#cmd/processes.ts";
import { startInstance, TestInstance } from "../support/instance.ts";

const root = process.getuid?.() === 0;
const wellAgainMs = 10_000;

interface Container { readonly pod: string; readonly id: string; readonly restarts: number; readonly startedAt: string }

describe("an instance whose parts are killed", { skip: root ? false : "needs root" }, () => {
  let instance: TestInstance;
  const pods = async (): Promise<Pod[]> => (await instance.json<{ items: Pod[] }>("get", "pods", "-l", "app=web")).items;
  const containers = async (): Promise<Container[]> => (await pods()).flatMap(({ metadata, status }) => (status?.containerStatuses ?? []).map((container) => ({
    pod: metadata.name ?? "", id: container.containerID ?? "", restarts: container.restartCount, startedAt: container.state?.running?.startedAt ?? "",
  }))).sort((a, b) => a.pod.localeCompare(b.pod));
  const kill = async (id: ProcessId | undefined): Promise<void> => {
    assert(id !== undefined);
    assert.ok(signalProcess(id, "SIGKILL"));
    await ended(id, systemClock, 1_000, new AbortController().signal);
  };
  const acknowledged = async (name: string): Promise<void> => { await instance.kubectl("create", "configmap", name, "--from-literal=a=b"); };

  before(async () => {
    instance = await startInstance("--node-monitor-grace-period=25s"); // remembered by each server that takes over
    await instance.kubectl("apply", "-f", "examples/deployment.yaml");
    await instance.kubectl("scale", "deployment/web", "--replicas=3");
    await instance.kubectl("rollout", "status", "deployment/web", "--timeout=90s");
  });
  after(() => instance.remove());

  const victims: readonly [string, () => ProcessId | undefined][] = [
    ["server", () => runningProcess(instance.settings, "server")],
    ["agent", () => runningProcess(instance.settings, "agent")],
    ["containerd", () => readPidFile(instance.settings.containerdPid)],
  ];
  for (const [name, victim] of victims) {
    test(`after kill -9 of the ${name} all is well again in ten seconds and no container was restarted`, async () => {
      const before = await containers();
      await acknowledged(`before-${name}`);
      await kill(victim());
      await eventually(async () => {
        await instance.kubectl("get", "configmap", `before-${name}`);
        assert(victim() !== undefined, `the ${name} runs`);
        const [pod] = await pods();
        await instance.kubectl("exec", pod?.metadata.name ?? "", "--", "true");
      }, wellAgainMs);
      await instance.kubectl("scale", "deployment/web", "--replicas=4");
      await instance.kubectl("rollout", "status", "deployment/web", "--timeout=20s");
      const now = await containers();
      assert.deepEqual(before.filter(({ id }) => !now.some((container) => container.id === id && container.restarts === 0)), []);
      await instance.kubectl("scale", "deployment/web", "--replicas=3");
      await eventually(async () => assert.equal((await pods()).length, 3));
    });
  }

  test("a second up finds everything running and changes nothing", async () => {
    const before = await containers();
    const { code, stderr, stdout } = await instance.seedpod("up");
    assert.equal(code, 0);
    assert.match(stderr, /runs already/);
    assert.equal(stdout.trim(), instance.kubeconfig);
    assert.deepEqual(await containers(), before);
  });

  test("status tells processes, node and programs", async () => {
    const status = JSON.parse(await instance.run("status", "-o", "json")) as { running: boolean; processes: { pid: number }[]; nodes: { ready: boolean }[]; programs: { program: string }[] };
    assert.equal(status.running, true);
    assert.equal(status.processes.length, 3);
    assert.deepEqual(status.nodes.map(({ ready }) => ready), [true]);
    assert.deepEqual(status.programs.map(({ program }) => program), ["containerd", "runc"]);
  });

  test("down and up again: the same objects, new containers", async () => {
    await instance.run("down", "--grace", "1");
    assert.equal((await instance.seedpod("status")).code, 3);
    await instance.run("up");
    await instance.kubectl("get", "configmap", "before-server");
    await eventually(async () => assert.match(await instance.kubectl("get", "deployment", "web", "--no-headers"), /3\/3/));
    await eventually(async () => { // what was said before stands until the kubelet has looked
      for (const { status } of await pods()) {
        const { exitCode, reason, startedAt, finishedAt } = status?.containerStatuses?.[0]?.lastState?.terminated ?? {};
        assert.deepEqual({ reason, times: [startedAt, finishedAt].map((time) => Date.parse(time ?? "") > 0) }, { reason: exitCode === 0 ? "Completed" : "Error", times: [true, true] });
      }
    });
  });

  test("a node that dies: its pods are not ready, as upstream shows it", { timeout: 120_000 }, async () => {
    rmSync(instance.settings.wantedFile); // nobody starts the agent again
    await kill(runningProcess(instance.settings, "agent"));
    await eventually(async () => {
      const { items: [node] } = await instance.json<{ items: Node[] }>("get", "nodes");
      const ready = node?.status?.conditions?.find(({ type }) => type === "Ready");
      assert.deepEqual({ status: ready?.status, reason: ready?.reason }, { status: "Unknown", reason: "NodeStatusUnknown" });
      assert.deepEqual(node?.spec?.taints?.filter(({ key }) => key === "node.kubernetes.io/unreachable").map(({ effect }) => effect), ["NoSchedule"]); // where no node answers, none loses its pods
    }, 70_000);
    await eventually(async () => {
      for (const pod of await pods()) assert.equal(pod.status?.conditions?.find(({ type }) => type === "Ready")?.status, "False");
    });
    assert.match(await instance.kubectl("get", "nodes", "--no-headers"), /\sNotReady\s/);
    await instance.run("up");
    await eventually(async () => assert.match(await instance.kubectl("get", "deployment", "web", "--no-headers"), /3\/3/));
  });
});

describe("instances side by side", { skip: root ? false : "needs root" }, () => {
  test("two run at once with ports and networks of their own, and each goes alone", async () => {
    const first = await startInstance();
    try {
      const second = await startInstance();
      try {
        assert.notEqual(first.settings.port, second.settings.port);
        assert.notEqual(first.settings.podCidr, second.settings.podCidr);
        for (const instance of [first, second]) await instance.kubectl("run", "web", "--image=seedpod.local/nginx:1");
        for (const instance of [first, second]) await instance.kubectl("wait", "--for=condition=Ready", "pod/web", "--timeout=60s");
      } finally {
        await second.remove();
      }
      await first.kubectl("exec", "web", "--", "true");
    } finally {
      await first.remove();
    }
  });

  test("down cleans up after everything was killed", async () => {
    const instance = await startInstance();
    try {
      await instance.kubectl("run", "web", "--image=seedpod.local/nginx:1");
      await instance.kubectl("wait", "--for=condition=Ready", "pod/web", "--timeout=60s");
      rmSync(instance.settings.wantedFile);
      for (const role of ["server", "agent"] as const) {
        const process = runningProcess(instance.settings, role);
        if (process !== undefined) signalProcess(process, "SIGKILL");
      }
      const containerd = readPidFile(instance.settings.containerdPid);
      if (containerd !== undefined) signalProcess(containerd, "SIGKILL");
    } finally {
      await instance.remove();
    }
  });

  test("down finds processes whose pid files are gone", async () => {
    const instance = await startInstance();
    const { dataDir } = instance;
    const { runDir, containerdPid, containerdDir } = instance.settings;
    rmSync(runDir, { recursive: true });
    rmSync(containerdPid);
    await instance.remove();
    assert.deepEqual([...processesOf(dataDir, "server"), ...processesOf(dataDir, "agent"), ...containerdsOf(containerdDir)], []);
  });

  test("another port for what runs already, and a port in use, get a sentence that says what to do", async () => {
    const first = await startInstance();
    const second = new TestInstance(mkdtempSync(join(tmpdir(), "seedpod-e2e-")));
    try {
      const moved = await first.seedpod("up", "--port", "1");
      assert.equal(moved.code, 1);
      assert.match(moved.stderr, /runs already, at 0\.0\.0\.0 port \d+ with SQLite, \S+\. "seedpod down" first/);
      const taken = await second.seedpod("up", "--port", String(first.settings.port));
      assert.equal(taken.code, 1);
      assert.match(taken.stderr, new RegExp(`Port ${first.settings.port} is in use by another program: choose another one with --port`));
    } finally {
      await second.seedpod("down", "--purge");
      rmSync(second.dataDir, { recursive: true, force: true });
      await first.remove();
    }
  });
});
