import assert from "node:assert/strict";
import { test } from "node:test";
import type { PodSpec } from "#api/gen/core-v1.ts";
import type { AdmissionAttributes } from "./attributes.ts";
import { outcome, requestFor } from "./fixture.ts";
import { podSecurity } from "./pod-security.ts";
import { evaluate, violationText } from "./pod-security/evaluate.ts";
import type { Level } from "./pod-security/policy.ts";

const hardened = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] }, runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } };
const specOf = (fields: object = {}, container: object = {}): PodSpec => ({ containers: [{ name: "x", image: "nginx", ...container }], ...fields }) as PodSpec;
const secure = (securityContext: object): PodSpec => specOf({}, { securityContext });
const says = (level: Level, spec: PodSpec, minor?: number, annotations: Readonly<Record<string, string>> = {}): string =>
  violationText(evaluate({ level, ...(minor !== undefined && { minor }) }, { annotations }, spec));

// Upstream: pod-security-admission/policy check_*_test.go
const baseline: readonly (readonly [name: string, spec: PodSpec, want: string])[] = [
  ["a plain pod", specOf(), ""],
  ["namespaces of the host", specOf({ hostNetwork: true, hostPID: true, hostIPC: true }), "host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)"],
  ["privileges", secure({ privileged: true }), 'privileged (container "x" must not set securityContext.privileged=true)'],
  ["capabilities", secure({ capabilities: { add: ["NET_ADMIN", "KILL", "BPF"] } }), 'non-default capabilities (container "x" must not include "BPF", "NET_ADMIN" in securityContext.capabilities.add)'],
  ["paths of the host", specOf({ volumes: [{ name: "a", hostPath: { path: "/" } }, { name: "b", hostPath: { path: "/" } }] }), 'hostPath volumes (volumes "a", "b")'],
  ["ports of the host", specOf({}, { ports: [{ hostPort: 80 }, { hostPort: 443 }, {}] }), 'hostPort (container "x" uses hostPorts 443, 80)'],
  ["no AppArmor", specOf({ securityContext: { appArmorProfile: { type: "Unconfined" } } }), 'forbidden AppArmor profile (pod must not set AppArmor profile type to "Unconfined")'],
  ["labels of SELinux", specOf({ securityContext: { seLinuxOptions: { type: "spc_t", user: "u" } } }), 'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set)'],
  ["an open /proc", secure({ procMount: "Unmasked" }), 'procMount (container "x" must not set securityContext.procMount to "Unmasked")'],
  ["no seccomp", secure({ seccompProfile: { type: "Unconfined" } }), 'seccompProfile (container "x" must not set securityContext.seccompProfile.type to "Unconfined")'],
  ["sysctls", specOf({ securityContext: { sysctls: [{ name: "kernel.msgmax", value: "1" }, { name: "net.ipv4.tcp_rmem", value: "1" }] } }), "forbidden sysctls (kernel.msgmax)"],
  ["processes of the host", secure({ windowsOptions: { hostProcess: true } }), 'hostProcess (container "x" must not set securityContext.windowsOptions.hostProcess=true)'],
  ["probes of others", specOf({}, { livenessProbe: { httpGet: { host: "10.0.0.1", port: 80 } } }), 'probe or lifecycle host (container "x" uses probe or lifecycle host "10.0.0.1")'],
];
for (const [name, spec, want] of baseline) test(`baseline on ${name}`, () => assert.equal(says("baseline", spec), want));

const missing = 'allowPrivilegeEscalation != false (container "x" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "x" must set securityContext.capabilities.drop=["ALL"]), '
  + 'runAsNonRoot != true (pod or container "x" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "x" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")';
