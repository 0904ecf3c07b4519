import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import type { ContainerStatus, Pod } from "#api/gen/core-v1.ts";
import { configMaps, nodes, pods } from "#api/resources.ts";
import type { Script } from "#cri/simulated/behaviour.ts";
import { untilAborted } from "#base/component.ts";
import { RuntimeError, type Runtime } from "#cri/runtime.ts";
import { newSimulatedRuntime } from "#cri/simulated/runtime.ts";
import { app, image, startNode } from "./fake-node.ts";

const conditions = (pod: Pod | undefined): Record<string, string> =>
  Object.fromEntries((pod?.status.conditions ?? []).map((c) => [c.type, c.status]));
const first = (pod: Pod | undefined): ContainerStatus | undefined => pod?.status.containerStatuses?.[0];
/** What each container does by its name; every start of it takes the next entry, the last one stays. */
const byName = (table: Record<string, readonly ReturnType<Script>[]>): Script => {
  const starts = new Map<string, number>();
  return ({ metadata }) => {
    const name = metadata?.name ?? "";
    const n = starts.get(name) ?? 0;
    starts.set(name, n + 1);
    const list = table[name] ?? [{}];
    return list[Math.min(n, list.length - 1)] ?? {};
  };
};

test("a pod becomes Running and Ready, and is gone after it is deleted", async (t) => {
  const node = await startNode(t);
  await node.create("web", {});
  await node.eventually(() => assert.equal(conditions(node.pod("web"))["Ready"], "True"));
  const { status } = node.pod("web") as Pod;
  assert.equal(status.phase, "Running");
  assert.deepEqual(conditions(node.pod("web")), {
    PodReadyToStartContainers: "True",
    Initialized: "True",
    Ready: "True",
    ContainersReady: "True",
    PodScheduled: "True",
  });
  assert.equal(status.hostIP, "192.0.2.1");
  assert.match(status.podIP ?? "", /^10\.244\./);
  assert.equal(status.observedGeneration, 1);
  assert.deepEqual(node.events("web"), [
    `Pulled: Container image "${image}" already present on machine and can be accessed by the pod`,
    "Created: Container created",
    "Started: Container started",
  ]);
  await node.client.resource(pods).delete("web", "default");
  await node.eventually(() => assert.equal(node.pod("web"), undefined));
  await node.eventually(async () =>
    assert.deepEqual([(await node.runtime.listContainers({})).containers, (await node.runtime.listPodSandbox({})).items], [[], []]),
  );
});

test("a pod that ends is Succeeded or Failed by its exit code and policy", async (t) => {
  const node = await startNode(t, {
    script: byName({ good: [{ exitAfterMs: 5 }], bad: [{ exitAfterMs: 5, exitCode: 3, message: "disk on fire" }] }),
  });
  await node.create("good", { restartPolicy: "Never", containers: [app({ name: "good" })] });
  await node.create("bad", { restartPolicy: "Never", containers: [app({ name: "bad" })] });
  await node.eventually(() => assert.deepEqual([node.pod("good")?.status.phase, node.pod("bad")?.status.phase], ["Succeeded", "Failed"]));
  const ended = first(node.pod("bad"))?.state?.terminated;
  assert.deepEqual([ended?.exitCode, ended?.reason, ended?.message], [3, "Error", "disk on fire"]);
  assert.equal(first(node.pod("good"))?.state?.terminated?.reason, "Completed");
  assert.equal(node.pod("good")?.status.conditions?.find((c) => c.type === "Ready")?.reason, "PodCompleted");
});

