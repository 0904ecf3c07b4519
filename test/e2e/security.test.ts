/** What a pod, or somebody who reaches a node, must not be able to do: on real containers and the real kubelet. */
import assert from "node:assert/strict";
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Node, Pod, Volume } from "#api/gen/core-v1.ts";
import { eventually as within } from "#base/waiting.ts";
import { runningProcess } from "#cmd/processes.ts";
import { sharedInstance } from "../support/shared-instance.ts";
import { testNamespace } from "../support/test-namespace.ts";
import { userImages } from "../support/user-image.ts";

const shared = sharedInstance();
const image = "seedpod.local/busybox:1";
const namespace = "security-test";
/** Everything here runs at once, on machines that may be busy. */
const eventually = <T>(check: () => Promise<T>): Promise<T> => within(check, 150_000);

describe("security", { skip: shared === undefined && "needs root", concurrency: true }, () => {
  assert(shared !== undefined);
  const { settings } = shared;
  /** A directory of the host that pods must not read or change, with the file `canary`. */
  const host = mkdtempSync(join(tmpdir(), "seedpod-canary-"));
  const secret = "c4n4ry-of-the-host";
  const { json, kubectl, make, remove } = testNamespace(shared, namespace);
  const podOf = (name: string): Promise<Pod> => json<Pod>("get", "pod", name);
  const ready = (name: string): Promise<string> => kubectl("wait", "--for=condition=Ready", `pod/${name}`, "--timeout=150s");
  const create = (object: object): Promise<string> => shared.kubectlWith(JSON.stringify(object), "create", "-f", "-");
  const newPod = (name: string, container: object, spec: object = {}): Promise<string> => create({
    apiVersion: "v1", kind: "Pod", metadata: { name, namespace },
    spec: { terminationGracePeriodSeconds: 0, automountServiceAccountToken: false, containers: [{ name: "app", image, command: ["sleep", "1000"], ...container }], ...spec },
  });
  const filesOf = async (name: string): Promise<string> => join(settings.kubeletDir, "pods", (await podOf(name)).metadata.uid ?? "");
  const gone = (name: string): Promise<string> => kubectl("delete", "pod", name, "--wait=true", "--timeout=150s");
  const events = (name: string): Promise<string> => kubectl("get", "events", "--field-selector", `involvedObject.name=${name}`);
  const waiting = (name: string, reason: RegExp, message: RegExp): Promise<void> => eventually(async () => {
    const state = (await podOf(name)).status.containerStatuses?.[0]?.state?.waiting;
    assert.match(`${state?.reason} ${state?.message}`, new RegExp(`${reason.source}.*${message.source}`));
  });
  const kubelet = (path: string, { method = "GET", token, upgrade }: { method?: string; token?: string; upgrade?: true } = {}): Promise<number> => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const headers = { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...(upgrade && { connection: "Upgrade", upgrade: "SPDY/3.1", "x-stream-protocol-version": "v4.channel.k8s.io" }) };
    const asked = request({ host: "127.0.0.1", port: settings.kubeletPort, path, method, headers, rejectUnauthorized: false, agent: false }, (response) => { response.resume(); resolve(response.statusCode ?? 0); });
    asked.on("upgrade", (response, socket) => { socket.destroy(); resolve(response.statusCode ?? 0); });
    asked.on("error", reject).end();
    return promise;
  };

  before(async () => {
    writeFileSync(join(host, "canary"), secret);
    const archive = join(host, "images.tar");
    writeFileSync(archive, await userImages({ "seedpod.local/user-large:1": "4294967296", "seedpod.local/user-name:1": "www-data", "seedpod.local/user-1234:1": "1234" }));
    await shared.run("image", "load", archive);
    await make();
  });
  after(async () => {
    await remove(150);
    rmSync(host, { recursive: true });
  });

  test("row 3: a pod that exchanges a directory for a link never sees the host by a subPath (CVE-2017-1002101, CVE-2021-25741)", async () => {
    const names = Array.from({ length: 24 }, (_, i) => `victim${i}`);
    const volumeMounts = [{ name: "v", mountPath: "/v" }];
    const exchange = "mkdir /v/real; ln -s / /v/evil; while :; do mv /v/real /v/x; mv -T /v/evil /v/real; mv -T /v/real /v/evil; mv /v/x /v/real; true | true | true; done";
    await newPod("race", {}, {
      volumes: [{ name: "v", emptyDir: {} }], restartPolicy: "OnFailure",
      initContainers: [{ name: "racer", image, restartPolicy: "Always", command: ["sh", "-c", exchange], volumeMounts }],
      containers: names.map((name) => ({ name, image, command: ["sh", "-c", `cat /a${host}/canary /b${host}/canary; ls /a /b`], volumeMounts: ["/a", "/b"].map((mountPath) => ({ name: "v", mountPath, subPath: "real" })) })),
    });
    await eventually(async () => {
      const ran = (await podOf("race")).status.containerStatuses?.filter(({ state, lastState }) => (state?.terminated ?? lastState?.terminated) !== undefined).map(({ name }) => name) ?? [];
      for (const name of ran) assert.doesNotMatch(await kubectl("logs", "race", "-c", name), new RegExp(secret));
      assert.ok(ran.length >= 6, `${ran.length} containers had their mounts`);
    });
    await gone("race");
  });

  test("row 4: a volume whose ..data leads to the host's files leaves them alone (CVE-2017-1002102)", async () => {
    const outside = join(host, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "key"), secret);
    await kubectl("create", "configmap", "for-links", "--from-literal=key=value");
    await newPod("links", { command: ["sh", "-c", `ln -s ${outside} /e/link; sleep 1000`], volumeMounts: [{ name: "c", mountPath: "/c", readOnly: false }, { name: "e", mountPath: "/e" }, { name: "h", mountPath: "/h" }] }, {
      volumes: [{ name: "c", configMap: { name: "for-links" } }, { name: "e", emptyDir: {} }, { name: "h", hostPath: { path: outside } }],
    });
    await ready("links");
    for (const change of [["rm", "/c/..data"], ["ln", "-s", outside, "/c/x"], ["mv", "/c/..data", "/c/y"]]) assert.match((await shared.tryKubectl("-n", namespace, "exec", "links", "--", ...change)).stderr, /Read-only file system/);
    const volume = join(await filesOf("links"), "volumes/kubernetes.io~configmap/c");
    assert.match(readlinkSync(join(volume, "..data")), /^\.\.\d{4}_/);
    unlinkSync(join(volume, "..data"));
    symlinkSync(outside, join(volume, "..data"));
    symlinkSync(outside, join(volume, "..2020_01_01_00_00_00.123456"));
    await gone("links");
    await eventually(async () => assert.equal(existsSync(volume), false));
    assert.deepEqual(readdirSync(outside), ["key"]);
    assert.equal(readFileSync(join(outside, "key"), "utf8"), secret);
  });

  test("row 22: RuntimeDefault is a filter in the kernel; a profile that is not there starts nothing", async () => {
    const profile = (type: string, localhostProfile?: string): object => ({ securityContext: { seccompProfile: { type, ...(localhostProfile !== undefined && { localhostProfile }) } } });
    await Promise.all([newPod("filtered", profile("RuntimeDefault")), newPod("unfiltered", profile("Unconfined")), newPod("missing-profile", profile("Localhost", "missing.json"))]);
    for (const [name, mode] of [["filtered", 2], ["unfiltered", 0]] as const) {
      await ready(name);
      assert.equal((await kubectl("exec", name, "--", "grep", "Seccomp:", "/proc/1/status")).trim(), `Seccomp:\t${mode}`);
    }
    await waiting("missing-profile", /Create\w+Error/, /missing\.json/);
  });

  test("row 23: an image whose user cannot be told to be no root does not run as runAsNonRoot (CVE-2019-11245)", async () => {
    const nonRoot = { securityContext: { runAsNonRoot: true } };
    await Promise.all([
      newPod("large", { image: "seedpod.local/user-large:1" }, nonRoot), newPod("large-any", { image: "seedpod.local/user-large:1" }), newPod("named", { image: "seedpod.local/user-name:1" }, nonRoot), newPod("root", {}, nonRoot),
    ]);
    for (const name of ["large", "large-any"]) await waiting(name, /CreateContainerConfigError/, /container's user 4294967296 is not a valid user id/);
    await waiting("named", /CreateContainerConfigError/, /container has runAsNonRoot and image has non-numeric user \(www-data\), cannot verify user is non-root/);
    await waiting("root", /CreateContainerConfigError/, /container has runAsNonRoot and image will run as root/);
  });

  test("row 23: the user is the same after three restarts (CVE-2019-11245)", async () => {
    await newPod("restarted", { image: "seedpod.local/user-1234:1", command: ["sh", "-c", "id -u >> /out/uids"], volumeMounts: [{ name: "out", mountPath: "/out" }] }, { volumes: [{ name: "out", emptyDir: {} }], securityContext: { runAsNonRoot: true } });
    await eventually(async () => assert.ok(((await podOf("restarted")).status.containerStatuses?.[0]?.restartCount ?? 0) >= 3));
    assert.deepEqual([...new Set(readFileSync(join(await filesOf("restarted"), "volumes/kubernetes.io~empty-dir/out/uids"), "utf8").trim().split("\n"))], ["1234"]);
  });

  test("row 24: a gitRepo volume never runs git (CVE-2024-10220, CVE-2025-1767)", async () => {
    const canary = join(host, "git-ran");
    const gitRepo = { repository: `ext::sh -c touch% ${canary}`, revision: `--upload-pack=touch ${canary}`, directory: "." };
    await newPod("git", { volumeMounts: [{ name: "g", mountPath: "/g" }] }, { volumes: [{ name: "g", gitRepo }] });
    await eventually(async () => assert.match(await events("git"), /FailedMount.*gitRepo/));
    assert.equal(existsSync(join(await filesOf("git"), "volumes/kubernetes.io~git-repo")), false);
    assert.equal(existsSync(canary), false);
  });

  test("row 25: nothing that a user writes reaches a shell, or a program as its option", async () => {
    const canary = join(host, "injected");
    const evil = ["-rf", "--help", `;touch ${canary};`, `$(touch ${canary})`, `\`touch ${canary}\``, `|touch ${canary}`, `\n touch ${canary}`];
    const paths = [...evil.slice(0, 2), ";touch x", "$(touch x)"];
    const volumes: Volume[] = [{ name: "e", emptyDir: {} }, ...paths.map((path, i): Volume => ({ name: `h${i}`, hostPath: { path: join(host, path), type: "DirectoryOrCreate" } })), { name: "t", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } }];
    await kubectl("create", "configmap", "injected", "--from-literal=-rf=value");
    await newPod("injected", {
      args: evil, command: ["sh", "-c", 'printf "%s\\n" "$@" > /e/args; sleep 1000', "sh"], terminationMessagePath: "/dev/-t;$(id)", workingDir: "/e/-w;$(id)", env: evil.map((value, i) => ({ name: `E${i}`, value })),
      volumeMounts: [{ name: "e", mountPath: "/e" }, { name: "c", mountPath: "/c" }, { name: "t", mountPath: "/-t;$(id)" }, ...[...paths, `;touch ${canary}`].map((subPath, i) => ({ name: "e", mountPath: `/-s;$(id)${i}`, subPath })), ...paths.map((_, i) => ({ name: `h${i}`, mountPath: `/h${i}` }))],
      lifecycle: { postStart: { exec: { command: ["sh", "-c", 'echo "$1" > /e/hook', "sh", ...evil] } } },
    }, { volumes: [...volumes, { name: "c", configMap: { name: "injected" } }] });
    await ready("injected");
    assert.equal(await kubectl("exec", "injected", "--", "cat", "/e/args"), `${evil.join("\n")}\n`);
    assert.equal(await kubectl("exec", "injected", "--", "printf", "%s|", ...evil), `${evil.join("|")}|`);
    assert.equal(await kubectl("exec", "injected", "--", "cat", "/c/-rf"), "value");
    for (const [i, path] of paths.entries()) {
      await kubectl("exec", "injected", "--", "touch", `/h${i}/here`);
      assert.deepEqual(readdirSync(join(host, path)), ["here"]);
    }
    writeFileSync(join(host, "-copied"), secret);
    for (const path of [`/e/$(touch ${canary.replaceAll("/", "_")})`, "/e/;touch y"]) {
      await shared.tryKubectl("-n", namespace, "cp", join(host, "-copied"), `injected:${path}`);
      assert.equal(await kubectl("exec", "injected", "--", "cat", path), secret);
    }
    const raw = `/api/v1/namespaces/${namespace}/pods/injected/log`;
    for (const text of evil.map(encodeURIComponent)) {
      for (const query of ["container", "sinceTime", "sinceSeconds", "tailLines", "limitBytes"]) assert.notEqual((await shared.tryKubectl("get", "--raw", `${raw}?${query}=${text}`)).code, 0, `${query}=${text}`);
      assert.notEqual((await shared.tryKubectl("get", "--raw", `/api/v1/nodes/${settings.nodeName}/proxy/containerLogs/${namespace}/${text}/${text}`)).code, 0);
      assert.notEqual((await shared.tryKubectl("-n", namespace, "exec", "injected", "--", decodeURIComponent(text))).code, 0); // there is no such program
    }
    await gone("injected");
    assert.equal(existsSync(canary), false);
  });

  test("row 26: the kubelet has one port, and says nothing there to those whom it does not know", async () => {
    const paths = ["/", "/healthz", "/pods", "/runningpods/", "/configz", "/stats/summary", "/metrics", "/metrics/cadvisor", "/logs/", "/spec/", `/containerLogs/${namespace}/p/c`, `/exec/${namespace}/p/c?command=id`, `/run/${namespace}/p/c?cmd=id`, `/attach/${namespace}/p/c`, `/portForward/${namespace}/p`, "/debug/pprof/", "/debug/flags/v"];
    for (const path of paths) for (const asked of [{}, { method: "POST" }, { token: "x" }, { upgrade: true as const }]) assert.equal(await kubelet(path, asked), 401, path);
    for (const path of ["/debug/pprof/", "/debug/flags/v", "/logs/nope", "/logs/%2e%2e/%2e%2e/etc/passwd"]) assert.match((await shared.tryKubectl("get", "--raw", `/api/v1/nodes/${settings.nodeName}/proxy${path}`)).stderr, /NotFound/, path);
    assert.deepEqual(portsOf(runningProcess(settings, "agent")?.pid ?? 0), [settings.kubeletPort]);
  });

  test("row 27: a token that may get nodes/proxy runs nothing at the kubelet either", async () => {
    const rules = [{ apiGroups: [""], resources: ["nodes/proxy"], verbs: ["get", "list", "watch"] }];
    await create({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "reader", namespace } });
    await create({ apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name: namespace }, rules });
    await kubectl("create", "clusterrolebinding", namespace, `--clusterrole=${namespace}`, `--serviceaccount=${namespace}:reader`);
    const asked = await shared.kubectlWith(JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} }), "create", "--raw", `/api/v1/namespaces/${namespace}/serviceaccounts/reader/token`, "-f", "-");
    const { token } = (JSON.parse(asked) as { status: { token: string } }).status;
    await newPod("target", {});
    await ready("target");
    await eventually(async () => assert.equal(await kubelet("/pods", { token }), 200));
    for (const path of ["exec", "attach", "run"].map((verb) => `/${verb}/${namespace}/target/app?command=id&output=1`)) {
      for (const upgrade of [{ upgrade: true as const }, {}]) assert.equal(await kubelet(path, { token, ...upgrade }), path.startsWith("/run") ? 404 : 403, path);
    }
    await shared.kubectl("delete", "clusterrole,clusterrolebinding", namespace);
  });

  test("row 33: a log that was exchanged for a link to a file of the host is not read", async () => {
    await newPod("logged", { command: ["sh", "-c", "echo said; sleep 1000"] });
    await ready("logged");
    await eventually(async () => assert.equal(await kubectl("logs", "logged"), "said\n"));
    const dir = join(settings.podLogsDir, `${namespace}_logged_${(await podOf("logged")).metadata.uid}`, "app");
    const exchange = (what: () => void): void => { renameSync(join(dir, "0.log"), join(dir, "kept")); what(); };
    for (const make of [() => symlinkSync(join(host, "canary"), join(dir, "0.log")), () => mkdirSync(join(dir, "0.log"))]) {
      exchange(make);
      const { code, stdout, stderr } = await shared.tryKubectl("-n", namespace, "logs", "logged");
      assert.notEqual(code, 0);
      assert.doesNotMatch(stdout + stderr, new RegExp(secret));
      rmSync(join(dir, "0.log"), { recursive: true });
      renameSync(join(dir, "kept"), join(dir, "0.log"));
    }
    renameSync(dir, `${dir}-kept`);
    symlinkSync(host, dir);
    writeFileSync(join(host, "0.log"), `2026-01-01T00:00:00Z stdout F ${secret}\n`);
    assert.doesNotMatch((await shared.tryKubectl("-n", namespace, "logs", "logged")).stdout, new RegExp(secret));
    await gone("logged");
    await eventually(async () => assert.equal(lstatSync(dir, { throwIfNoEntry: false }), undefined));
    assert.equal(readFileSync(join(host, "canary"), "utf8"), secret); // who clears the logs away does not follow the link
  });

  test("row 35: who fills the disk by a volume, the writable layer, logs, /etc/hosts or last words is evicted, and the node is well (CVE-2020-8557)", async () => {
    const limit = { resources: { limits: { "ephemeral-storage": "2Mi" }, requests: { "ephemeral-storage": "1Mi" } } };
    const fill = (path: string): object => ({ command: ["sh", "-c", `dd if=/dev/zero of=${path} bs=1M count=6; sleep 1000`] });
    await Promise.all([
      newPod("fills-volume", { ...fill("/v/big"), volumeMounts: [{ name: "v", mountPath: "/v" }] }, { volumes: [{ name: "v", emptyDir: { sizeLimit: "1Mi" } }] }),
      newPod("fills-layer", { ...fill("/big"), ...limit }), newPod("fills-hosts", { ...fill("/etc/hosts"), ...limit }), newPod("fills-words", { ...fill("/dev/termination-log"), ...limit }),
      newPod("fills-logs", { command: ["sh", "-c", "for i in 1 2 3 4 5 6; do head -c 700000 /dev/zero | base64; done; sleep 1000"], ...limit }),
      newPod("modest", { ...limit }),
    ]);
    for (const name of ["volume", "layer", "hosts", "words", "logs"]) {
      await eventually(async () => {
        const { phase, reason, message } = (await podOf(`fills-${name}`)).status;
        assert.deepEqual([name, phase, reason], [name, "Failed", "Evicted"], message);
      });
    }
    assert.equal((await podOf("modest")).status.phase, "Running");
    const { items: [node] } = await shared.json<{ items: Node[] }>("get", "nodes");
    assert.deepEqual(node?.status.conditions?.filter(({ type }) => ["Ready", "DiskPressure"].includes(type)).map(({ type, status }) => `${type}=${status}`).sort(), ["DiskPressure=False", "Ready=True"]);
  });

  test("row 37: the Node and status tell of a runtime with a known escape, in the same words", async () => {
    const { programs } = JSON.parse(await shared.run("status", "-o", "json")) as { programs: { warnings: string[] }[] };
    const warnings = programs.flatMap((program) => program.warnings);
    const { items: [node] } = await shared.json<{ items: Node[] }>("get", "nodes");
    const { status, reason, message } = node?.status.conditions?.find(({ type }) => type === "VulnerableRuntime") ?? {};
    if (warnings.length > 0) assert.deepEqual({ status, reason, message }, { status: "True", reason: "KnownEscape", message: warnings.join("; ") });
    else assert.deepEqual({ status, reason }, { status: "False", reason: "NoKnownEscape" });
    for (const warning of warnings) assert.ok((await shared.run("status")).includes(warning));
  });

  test("row 26: nothing listens where kubelets once had their read-only port", async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const socket = connect(10_255, "127.0.0.1");
    socket.on("connect", () => resolve("open")).on("error", () => resolve("closed"));
    assert.equal(await promise, "closed");
    socket.destroy();
  });
});

/** The TCP ports on which a process listens. */
function portsOf(pid: number): number[] {
  const inodes = new Set(readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      return []; // closed meanwhile
    }
  }));
  const lines = ["tcp", "tcp6"].flatMap((table) => readFileSync(`/proc/${pid}/net/${table}`, "utf8").split("\n").slice(1)).map((line) => line.trim().split(/\s+/));
  return [...new Set(lines.filter(([, , , state, , , , , , inode]) => state === "0A" && inodes.has(inode ?? "")).map(([, local = ""]) => Number.parseInt(local.split(":")[1] ?? "", 16)))];
}