const restricted: typeof baseline = [
  ["a plain pod", specOf(), missing],
  ["a hardened pod", secure(hardened), ""],
  ["root outright", secure({ ...hardened, runAsNonRoot: false, runAsUser: 0 }), 'runAsNonRoot != true (container "x" must not set securityContext.runAsNonRoot=false), runAsUser=0 (container "x" must not set runAsUser=0)'],
  ["capabilities", secure({ ...hardened, capabilities: { add: ["CHOWN", "NET_BIND_SERVICE"], drop: ["ALL"] } }), 'unrestricted capabilities (container "x" must not include "CHOWN" in securityContext.capabilities.add)'],
  ["volumes", specOf({ volumes: [{ name: "a", hostPath: { path: "/" } }, { name: "b", nfs: {} }, { name: "c", emptyDir: {} }] }, { securityContext: hardened }), 'restricted volume types (volumes "a", "b" use restricted volume types "hostPath", "nfs")'],
  ["no seccomp", specOf({ securityContext: { seccompProfile: { type: "Unconfined" } } }, { securityContext: { ...hardened, seccompProfile: undefined } }), 'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")'],
  ["users of its own", specOf({ hostUsers: false }, { securityContext: { ...hardened, runAsNonRoot: false, runAsUser: 0 } }), ""],
];
for (const [name, spec, want] of restricted) test(`restricted on ${name}`, () => assert.equal(says("restricted", spec), want));

test("older rules forbid less, or allow less", () => {
  assert.equal(says("baseline", specOf({ securityContext: { sysctls: [{ name: "net.ipv4.tcp_rmem", value: "1" }] } }), 31), "forbidden sysctls (net.ipv4.tcp_rmem)");
  assert.equal(says("baseline", specOf({}, { livenessProbe: { tcpSocket: { host: "a" } } }), 33), "");
  assert.equal(says("restricted", specOf(), 7), 'runAsNonRoot != true (pod or container "x" must set securityContext.runAsNonRoot=true)');
});

test("annotations of AppArmor count", () => {
  const key = "container.apparmor.security.beta.kubernetes.io/x";
  assert.equal(says("baseline", specOf(), undefined, { [key]: "unconfined" }), `forbidden AppArmor profile (annotation must not set AppArmor profile type to ${JSON.stringify(`${key}="unconfined"`)})`);
});

for (const field of ["initContainers", "containers", "ephemeralContainers"]) {
  test(`no kind of container is passed over: ${field}`, () => {
    const bad = { name: "bad", image: "b", securityContext: { ...hardened, privileged: true } };
    const spec = field === "containers" ? specOf({ containers: [bad] }) : specOf({ [field]: [bad] }, { securityContext: hardened });
    assert.equal(says("restricted", spec), 'privileged (container "bad" must not set securityContext.privileged=true)');
  });
}

interface Told { readonly refused: string | undefined; readonly warnings: readonly string[]; readonly annotations: Readonly<Record<string, string>> }
async function told(plural: string, labels: object, object: object, given: Partial<AdmissionAttributes> = {}, stored: object = {}): Promise<Told> {
  const warnings: string[] = [];
  const annotations: Record<string, string> = {};
  const labelled = Object.fromEntries(Object.entries(labels).map(([mode, level]) => [`pod-security.kubernetes.io/${mode}`, level]));
  const attributes = requestFor(plural, { namespaces: [{ metadata: { name: "default", labels: labelled } }], ...stored }, {
    warn: (text) => { warnings.push(text); }, annotate: (key, value) => { annotations[key] = value; }, ...given,
  });
  return { refused: await outcome(podSecurity, attributes, object), warnings, annotations };
}
const pod = (spec: PodSpec = specOf()): object => ({ metadata: { name: "web", namespace: "default" }, spec });

test("a pod that its namespace forbids is refused, and nobody is warned as well", async () => {
  const answer = await told("pods", { enforce: "restricted", warn: "restricted" }, pod());
  assert.deepEqual([answer.refused, answer.warnings], [`pods "web" is forbidden: violates PodSecurity "restricted:latest": ${missing}`, []]);
});

test("a pod that its namespace only speaks of is told of", async () => {
  assert.deepEqual(await told("pods", { warn: "baseline", "warn-version": "v1.30", audit: "baseline" }, pod(specOf({ hostPID: true }))), {
    refused: undefined, warnings: ['would violate PodSecurity "baseline:v1.30": host namespaces (hostPID=true)'],
    annotations: { "pod-security.kubernetes.io/enforce-policy": "privileged:latest", "pod-security.kubernetes.io/audit-violations": 'would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)' },
  });
});

