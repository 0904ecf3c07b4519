/** What fields of a pod become in the runtime's requests, or how they are refused: one row each, on the simulated runtime. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Container, Pod } from "#api/gen/core-v1.ts";
import { runtimeClasses } from "#api/resources.ts";
import type { ContainerConfig, RunPodSandboxRequest, VersionResponse } from "#cri/gen/cri-v1.ts";
import { injectsCdi, isSince } from "../node/node-features.ts";
import { missingFeature } from "./admission-features.ts";
import { app, startNode, type FakeNode } from "../fake-node.ts";

interface Seen {
  readonly boxes: RunPodSandboxRequest[];
  readonly containers: ContainerConfig[];
}

function listen({ runtime }: FakeNode): Seen {
  const seen: Seen = { boxes: [], containers: [] };
  const { runPodSandbox, createContainer } = runtime;
  runtime.runPodSandbox = (request) => {
    seen.boxes.push(request);
    return runPodSandbox(request);
  };
  runtime.createContainer = (request) => {
    seen.containers.push(request.config ?? {});
    return createContainer(request);
  };
  return seen;
}

async function started(t: TestContext, spec: Partial<Pod["spec"]>, container: Partial<Container> = {}): Promise<Seen & { readonly node: FakeNode }> {
  const node = await startNode(t);
  const seen = listen(node);
  await node.create("p", { ...spec, containers: [app(container)] });
  await node.eventually(() => assert.equal(node.pod("p")?.status.phase, "Running"));
  return { ...seen, node };
}

interface Row {
  readonly field: string;
  readonly spec?: Partial<Pod["spec"]>;
  readonly container?: Partial<Container>;
  /** Of the sandbox's request, or of the container's configuration. */
  readonly box?: (request: RunPodSandboxRequest) => unknown;
  readonly made?: (config: ContainerConfig) => unknown;
  readonly want: unknown;
}

const security = (config: ContainerConfig): NonNullable<NonNullable<ContainerConfig["linux"]>["securityContext"]> => config.linux?.securityContext ?? {};
const boxOf = ({ config }: RunPodSandboxRequest): NonNullable<NonNullable<RunPodSandboxRequest["config"]>["linux"]> => config?.linux ?? {};
const mountAt =
  (path: string) =>
  (config: ContainerConfig): unknown => {
    const { readonly, propagation, recursiveReadOnly } = config.mounts?.find((m) => m.containerPath === path) ?? {};
    return { readonly, propagation, ...(recursiveReadOnly !== undefined && { recursiveReadOnly }) };
  };
const scratch: Partial<Pod["spec"]> = { volumes: [{ name: "v", emptyDir: {} }] };

