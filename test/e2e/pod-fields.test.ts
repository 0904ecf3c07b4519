/** Fields of a pod whose effect only real containers show. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import { eventually } from "#base/waiting.ts";
import { kubectlMinor } from "../support/kubectl.ts";
import { sharedInstance } from "../support/shared-instance.ts";
import { testNamespace } from "../support/test-namespace.ts";

const shared = sharedInstance();
const image = "seedpod.local/busybox:1";

describe("fields of a pod", { skip: shared === undefined && "needs root" }, () => {
  assert(shared !== undefined);
  const namespace = "pod-fields-test";
  const { json, kubectl, make, remove } = testNamespace(shared, namespace);
  const podOf = (name: string): Promise<Pod> => json<Pod>("get", "pod", name);
  const ready = (name: string): Promise<string> => kubectl("wait", "--for=condition=Ready", `pod/${name}`, "--timeout=60s");
  const sleeper = (name: string, container: object = {}, spec: object = {}): Promise<string> =>
    shared.kubectlWith(
      JSON.stringify({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name, namespace },
        spec: { terminationGracePeriodSeconds: 1, containers: [{ name: "app", image, command: ["sleep", "1000"], ...container }], ...spec },
      }),
      "create", "-f", "-",
    );
  /** What `kubectl --subresource` does, for a kubectl that has none. */
  const replace = async (name: string, subresource: string, change: (pod: Pod) => void): Promise<void> => {
    const pod = await podOf(name);
    change(pod);
    await shared.kubectlWith(JSON.stringify(pod), "replace", "--raw", `/api/v1/namespaces/${namespace}/pods/${name}/${subresource}`, "-f", "-");
  };
  const events = (name: string): Promise<string> => kubectl("get", "events", "--field-selector", `involvedObject.name=${name}`);

  before(make);
  after(() => remove());

  test("a container is resized while it runs, and goes back", async () => {
    const amounts = (cpu: string, memory: string): object => ({ requests: { cpu, memory }, limits: { cpu, memory } });
    await sleeper("resized", { resources: amounts("50m", "32Mi") });
    await ready("resized");
    const limit = (): Promise<string> =>
      kubectl("exec", "resized", "--", "sh", "-c", "cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || true");
    for (const [cpu, memory, bytes] of [["100m", "64Mi", 2 ** 26], ["50m", "32Mi", 2 ** 25]] as const) {
      await replace("resized", "resize", ({ spec }) => { spec.containers = spec.containers.map((c) => ({ ...c, resources: amounts(cpu, memory) })); });
      await eventually(async () => {
        const { status } = await podOf("resized");
        assert.deepEqual(status.containerStatuses?.[0]?.resources, amounts(cpu, memory));
        assert.deepEqual(status.conditions?.filter(({ type }) => type.startsWith("PodResize")), []);
      });
      assert.equal(await limit(), `${bytes}\n`);
    }
    assert.equal((await podOf("resized")).status.containerStatuses?.[0]?.restartCount, 0);
  });

  test("a pod with resources of its own is resized, and its containers with it", async () => {
    const amounts = (cpu: string, memory: string): object => ({ requests: { cpu, memory }, limits: { cpu, memory } });
    await sleeper("shares", {}, { resources: amounts("50m", "32Mi") });
    await ready("shares");
    const limit = (): Promise<string> =>
      kubectl("exec", "shares", "--", "sh", "-c", "cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || true");
    assert.equal(await limit(), `${2 ** 25}\n`);
    await replace("shares", "resize", ({ spec }) => { spec.resources = amounts("100m", "64Mi"); });
    await eventually(async () => {
      const { status } = await podOf("shares");
      assert.deepEqual([status.resources, status.allocatedResources, status.conditions?.filter(({ type }) => type.startsWith("PodResize"))], [amounts("100m", "64Mi"), { cpu: "100m", memory: "64Mi" }, []]);
    });
    assert.equal(await limit(), `${2 ** 26}\n`);
    const reasons = await kubectl("get", "events", "--field-selector=involvedObject.name=shares", "-o=jsonpath={.items[*].reason}");
    assert.deepEqual(reasons.split(" ").filter((reason) => reason.startsWith("Resize")).sort(), ["ResizeCompleted", "ResizeStarted"]);
  });

  test("a safe sysctl is set in the pod, an unsafe one is refused by the node", async () => {
    const sysctl = (name: string, value: string): object => ({ securityContext: { sysctls: [{ name, value }] } });
    await sleeper("safe", {}, sysctl("net.ipv4.ip_unprivileged_port_start", "80"));
    await sleeper("unsafe", {}, sysctl("kernel.msgmax", "65536"));
    await ready("safe");
    assert.equal(await kubectl("exec", "safe", "--", "cat", "/proc/sys/net/ipv4/ip_unprivileged_port_start"), "80\n");
    await eventually(async () => assert.equal((await podOf("unsafe")).status.reason, "SysctlForbidden"));
  });

  test("an ephemeral container sees its target's processes", async () => {
    await sleeper("debugged");
    await ready("debugged");
    if ((await kubectlMinor()) >= 25) await kubectl("debug", "debugged", `--image=${image}`, "--target=app", "--container=debugger", "--", "sleep", "1000");
    else await replace("debugged", "ephemeralcontainers", ({ spec }) => { spec.ephemeralContainers = [{ name: "debugger", image, targetContainerName: "app", command: ["sleep", "1000"] }]; });
    await eventually(async () => assert.match(await kubectl("exec", "debugged", "-c", "debugger", "--", "ps"), /^\s*1\s+\S+\s+sleep 1000$/m));
  });

  test("an image is a volume: read-only, not executed, whole or in part", async () => {
    const mounts = [{ name: "v", mountPath: "/whole" }, { name: "v", mountPath: "/part", subPath: "bin", readOnly: true }];
    await sleeper("image-volume", { volumeMounts: mounts }, { volumes: [{ name: "v", image: { reference: image, pullPolicy: "IfNotPresent" } }] });
    await sleeper("no-image", { volumeMounts: [{ name: "v", mountPath: "/v" }] }, { volumes: [{ name: "v", image: { reference: "seedpod.local/none:1", pullPolicy: "Never" } }] });
    await ready("image-volume");
    const tried = await kubectl("exec", "image-volume", "--", "sh", "-c", "ls /whole/bin/sh /part/sh; touch /whole/x 2>&1; /part/sh -c true 2>&1; true");
    assert.match(tried, /^\/whole\/bin\/sh\n\/part\/sh\n|^\/part\/sh\n\/whole\/bin\/sh\n/);
    assert.match(tried, /touch: .*Read-only file system\n.*Permission denied/);
    await eventually(async () => assert.equal((await podOf("no-image")).status.containerStatuses?.[0]?.state?.waiting?.reason, "ErrImageNeverPull"));
  });

  test("variables come from a file that an init container has left", async () => {
    const left = { name: "left", emptyDir: {} };
    const writer = { name: "writer", image, command: ["sh", "-c", `printf "# for the app\\nWORD='two words'\\n" > /left/env`], volumeMounts: [{ name: "left", mountPath: "/left" }] };
    await sleeper("env-file", { env: [{ name: "WORD", valueFrom: { fileKeyRef: { volumeName: "left", path: "env", key: "WORD" } } }] }, { volumes: [left], initContainers: [writer] });
    await ready("env-file");
    assert.equal(await kubectl("exec", "env-file", "--", "sh", "-c", "echo \"$WORD\""), "two words\n");
  });

  test("one container's end starts all of them anew, init containers too, in the same network", async () => {
    const left = { name: "left", emptyDir: {} };
    const use = (command: string): object => ({ image, volumeMounts: [{ name: "left", mountPath: "/left" }], command: ["sh", "-c", command] });
    const onExit = { restartPolicy: "Never", restartPolicyRules: [{ action: "RestartAllContainers", exitCodes: { operator: "In", values: [42] } }] };
    await sleeper("anew", {}, {
      volumes: [left], restartPolicy: "Never", initContainers: [{ name: "init", ...use("hostname -i >> /left/log") }],
      containers: [{ name: "app", ...use("[ $(wc -l < /left/log) -gt 1 ] && exec sleep 1000; sleep 1; exit 42"), ...onExit }, { name: "beside", image, command: ["sleep", "1000"] }],
    });
    await eventually(async () => {
      const { status: { initContainerStatuses = [], containerStatuses = [], conditions = [] } } = await podOf("anew");
      assert.deepEqual([...initContainerStatuses, ...containerStatuses].map(({ restartCount }) => restartCount), [1, 1, 1]);
      assert(containerStatuses.every(({ state }) => state?.running !== undefined));
      assert.equal(conditions.find(({ type }) => type === "AllContainersRestarting")?.status, "False");
    }, 60_000);
    const [first, second] = (await kubectl("exec", "anew", "-c", "app", "--", "cat", "/left/log")).split("\n");
    assert.equal(first, second);
  });

  test("what the runtime or this kubelet cannot do is refused, and the events say so", async () => {
    await sleeper("user-namespace", {}, { hostUsers: false });
    await eventually(async () => assert.match(await events("user-namespace"), /FailedCreatePodSandBox.*does not support user namespaces/));
  });
});