test("the audit learns by which level a pod was judged, and what its labels lack", async () => {
  const [enforce, violations, error] = ["enforce-policy", "audit-violations", "error"].map((name) => `pod-security.kubernetes.io/${name}`) as [string, string, string];
  assert.deepEqual((await told("pods", {}, pod())).annotations, { [enforce]: "privileged:latest" });
  assert.deepEqual((await told("pods", { enforce: "baseline", "enforce-version": "v1.30" }, pod())).annotations, { [enforce]: "baseline:v1.30" });
  const refused = await told("pods", { enforce: "baseline", audit: "baseline" }, pod(specOf({ hostPID: true })));
  assert.deepEqual(refused.annotations, { [enforce]: "baseline:latest", [violations]: 'would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)' });
  assert.deepEqual((await told("pods", { warn: "strict" }, pod())).annotations, { [enforce]: "privileged:latest", [error]: 'Failed to parse policy: metadata.labels[pod-security.kubernetes.io/warn]: Invalid value: "strict": must be one of privileged, baseline, restricted' });
});

test("what makes pods is only warned of", async () => {
  const deployment = { metadata: { name: "web" }, spec: { template: { spec: specOf({ hostIPC: true }) } } };
  assert.deepEqual(await told("deployments", { enforce: "baseline", warn: "baseline" }, deployment), { refused: undefined, warnings: ['would violate PodSecurity "baseline:latest": host namespaces (hostIPC=true)'], annotations: {} });
  const cron = { metadata: { name: "web" }, spec: { jobTemplate: { spec: { template: { spec: specOf({ hostIPC: true }) } } } } };
  assert.equal((await told("cronjobs", { warn: "baseline" }, cron)).warnings.length, 1);
});

test("an update counts when it changes an image or adds a container", async () => {
  const old = pod(specOf({ hostPID: true })) as AdmissionAttributes["oldObject"];
  const update = (next: object, subresource = ""): Promise<Told> => told("pods", { enforce: "baseline" }, next, { operation: "UPDATE", subresource, oldObject: old });
  assert.equal((await update({ metadata: { name: "web", labels: { a: "b" } }, spec: specOf({ hostPID: true }) })).refused, undefined);
  assert.match((await update(pod(specOf({ hostPID: true }, { image: "other" })))).refused ?? "", /violates PodSecurity "baseline:latest"/);
  assert.match((await update(pod(specOf({ hostPID: true, ephemeralContainers: [{ name: "e", image: "e" }] })), "ephemeralcontainers")).refused ?? "", /violates PodSecurity/);
  assert.equal((await update(pod(specOf({ hostPID: true }, { image: "other" })), "status")).refused, undefined);
});

test("labels that say nothing are refused", async () => {
  const named = (labels: object): object => ({ metadata: { name: "a", labels }, spec: {}, status: {} });
  const label = "pod-security.kubernetes.io/enforce";
  assert.equal((await told("namespaces", {}, named({ [label]: "strict" }), { name: "a" })).refused, `Namespace "a" is invalid: metadata.labels[${label}]: Invalid value: "strict": must be one of privileged, baseline, restricted`);
  assert.equal((await told("namespaces", {}, named({ [`${label}-version`]: "1.20" }), { name: "a" })).refused, `Namespace "a" is invalid: metadata.labels[${label}-version]: Invalid value: "1.20": must be "latest" or "v1.x"`);
});

test("who makes a namespace stricter learns of the pods that would not fit", async () => {
  const labelled = (level: string): AdmissionAttributes["oldObject"] & object => ({ metadata: { name: "default", labels: { "pod-security.kubernetes.io/enforce": level } }, spec: {}, status: {} }) as never;
  const inside = ["b", "a", "c"].map((name) => ({ metadata: { name, namespace: "default" }, spec: specOf(name === "c" ? {} : { hostPID: true }) }));
  const change = (from: string, to: string): Promise<Told> => told("namespaces", {}, labelled(to), { operation: "UPDATE", namespace: "", oldObject: labelled(from) }, { pods: inside });
  assert.deepEqual((await change("privileged", "baseline")).warnings, ['existing pods in namespace "default" violate the new PodSecurity enforce level "baseline:latest"', "a (and 1 other pod): host namespaces"]);
  assert.deepEqual((await change("baseline", "privileged")).warnings, []);
});