const rows: readonly Row[] = [
  { field: "sysctls", spec: { securityContext: { sysctls: [{ name: "net/ipv4/tcp_syncookies", value: "0" }] } }, box: (r) => boxOf(r).sysctls, want: { "net.ipv4.tcp_syncookies": "0" } },
  { field: "setHostnameAsFQDN", spec: { setHostnameAsFQDN: true, hostname: "a", subdomain: "b" }, box: (r) => r.config?.hostname, want: "a.b.default.svc.cluster.local" },
  { field: "hostnameOverride", spec: { hostnameOverride: "other" }, box: (r) => r.config?.hostname, want: "other" },
  { field: "overhead", spec: { overhead: { cpu: "250m", memory: "1Mi" } }, box: (r) => boxOf(r).overhead, want: { cpuShares: "256", memoryLimitInBytes: "1048576" } },
  { field: "resources of the pod", spec: { resources: { requests: { cpu: "500m" }, limits: { cpu: "1", memory: "64Mi" } } }, box: (r) => boxOf(r).resources, want: { cpuPeriod: "100000", cpuShares: "512", cpuQuota: "100000", memoryLimitInBytes: "67108864" } },
  { field: "hostPID", spec: { hostPID: true }, box: (r) => boxOf(r).securityContext?.namespaceOptions?.pid, want: "NODE" },
  { field: "hostIPC", spec: { hostIPC: true }, box: (r) => boxOf(r).securityContext?.namespaceOptions?.ipc, want: "NODE" },
  { field: "shareProcessNamespace", spec: { shareProcessNamespace: true }, box: (r) => boxOf(r).securityContext?.namespaceOptions?.pid, want: "POD" },
  { field: "stopSignal", container: { lifecycle: { stopSignal: "SIGUSR1" } }, made: (c) => c.stopSignal, want: "SIGUSR1" },
  { field: "stdin, stdinOnce, tty", container: { stdin: true, stdinOnce: true, tty: true }, made: (c) => [c.stdin, c.stdinOnce, c.tty], want: [true, true, true] },
  { field: "workingDir", container: { workingDir: "/srv" }, made: (c) => c.workingDir, want: "/srv" },
  { field: "mountPropagation", spec: scratch, container: { volumeMounts: [{ name: "v", mountPath: "/v", mountPropagation: "HostToContainer" }] }, made: mountAt("/v"), want: { readonly: false, propagation: "PROPAGATION_HOST_TO_CONTAINER" } },
  { field: "recursiveReadOnly, where it is possible", spec: scratch, container: { volumeMounts: [{ name: "v", mountPath: "/v", readOnly: true, recursiveReadOnly: "IfPossible" }] }, made: mountAt("/v"), want: { readonly: true, propagation: "PROPAGATION_PRIVATE" } },
  { field: "seccomp Localhost", container: { securityContext: { seccompProfile: { type: "Localhost", localhostProfile: "a/b.json" } } }, made: (c) => [security(c).seccomp?.profileType, security(c).seccomp?.localhostRef?.endsWith("/seccomp/a/b.json")], want: ["Localhost", true] },
  { field: "seccomp of the pod", spec: { securityContext: { seccompProfile: { type: "RuntimeDefault" } } }, made: (c) => security(c).seccomp, want: { profileType: "RuntimeDefault" } },
  { field: "procMount", container: { securityContext: { procMount: "Unmasked" } }, made: (c) => [security(c).maskedPaths, security(c).readonlyPaths], want: [[], []] },
  { field: "capabilities", container: { securityContext: { capabilities: { add: ["NET_ADMIN"], drop: ["ALL"] } } }, made: (c) => security(c).capabilities, want: { addCapabilities: ["NET_ADMIN"], dropCapabilities: ["ALL"] } },
  { field: "allowPrivilegeEscalation", container: { securityContext: { allowPrivilegeEscalation: false } }, made: (c) => security(c).noNewPrivs, want: true },
  { field: "readOnlyRootFilesystem", container: { securityContext: { readOnlyRootFilesystem: true } }, made: (c) => security(c).readonlyRootfs, want: true },
  { field: "seLinuxOptions", spec: { securityContext: { seLinuxOptions: { level: "s0:c1" } } }, made: (c) => security(c).selinuxOptions, want: { level: "s0:c1" } },
  { field: "runAsUser and runAsGroup", spec: { securityContext: { runAsUser: 1, runAsGroup: 2 } }, container: { securityContext: { runAsUser: 3 } }, made: (c) => [security(c).runAsUser?.value, security(c).runAsGroup?.value], want: ["3", "2"] },
  { field: "fsGroup and supplementalGroups", spec: { securityContext: { fsGroup: 5, supplementalGroups: [6, 7] } }, made: (c) => security(c).supplementalGroups, want: ["5", "6", "7"] },
  { field: "resources of the container", container: { resources: { requests: { cpu: "100m" }, limits: { cpu: "200m", memory: "1Mi", "hugepages-2Mi": "4Mi" } } }, made: (c) => [c.linux?.resources?.cpuShares, c.linux?.resources?.cpuQuota, c.linux?.resources?.memoryLimitInBytes, c.linux?.resources?.hugepageLimits], want: ["102", "20000", "1048576", [{ pageSize: "2MB", limit: "4194304" }]] },
];
for (const { field, spec, container, box, made, want } of rows)
  test(`${field} reaches the runtime`, async (t) => {
    const { boxes, containers } = await started(t, spec ?? {}, container);
    assert.deepEqual(box === undefined ? made?.(containers[0] ?? {}) : box(boxes[0] ?? {}), want);
  });