test("a container that the runtime made before it broke off is not made again under its name", async (t) => {
  const runtime = newSimulatedRuntime({ images: [image] });
  const attempts: number[] = [];
  const breaking: Runtime = {
    ...runtime,
    async *events(signal) {
      await untilAborted(signal); // who was killed tells nothing
      yield* [];
    },
    async createContainer(request, options) {
      attempts.push(request.config?.metadata?.attempt ?? 0);
      const made = await runtime.createContainer(request, options);
      if (attempts.length === 1) throw new RuntimeError("Unavailable", "rpc error: code = Unavailable desc = read ECONNRESET");
      return made;
    },
  };
  const node = await startNode(t, {}, {}, breaking);
  await node.create("web", {});
  await node.eventually(() => assert.equal(conditions(node.pod("web"))["Ready"], "True"));
  assert.deepEqual(attempts, [0, 1]);
});

test("a pod waits for the runtime's network and says so; one of the node's network is told what failed", async (t) => {
  const runtime = newSimulatedRuntime({ images: [image] });
  let ready = false;
  const without: Runtime = {
    ...runtime,
    status: async (request) => ready ? await runtime.status(request) : { status: { conditions: [{ type: "RuntimeReady", status: true }, { type: "NetworkReady", status: false, reason: "NetworkPluginNotReady", message: "cni plugin not initialized" }] } },
    async runPodSandbox(request) {
      if (!ready) throw new RuntimeError("Unknown", "no network");
      return await runtime.runPodSandbox(request);
    },
  };
  const node = await startNode(t, {}, {}, without);
  await node.create("own", {});
  await node.create("host", { hostNetwork: true });
  await node.eventually(() => assert(node.events("own").includes("NetworkNotReady: network is not ready: container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:cni plugin not initialized"), node.events("own").join("\n")));
  await node.eventually(() => assert(node.events("host").includes("FailedCreatePodSandBox: Failed to create pod sandbox: no network"), node.events("host").join("\n")));
  assert(!node.events("own").some((event) => event.startsWith("FailedCreatePodSandBox")));
  ready = true;
  await node.eventually(() => assert.equal(conditions(node.pod("own"))["Ready"], "True"));
});

test("a container that the runtime does not start says why in the runtime's words, without gRPC's code", async (t) => {
  const startError = 'exec: "/nosuch": stat /nosuch: no such file or directory';
  const node = await startNode(t, { script: byName({ app: [{ startError }] }) });
  await node.create("bad", {});
  await node.eventually(() => assert(node.events("bad").includes(`Failed: Error: ${startError}`), node.events("bad").join("\n")));
});

test("a container that fails is restarted at once, then backs off", async (t) => {
  const node = await startNode(t, { script: byName({ app: [{ exitAfterMs: 5, exitCode: 1 }] }) });
  await node.create("crash", {});
  await node.eventually(() => assert.equal(first(node.pod("crash"))?.state?.waiting?.reason, "CrashLoopBackOff"));
  const pod = node.pod("crash") as Pod;
  assert.equal(first(pod)?.restartCount, 1);
  assert.equal(first(pod)?.lastState?.terminated?.exitCode, 1);
  assert.equal(first(pod)?.state?.waiting?.message, `back-off 10s restarting failed container=app pod=crash_default(${pod.metadata.uid})`);
  assert.equal(pod.status.phase, "Running");
  await node.eventually(() =>
    assert(node.events("crash").includes(`BackOff: Back-off restarting failed container app in pod crash_default(${pod.metadata.uid})`)),
  );
  await node.client.resource(pods).delete("crash", "default");
  await node.eventually(() => assert.equal(node.pod("crash"), undefined));
});

test("init containers run one after another before the rest", async (t) => {
  const node = await startNode(t, { script: byName({ one: [{ exitAfterMs: 5 }], two: [{ exitAfterMs: 30 }] }) });
  await node.create("init", { initContainers: [app({ name: "one" }), app({ name: "two" })] });
  await node.eventually(() => assert.equal(conditions(node.pod("init"))["Ready"], "True"));
  const { initContainerStatuses: [one, two] = [] } = (node.pod("init") as Pod).status;
  assert.deepEqual([one?.ready, two?.ready, one?.state?.terminated?.reason], [true, true, "Completed"]);
  const started = (await node.runtime.listContainers({})).containers ?? [];
  assert.deepEqual(
    started.sort((a, b) => Number(BigInt(a.createdAt ?? 0) - BigInt(b.createdAt ?? 0))).map((c) => c.metadata?.name),
    ["one", "two", "app"],
  );
});

