import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import { defaultTolerationSeconds } from "./default-toleration-seconds.ts";
import { outcome, requestFor } from "./fixture.ts";
import { priority } from "./priority.ts";
import { runtimeClass } from "./runtime-class.ts";
import { serviceAccount } from "./service-account.ts";

const podOf = (spec: object = {}): Pod => ({ metadata: { name: "web", namespace: "default" }, spec: { containers: [{ name: "a" }, { name: "b" }], ...spec }, status: {} }) as unknown as Pod;
const account = (fields: object = {}): object => ({ metadata: { name: "default", namespace: "default" }, ...fields });

test("a pod gets the default account and its token in every container", async () => {
  const pod = podOf({ initContainers: [{ name: "i" }] });
  assert.equal(await outcome(serviceAccount, requestFor("pods", { serviceaccounts: [account({ imagePullSecrets: [{ name: "login" }] })] }), pod), undefined);
  const [volume] = pod.spec.volumes ?? [];
  assert.match(volume?.name ?? "", /^kube-api-access-[b-z0-9]{5}$/);
  assert.deepEqual(volume?.projected?.sources, [
    { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
    { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
    { downwardAPI: { items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }] } },
  ]);
  for (const container of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]) {
    assert.deepEqual(container.volumeMounts, [{ name: volume?.name, readOnly: true, mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" }]);
  }
  assert.deepEqual([pod.spec.serviceAccountName, pod.spec.serviceAccount, pod.spec.imagePullSecrets], ["default", "default", [{ name: "login" }]]);
});

test("the pod's word on the token counts more than the account's", async () => {
  const stored = { serviceaccounts: [account({ automountServiceAccountToken: true })] };
  const pod = podOf({ automountServiceAccountToken: false });
  await outcome(serviceAccount, requestFor("pods", stored), pod);
  assert.equal(pod.spec.volumes, undefined);
});

test("an account that is not there is named in upstream's words", async () => {
  assert.equal(await outcome(serviceAccount, requestFor("pods"), podOf({ serviceAccountName: "robot" })), 'pods "web" is forbidden: error looking up service account default/robot: serviceaccount "robot" not found');
});

test("a mirror pod reaches into nothing", async () => {
  const pod = podOf({ volumes: [{ name: "v", secret: { secretName: "s" } }] });
  pod.metadata.annotations = { "kubernetes.io/config.mirror": "x" };
  assert.equal(await outcome(serviceAccount, requestFor("pods"), pod), 'pods "web" is forbidden: a mirror pod may not reference secrets');
});

const classes = { priorityclasses: [{ metadata: { name: "high" }, value: 1000, preemptionPolicy: "Never" }, { metadata: { name: "usual" }, value: 5, globalDefault: true }] };

test("a priority class's number becomes the pod's", async () => {
  const pod = podOf({ priorityClassName: "high" });
  await outcome(priority, requestFor("pods", classes), pod);
  assert.deepEqual([pod.spec.priority, pod.spec.preemptionPolicy], [1000, "Never"]);
});

test("a pod that is replaced keeps its priority unless it says another", async () => {
  const [old, next] = [podOf({ priority: 7, preemptionPolicy: "Never" }), podOf()];
  await outcome(priority, requestFor("pods", classes, { operation: "UPDATE", oldObject: old }), next);
  assert.deepEqual([next.spec.priority, next.spec.preemptionPolicy], [7, "Never"]);
});

test("without a class the default one counts, and without that zero", async () => {
  const [usual, none] = [podOf(), podOf()];
  await outcome(priority, requestFor("pods", classes), usual);
  await outcome(priority, requestFor("pods"), none);
  assert.deepEqual([usual.spec.priorityClassName, usual.spec.priority, none.spec.priority], ["usual", 5, 0]);
});

test("nobody gives himself a priority", async () => {
  assert.equal(await outcome(priority, requestFor("pods"), podOf({ priority: 9 })), 'pods "web" is forbidden: the integer value of priority (9) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name');
  assert.equal(await outcome(priority, requestFor("pods"), podOf({ priorityClassName: "none" })), 'pods "web" is forbidden: no PriorityClass with name none was found');
});

test("there is one default priority class", async () => {
  assert.equal(await outcome(priority, requestFor("priorityclasses", classes, { name: "mine" }), { metadata: { name: "mine" }, globalDefault: true }), 'priorityclasses.scheduling.k8s.io "mine" is forbidden: PriorityClass usual is already marked as default. Only one default can exist');
});

test("a pod bears a silent node for five minutes, or as long as it says", async () => {
  const pod = podOf({ tolerations: [{ key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute", tolerationSeconds: 5 }] });
  await outcome(defaultTolerationSeconds(), requestFor("pods"), pod);
  assert.deepEqual(pod.spec.tolerations?.map((t) => [t.key, t.tolerationSeconds]), [["node.kubernetes.io/unreachable", 5], ["node.kubernetes.io/not-ready", 300]]);
});

test("or for as long as the settings say", async () => {
  const pod = podOf({});
  await outcome(defaultTolerationSeconds({ unreachableSeconds: 20 }), requestFor("pods"), pod);
  assert.deepEqual(pod.spec.tolerations?.map((t) => [t.key, t.tolerationSeconds]), [["node.kubernetes.io/not-ready", 300], ["node.kubernetes.io/unreachable", 20]]);
});

test("a runtime class must exist, and gives its overhead and its nodes", async () => {
  const stored = { runtimeclasses: [{ metadata: { name: "vm" }, handler: "vm", overhead: { podFixed: { memory: "50Mi" } }, scheduling: { nodeSelector: { vm: "yes" } } }] };
  const pod = podOf({ runtimeClassName: "vm" });
  await outcome(runtimeClass, requestFor("pods", stored), pod);
  assert.deepEqual([pod.spec.overhead, pod.spec.nodeSelector], [{ memory: "50Mi" }, { vm: "yes" }]);
  assert.equal(await outcome(runtimeClass, requestFor("pods"), podOf({ runtimeClassName: "x" })), 'pods "web" is forbidden: pod rejected: RuntimeClass "x" not found');
});
