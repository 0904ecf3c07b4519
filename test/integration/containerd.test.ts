import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { systemClock } from "#base/clock.ts";
import { processAt, readPidFile, signalProcess } from "#base/daemon.ts";
import { tryExec } from "#base/exec.ts";
import { silent } from "#base/log.ts";
import { until } from "#base/waiting.ts";
import { setUpNetwork, type NodeNetwork } from "#cni/node-network.ts";
import { remains, stopInstance } from "#cmd/cleanup.ts";
import { instancePaths } from "#cmd/instance.ts";
import { importImages, instanceContainerd } from "#cmd/node-runtime.ts";
import { requireProgram } from "#cmd/requirements.ts";
import { newGrpcRuntime } from "#cri/grpc/runtime.ts";
import type { PodSandboxConfig } from "#cri/gen/cri-v1.ts";
import type { Runtime } from "#cri/runtime.ts";
import { demoArchive, demoImages } from "#images/demo-images.ts";
import { architectureOf, pauseArchive } from "#images/pause-image.ts";

const root = process.getuid?.() === 0;

describe("a node's runtime and network", { skip: root ? false : "needs root" }, () => {
  const paths = instancePaths(mkdtempSync(join(tmpdir(), "seedpod-node-")));
  const stop = new AbortController();
  const network: NodeNetwork = {
    name: paths.networkName, table: paths.table, bridge: paths.bridge, podCidr: "10.242.0.0/24", serviceCidr: "10.243.0.0/16", mtu: 1400,
    apiServer: { address: "127.0.0.1", port: 1 }, configDir: join(paths.cniDir, "conf.d"), addressDir: join(paths.cniDir, "networks"),
  };
  const runtime: Runtime = newGrpcRuntime(paths.containerdSocket);
  let supervised: Promise<void> | undefined;

  before(async () => {
    const supervisor = await instanceContainerd(paths, systemClock, silent);
    await setUpNetwork(network);
    await supervisor.start(stop.signal);
    supervised = supervisor.run(stop.signal);
    const architecture = architectureOf(process.arch);
    await importImages(requireProgram("ctr"), paths, await pauseArchive(architecture));
    assert.deepEqual((await importImages(requireProgram("ctr"), paths, await demoArchive(architecture, () => {}))).sort(), [demoImages.busybox, demoImages.nginx]);
  });

  after(async () => {
    stop.abort();
    await supervised;
    runtime.close();
    await stopInstance(paths, systemClock, silent, { graceSeconds: 0, progress: () => {} }, AbortSignal.timeout(60_000));
    rmSync(paths.dataDir, { recursive: true });
  });

  const startPod = async (): Promise<{ sandbox: string; container: string; ip: string; pid: number }> => {
    const logDirectory = join(paths.dataDir, "pods");
    mkdirSync(logDirectory, { recursive: true });
    const config: PodSandboxConfig = { metadata: { name: "web", uid: crypto.randomUUID(), namespace: "default", attempt: 0 }, hostname: "web", logDirectory, linux: { cgroupParent: `${paths.cgroupParent}/pod`, securityContext: { namespaceOptions: { network: "POD", pid: "POD", ipc: "POD" } } }, portMappings: [{ containerPort: 80, hostPort: 18080, protocol: "TCP" }] };
    const { podSandboxId: sandbox = "" } = await runtime.runPodSandbox({ config });
    const { containerId: container = "" } = await runtime.createContainer({ podSandboxId: sandbox, config: { metadata: { name: "nginx", attempt: 0 }, image: { image: demoImages.nginx }, logPath: "nginx.log" }, sandboxConfig: config });
    await runtime.startContainer({ containerId: container });
    const { status } = await runtime.podSandboxStatus({ podSandboxId: sandbox });
    const { info } = await runtime.containerStatus({ containerId: container, verbose: true });
    return { sandbox, container, ip: status?.network?.ip ?? "", pid: (JSON.parse(info?.["info"] ?? "{}") as { pid: number }).pid };
  };

  const answers = async (url: string): Promise<boolean> => (await fetch(url).then((response) => response.ok, () => false));

  test("an nginx answers at its pod's address and at the host's port, and outlives a killed containerd", async () => {
    const pod = await startPod();
    await until("pod address", () => answers(`http://${pod.ip}/`));
    await until("host port", () => answers("http://127.0.0.1:18080/"));
    assert.match(readFileSync(join("/proc", String(pod.pid), "cgroup"), "utf8"), new RegExp(paths.cgroupParent));

    const before = processAt(pod.pid);
    const containerd = readPidFile(paths.containerdPid);
    assert(before !== undefined && containerd !== undefined);
    signalProcess(containerd, "SIGKILL");
    await until("a new containerd", async () => (await runtime.listContainers({}).catch(() => ({ containers: [] }))).containers?.some(({ id, state }) => id === pod.container && state === "CONTAINER_RUNNING") === true);
    assert.notEqual(readPidFile(paths.containerdPid)?.pid, containerd.pid);
    assert.deepEqual(processAt(pod.pid), before);
    assert.ok(await answers(`http://${pod.ip}/`));
  });

  test("down leaves nothing, also with containerd dead and its shim killed", async () => {
    const pod = await startPod().catch(() => undefined); // the port is taken by the first pod, or not: either is fine
    stop.abort();
    await supervised;
    const containerd = readPidFile(paths.containerdPid);
    assert(containerd !== undefined);
    signalProcess(containerd, "SIGKILL");
    if (pod !== undefined) assert.ok(processAt(pod.pid));
    const left = await stopInstance(paths, systemClock, silent, { graceSeconds: 0, progress: () => {} }, AbortSignal.timeout(60_000));
    assert.deepEqual(left, []);
    assert.deepEqual(remains(paths), []);
    assert.doesNotMatch((await tryExec("nft", ["list", "tables"])).stdout, new RegExp(paths.table));
    assert.doesNotMatch((await tryExec("iptables-save", [])).stdout, new RegExp(paths.networkName));
  });
});