test("an init container that fails for good fails the pod; the app waits for ever", async (t) => {
  const node = await startNode(t, { script: byName({ one: [{ exitAfterMs: 5, exitCode: 1 }] }) });
  await node.create("init", { restartPolicy: "Never", initContainers: [app({ name: "one" }), app({ name: "two" })] });
  await node.eventually(() => assert.equal(node.pod("init")?.status.phase, "Failed"));
  assert.equal(first(node.pod("init"))?.state?.waiting?.reason, "PodInitializing");
  const initialized = node.pod("init")?.status.conditions?.find((c) => c.type === "Initialized");
  assert.deepEqual(
    [initialized?.status, initialized?.reason, initialized?.message],
    ["False", "ContainersNotInitialized", "containers with incomplete status: [one two]"],
  );
});

test("a sidecar runs beside the app and does not keep the pod from ending", async (t) => {
  const node = await startNode(t, { script: byName({ app: [{ exitAfterMs: 20 }] }) });
  await node.create("job", { restartPolicy: "Never", initContainers: [app({ name: "proxy", restartPolicy: "Always" })] });
  await node.eventually(() => assert.equal(node.pod("job")?.status.phase, "Succeeded"));
  assert.notEqual(node.pod("job")?.status.initContainerStatuses?.[0]?.state?.terminated, undefined);
});

test("readiness follows the probe, and a failing liveness probe restarts", async (t) => {
  let healthy = true;
  let ready = false;
  const node = await startNode(t, {
    script: () => ({ exec: ([command]) => ({ exitCode: command === "live" ? Number(!healthy) : Number(!ready), stdout: "no" }) }),
  });
  const probe = (command: string) => ({ exec: { command: [command] }, periodSeconds: 1, failureThreshold: 1 });
  await node.create("probed", {
    containers: [app({ livenessProbe: probe("live"), readinessProbe: probe("ready") })],
    terminationGracePeriodSeconds: 1,
  });
  await node.eventually(() => assert(node.events("probed").includes("Unhealthy: Readiness probe failed: no")));
  assert.deepEqual(
    [
      first(node.pod("probed"))?.ready,
      first(node.pod("probed"))?.started,
      node.pod("probed")?.status.conditions?.find((c) => c.type === "Ready")?.message,
    ],
    [false, true, "containers with unready status: [app]"],
  );
  ready = true;
  await node.eventually(() => assert.equal(conditions(node.pod("probed"))["Ready"], "True"));
  healthy = false;
  await node.eventually(() => assert.equal(first(node.pod("probed"))?.restartCount, 1));
  assert(node.events("probed").includes("Killing: Container app failed liveness probe, will be restarted"));
});

test("an image that cannot be pulled is told as upstream tells it", async (t) => {
  const node = await startNode(t);
  const message = 'rpc error: code = NotFound desc = failed to pull and unpack image "example.com/none:1": not found';
  await node.create("pull", { containers: [app({ image: "example.com/none:1" })] });
  await node.eventually(() => assert.deepEqual(first(node.pod("pull"))?.state?.waiting, { reason: "ErrImagePull", message }));
  await node.eventually(() =>
    assert.deepEqual(first(node.pod("pull"))?.state?.waiting, {
      reason: "ImagePullBackOff",
      message: `Back-off pulling image "example.com/none:1": ErrImagePull: ${message}`,
    }),
  );
  assert.equal(node.pod("pull")?.status.phase, "Pending");
  await node.eventually(() =>
    assert.deepEqual(node.events("pull").slice(0, 3), [
      'Pulling: Pulling image "example.com/none:1"',
      `Failed: Failed to pull image "example.com/none:1": ${message}`,
      "Failed: Error: ErrImagePull",
    ]),
  );
  await node.create("never", { containers: [app({ image: "example.com/none:1", imagePullPolicy: "Never" })] });
  await node.eventually(() => assert.equal(first(node.pod("never"))?.state?.waiting?.reason, "ErrImageNeverPull"));
  await node.create("bad", { containers: [app({ image: "Not A Name" })] });
  await node.eventually(() => assert.equal(first(node.pod("bad"))?.state?.waiting?.reason, "InvalidImageName"));
});