const refusals: readonly { readonly field: string; readonly spec?: Partial<Pod["spec"]>; readonly container?: Partial<Container>; readonly event: string }[] = [
  { field: "an unsafe sysctl", spec: { securityContext: { sysctls: [{ name: "kernel.msgmax", value: "1" }] } }, event: 'SysctlForbidden: forbidden sysctl: "kernel.msgmax" not allowlisted' },
  { field: "a sysctl of the host's network", spec: { hostNetwork: true, securityContext: { sysctls: [{ name: "net.ipv4.tcp_syncookies", value: "1" }] } }, event: 'SysctlForbidden: forbidden sysctl: "net.ipv4.tcp_syncookies" not allowed with host net enabled' },
  { field: "another operating system", spec: { os: { name: "windows" } }, event: "PodOSNotSupported: Failed to admit pod as the OS field doesn't match node OS" },
  { field: "strict groups", spec: { securityContext: { supplementalGroupsPolicy: "Strict" } }, event: "SupplementalGroupsPolicyNotSupported: SupplementalGroupsPolicy=Strict is not supported in this node" },
  { field: "more CPU than there is, for the pod itself", spec: { resources: { requests: { cpu: "100k" } } }, event: "OutOfcpu: " },
  { field: "a user namespace", spec: { hostUsers: false }, event: "FailedCreatePodSandBox: Failed to create pod sandbox: can't set `spec.hostUsers: false`, runtime does not support user namespaces: the handler \"\" is not known" },
  { field: "a name too long for the kernel", spec: { setHostnameAsFQDN: true, hostname: "h".repeat(40), subdomain: "sub" }, event: `FailedCreatePodSandBox: Failed to create pod sandbox: failed to construct FQDN from pod hostname and cluster domain, FQDN ${"h".repeat(40)}.sub.default.svc.cluster.local is too long (64 characters is the max, 70 characters requested)` },
  { field: "a runtime class that is not there", spec: { runtimeClassName: "gone" }, event: 'FailedCreatePodSandBox: Failed to create pod sandbox: runtimeclasses.node.k8s.io "gone" not found' },
  { field: "a resource claim that is not there", spec: { resourceClaims: [{ name: "gpu", resourceClaimName: "c" }] }, event: 'FailedPrepareDynamicResources: Failed to prepare dynamic resources: prepare dynamic resources: fetch ResourceClaim c: resourceclaims.resource.k8s.io "c" not found' },
  { field: "a mount read-only all the way", spec: scratch, container: { volumeMounts: [{ name: "v", mountPath: "/v", readOnly: true, recursiveReadOnly: "Enabled" }] }, event: 'Failed: Error: volume "v" requested recursive read-only mode, but it is not supported by the runtime' },
  { field: "a device of a file system", spec: scratch, container: { volumeDevices: [{ name: "v", devicePath: "/dev/v" }] }, event: 'FailedMount: MountVolume.SetUp failed for volume "v" : volume v has volumeMode Filesystem, but is specified in volumeDevices' },
];
for (const { field, spec, container, event } of refusals)
  test(`${field} is refused, and the events say so`, async (t) => {
    const node = await startNode(t);
    const { containers } = listen(node);
    await node.create("p", { ...spec, containers: [app(container)] });
    await node.eventually(() => assert(node.events("p").some((e) => e.startsWith(event)), node.events("p").join("\n")));
    assert.deepEqual(containers, []);
  });