test("a missing ConfigMap keeps the container waiting until it comes", async (t) => {
  const node = await startNode(t);
  await node.create("env", { containers: [app({ env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "late", key: "a" } } }] })] });
  await node.eventually(() =>
    assert.deepEqual(first(node.pod("env"))?.state?.waiting, { reason: "CreateContainerConfigError", message: 'configmaps "late" not found' }),
  );
  await node.client.resource(configMaps).create({ metadata: { name: "late", namespace: "default" }, data: { a: "1" } });
  await node.eventually(() => assert.equal(conditions(node.pod("env"))["Ready"], "True"));
});

const ofConfigMap = (name: string): Partial<Pod["spec"]> => ({
  volumes: [{ name: "config", configMap: { name } }, { name: "scratch", emptyDir: {} }],
  containers: [app({ volumeMounts: ["config", "scratch"].map((volume) => ({ name: volume, mountPath: `/${volume}` })) })],
});

test("nothing is made or pulled for a pod of whose volumes one cannot stand", async (t) => {
  const node = await startNode(t);
  await node.create("vol", ofConfigMap("late"));
  await node.eventually(() => assert.deepEqual(node.events("vol"), ['FailedMount: MountVolume.SetUp failed for volume "config" : configmap "late" not found']));
  assert.deepEqual((await node.runtime.listPodSandbox({})).items, []);
  assert.deepEqual([conditions(node.pod("vol"))["PodReadyToStartContainers"], node.pod("vol")?.status.podIP, first(node.pod("vol"))?.state], ["False", undefined, { waiting: { reason: "ContainerCreating" } }]);
  await node.client.resource(configMaps).create({ metadata: { name: "late", namespace: "default" }, data: { a: "1" } });
  await node.eventually(() => assert.equal(conditions(node.pod("vol"))["Ready"], "True"));
});

test("a volume whose ConfigMap has gone stays as it is, and its containers start again", async (t) => {
  const node = await startNode(t, { script: byName({ app: [{ exitAfterMs: 1_500 }, {}] }) });
  await node.client.resource(configMaps).create({ metadata: { name: "short", namespace: "default" }, data: { a: "1" } });
  await node.create("vol", ofConfigMap("short"));
  await node.eventually(() => assert.equal(conditions(node.pod("vol"))["Ready"], "True"));
  await node.client.resource(configMaps).delete("short", "default");
  await node.eventually(() => assert.deepEqual([first(node.pod("vol"))?.restartCount, first(node.pod("vol"))?.ready], [1, true]));
  assert.match(node.events("vol").join("\n"), /^FailedMount: MountVolume\.SetUp failed for volume "config" : configmap "short" not found$/m);
});

test("a pod past its deadline is Failed", async (t) => {
  const node = await startNode(t);
  await node.create("slow", { activeDeadlineSeconds: 1 });
  await node.eventually(() => assert.deepEqual([node.pod("slow")?.status.phase, node.pod("slow")?.status.reason], ["Failed", "DeadlineExceeded"]));
  assert.notEqual(first(node.pod("slow"))?.state?.terminated, undefined);
});