test("AppArmor is refused where the host has none, and a profile of none is not asked for", () => {
  const asking = (type: "RuntimeDefault" | "Unconfined"): Pod => ({
    metadata: { name: "p" },
    spec: { containers: [app({ securityContext: { appArmorProfile: { type } } })] },
    status: {},
  });
  const without = { appArmor: false, supplementalGroupsPolicy: false, recursiveReadOnly: false, imageMounts: false, imageSubPaths: false, cdi: false, userNamespaces: new Map<string, boolean>() };
  const want = { reason: "AppArmor", message: "Cannot enforce AppArmor: AppArmor is not enabled on the host" };
  assert.deepEqual([missingFeature(asking("RuntimeDefault"), without), missingFeature(asking("Unconfined"), without)], [want, undefined]);
  assert.equal(missingFeature(asking("RuntimeDefault"), { ...without, appArmor: true }), undefined);
});

test("a runtime class chooses the runtime's handler", async (t) => {
  const node = await startNode(t);
  const { boxes } = listen(node);
  await node.client.resource(runtimeClasses).create({ metadata: { name: "sandboxed" }, handler: "runsc" });
  await node.create("p", { runtimeClassName: "sandboxed" });
  await node.eventually(() => assert.equal(boxes[0]?.runtimeHandler, "runsc"));
});

const files = (pullPolicy?: "Never"): Partial<Pod["spec"]> => ({ volumes: [{ name: "v", image: { reference: "example.com/files:1", ...(pullPolicy && { pullPolicy }) } }] });
const showing = { volumeMounts: [{ name: "v", mountPath: "/v", subPath: "a/b" }] };

test("an image as a volume is pulled, and mounted by a runtime that can", async (t) => {
  const node = await startNode(t, { pull: () => Promise.resolve() });
  const { containers } = listen(node);
  await node.create("p", { ...files(), containers: [app(showing)] });
  await node.eventually(() => assert.equal(node.pod("p")?.status.phase, "Running"));
  const { image: mounted, ...mount } = containers[0]?.mounts?.find((m) => m.containerPath === "/v") ?? {};
  assert.deepEqual(mount, { containerPath: "/v", readonly: true, imageSubPath: "a/b" });
  assert.equal(mounted?.userSpecifiedImage, "example.com/files:1");
  const { image: present } = await node.runtime.images.imageStatus({ image: { image: "example.com/files:1" } });
  assert.equal(mounted.image, present?.id);
  assert(node.events("p").includes('Pulling: Pulling image "example.com/files:1"'));
});

test("only the containers that mount an image wait for it, and say why", async (t) => {
  const node = await startNode(t);
  await node.create("p", { ...files("Never"), containers: [app(showing), { ...app(), name: "other" }] });
  await node.eventually(() => assert(node.pod("p")?.status.containerStatuses?.find((c) => c.name === "other")?.state?.running));
  await node.eventually(() => {
    const state = node.pod("p")?.status.containerStatuses?.find((c) => c.name === "app")?.state;
    assert.deepEqual(state?.waiting, { reason: "ErrImageNeverPull", message: 'Container image "example.com/files:1" is not present with pull policy of Never' });
  });
  await node.create("q", { ...files(), containers: [app(showing)] });
  await node.eventually(() => assert.match(node.pod("q")?.status.containerStatuses?.[0]?.state?.waiting?.reason ?? "", /^(ErrImagePull|ImagePullBackOff)$/));
  await node.eventually(() => assert(node.events("q").some((e) => e.startsWith('Failed: Failed to pull image "example.com/files:1": '))));
});

const versions = [
  { runtimeName: "containerd", runtimeVersion: "1.6.20~ds1", want: [false, false] },
  { runtimeName: "containerd", runtimeVersion: "v2.0.5", want: [false, false] },
  { runtimeName: "containerd", runtimeVersion: "v2.1.0", want: [true, false] },
  { runtimeName: "containerd", runtimeVersion: "2.2.0", want: [true, true] },
  { runtimeName: "containerd", runtimeVersion: "3.0.0", want: [true, true] },
  { runtimeName: "cri-o", runtimeVersion: "1.34.0", want: [true, true] },
];
for (const { want, ...version } of versions)
  test(`${version.runtimeName} ${version.runtimeVersion} and images as mounts`, () => assert.deepEqual([isSince(version, 2, 1), isSince(version, 2, 2)], want));

test("users of its own reach the sandbox, its containers and all that they mount", async (t) => {
  const node = await startNode(t);
  const { status } = node.runtime;
  node.runtime.status = async (request) => ({ ...(await status(request)), runtimeHandlers: [{ name: "", features: { userNamespaces: true } }] });
  await node.restart(); // what the runtime can do is asked once
  const { boxes, containers } = listen(node);
  await node.create("p", { ...scratch, hostUsers: false, containers: [app({ volumeMounts: [{ name: "v", mountPath: "/v" }] })] });
  await node.eventually(() => assert.equal(node.pod("p")?.status.phase, "Running"));
  const ids = [{ hostId: 65_536, containerId: 0, length: 65_536 }];
  const want = { mode: "POD", uids: ids, gids: ids };
  assert.deepEqual(boxes[0]?.config?.linux?.securityContext?.namespaceOptions?.usernsOptions, want);
  assert.deepEqual(security(containers[0] ?? {}).namespaceOptions?.usernsOptions, want);
  assert.deepEqual(containers[0]?.mounts?.map((m) => [m.uidMappings, m.gidMappings]), containers[0]?.mounts?.map(() => [ids, ids]));
});

test("a stop signal that the runtime drops without a word is refused", async (t) => {
  const node = await startNode(t);
  const { containerStatus } = node.runtime;
  node.runtime.containerStatus = async (request) => {
    const { stopSignal: _, ...status } = (await containerStatus(request)).status ?? {};
    return { status };
  };
  await node.create("p", { containers: [app({ lifecycle: { stopSignal: "SIGUSR1" } })] });
  await node.eventually(() => assert(node.events("p").includes("Failed: Error: lifecycle.stopSignal SIGUSR1 is not supported by the container runtime")));
  await node.eventually(async () => assert.deepEqual((await node.runtime.listContainers({})).containers, []));
});

test("an ephemeral container joins its target, and waits for one that is not there", async (t) => {
  const { node, containers } = await started(t, {});
  const debug = (target: string): Partial<Pod["spec"]> => ({ ephemeralContainers: [{ ...app(), name: "debug", targetContainerName: target }] });
  const pod = node.pod("p") as Pod;
  const update = (next: Pod): unknown => node.client.write("pods", next, "MODIFIED");
  update({ ...pod, spec: { ...pod.spec, ...debug("nobody") } });
  await node.eventually(() => assert(node.events("p").includes("Failed: Error: unable to find target container nobody")));
  update({ ...(node.pod("p") as Pod), spec: { ...pod.spec, ...debug("app") } });
  await node.eventually(() => assert.equal(containers.length, 2));
  const { pid, targetId } = security(containers[1] ?? {}).namespaceOptions ?? {};
  assert.deepEqual([pid, `simulated://${targetId ?? ""}`], ["TARGET", node.pod("p")?.status.containerStatuses?.[0]?.containerID]);
});

test("containerd's settings say whether it injects CDI devices, others do in any case", () => {
  const containerd = (runtimeVersion: string): VersionResponse => ({ runtimeName: "containerd", runtimeVersion });
  const cases: readonly (readonly [VersionResponse | undefined, Record<string, string>, boolean])[] = [
    [containerd("1.6.20~ds1"), { config: '{"enableSelinux":false}' }, false], [containerd("1.7.2"), { config: '{"enableCDI":true,"cdiSpecDirs":[]}' }, true], [containerd("1.7.2"), { config: '{"enableCDI":false}' }, false],
    [containerd("v2.0.1"), { config: '{"enableCDI":false}' }, false], [containerd("v2.2.0"), { config: "{}" }, true], [{ runtimeName: "cri-o", runtimeVersion: "1.33.0" }, {}, true], [undefined, {}, false],
  ];
  for (const [version, info, want] of cases) assert.equal(injectsCdi(info, version), want, `${version?.runtimeVersion} ${info["config"]}`);
});