test("a pod that does not fit is refused with its reason", async (t) => {
  const node = await startNode(t);
  await node.create("huge", { containers: [app({ resources: { requests: { cpu: "1000" } } })] });
  await node.eventually(() => assert.equal(node.pod("huge")?.status.reason, "OutOfcpu"));
  assert.match(
    node.pod("huge")?.status.message ?? "",
    /^Pod was rejected: Node didn't have enough resource: cpu, requested: 1000000, used: 0, capacity: \d+$/,
  );
});

test("another kubelet takes the pods over without touching their containers", async (t) => {
  const node = await startNode(t);
  await node.create("web", { containers: [app({ readinessProbe: { exec: { command: ["true"] }, initialDelaySeconds: 0, periodSeconds: 1 } })] });
  await node.eventually(() => assert.equal(conditions(node.pod("web"))["Ready"], "True"));
  const before = first(node.pod("web"))?.containerID;
  const revision = node.client.revision;
  await node.restart();
  await node.create("next", {});
  await node.eventually(() => assert.equal(conditions(node.pod("next"))["Ready"], "True"));
  assert.deepEqual([first(node.pod("web"))?.containerID, first(node.pod("web"))?.restartCount], [before, 0]);
  assert.deepEqual(
    node.client.since(revision).filter((c) => c.resource === "pods" && c.object.metadata.name === "web"),
    [],
  );
});

test("what nobody owns any more is removed", async (t) => {
  const node = await startNode(t);
  await node.create("web", {});
  await node.eventually(() => assert.equal(conditions(node.pod("web"))["Ready"], "True"));
  await node.client.resource(pods).delete("web", "default", { gracePeriodSeconds: 0 });
  await node.eventually(async () => assert.deepEqual((await node.runtime.listPodSandbox({})).items, []));
});

test("hooks: a failing postStart kills the container, preStop runs before the end", async (t) => {
  const ran: string[] = [];
  const node = await startNode(t, {
    script: () => ({
      exec: ([command = ""]) => {
        ran.push(command);
        return { exitCode: command === "bad" ? 1 : 0 };
      },
    }),
  });
  await node.create("good", {
    containers: [app({ lifecycle: { postStart: { exec: { command: ["hello"] } }, preStop: { exec: { command: ["bye"] } } } })],
  });
  await node.eventually(() => assert.equal(conditions(node.pod("good"))["Ready"], "True"));
  await node.client.resource(pods).delete("good", "default");
  await node.eventually(() => assert.equal(node.pod("good"), undefined));
  assert.deepEqual(ran, ["hello", "bye"]);
  await node.create("bad", { restartPolicy: "Never", containers: [app({ lifecycle: { postStart: { exec: { command: ["bad"] } } } })] });
  await node.eventually(() => assert(node.events("bad").includes("FailedPostStartHook: PostStartHook failed")));
  await node.eventually(() => assert.equal(node.pod("bad")?.status.phase, "Failed"));
});

test("the pod's files: logs where upstream has them, a hosts file, a node that is Ready", async (t) => {
  const node = await startNode(t, { script: () => ({ log: "hello\n" }) });
  await node.create("files", { hostAliases: [{ ip: "192.0.2.7", hostnames: ["a.example", "b.example"] }] });
  await node.eventually(() => assert.equal(conditions(node.pod("files"))["Ready"], "True"));
  const found = await node.host.findContainer("default", "files", "app");
  assert.equal(found?.logPath, `${node.dir}/logs/default_files_${node.pod("files")?.metadata.uid}/app/0.log`);
  assert.match(await readFile(found?.logPath ?? "", "utf8"), /hello/);
  assert.match(
    await readFile(`${node.dir}/kubelet/pods/${node.pod("files")?.metadata.uid}/etc-hosts`, "utf8"),
    /192\.0\.2\.7\ta\.example\tb\.example/,
  );
  const ready = (await node.client.resource(nodes).get("n1")).status.conditions?.find((c) => c.type === "Ready");
  assert.deepEqual([ready?.status, ready?.reason, ready?.message], ["True", "KubeletReady", "kubelet is posting ready status"]);
});
