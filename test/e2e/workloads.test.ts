/** Workloads of each kind on real containers. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import { eventually } from "#base/waiting.ts";
import { sharedInstance } from "../support/shared-instance.ts";
import { testNamespace } from "../support/test-namespace.ts";

const shared = sharedInstance();

describe("workloads", { skip: shared === undefined && "needs root" }, () => {
  assert(shared !== undefined);
  const namespace = "workloads-test";
  const { json, kubectl, make, remove } = testNamespace(shared, namespace);
  const apply = (kind: string, apiVersion: string, name: string, spec: object): Promise<string> => shared.kubectlWith(JSON.stringify({ apiVersion, kind, metadata: { name, namespace }, spec }), "apply", "-f", "-");
  const template = (app: string, container: object = {}): object => ({ metadata: { labels: { app } }, spec: { terminationGracePeriodSeconds: 1, containers: [{ name: "app", image: "seedpod.local/nginx:1", ...container }] } });
  const settled = (what: string): Promise<string> => kubectl("rollout", "status", what, "--timeout=60s");
  const podsOf = async (app: string): Promise<readonly Pod[]> => (await json<{ items: Pod[] }>("get", "pods", "-l", `app=${app}`)).items;

  before(make);
  after(() => remove());

  test("a StatefulSet's pods know their names, keep their data, and go back to an earlier template", async () => {
    const claim = { metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "10Mi" } } } };
    const spec = { serviceName: "db", replicas: 2, selector: { matchLabels: { app: "db" } }, template: template("db", { volumeMounts: [{ name: "data", mountPath: "/data" }] }), volumeClaimTemplates: [claim] };
    await apply("StatefulSet", "apps/v1", "db", spec);
    await settled("sts/db");
    assert.equal(await kubectl("exec", "db-1", "--", "hostname"), "db-1\n");
    await kubectl("exec", "db-1", "--", "sh", "-c", "echo mine > /data/file");
    await kubectl("set", "env", "sts/db", "TRY=2");
    await settled("sts/db");
    assert.equal(await kubectl("exec", "db-1", "--", "sh", "-c", "echo $TRY; cat /data/file"), "2\nmine\n");
    assert.match(await kubectl("rollout", "history", "sts/db"), /^1 .*\n2 /m);
    await kubectl("rollout", "undo", "sts/db");
    await settled("sts/db");
    assert.equal(await kubectl("exec", "db-0", "--", "sh", "-c", "echo $TRY"), "\n");
  });

  test("a DaemonSet has one pod on the node, replaced on a restart and when it is let go", async () => {
    await apply("DaemonSet", "apps/v1", "log", { selector: { matchLabels: { app: "log" } }, template: template("log") });
    assert.match(await settled("ds/log"), /daemon set "log" successfully rolled out/);
    const [first] = await podsOf("log");
    assert.equal(first?.spec.nodeName, shared.settings.nodeName);
    await kubectl("rollout", "restart", "ds/log");
    await settled("ds/log");
    const after = await podsOf("log");
    assert.deepEqual([after.length, after[0]?.metadata.uid === first?.metadata.uid], [1, false]);
    await kubectl("label", "pod", after[0]?.metadata.name ?? "", "app-");
    await eventually(async () => assert.equal((await podsOf("log")).length, 1));
  });

  test("the address of the Service kubernetes leads to the API server, and a volume that stands in a pod is that pod's", async () => {
    const scratch = { name: "scratch", ephemeral: { volumeClaimTemplate: { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "10Mi" } } } } } };
    const container = { name: "app", image: "seedpod.local/nginx:1", volumeMounts: [{ name: "scratch", mountPath: "/scratch" }] };
    await shared.kubectlWith(JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: "scratch", namespace, labels: { app: "scratch" } }, spec: { terminationGracePeriodSeconds: 1, containers: [container], volumes: [scratch] } }), "apply", "-f", "-");
    await kubectl("wait", "--for=condition=Ready", "pod/scratch", "--timeout=60s");
    await kubectl("exec", "scratch", "--", "touch", "/scratch/file");
    assert.equal(await kubectl("get", "pvc", "scratch-scratch", "-o", "jsonpath={.status.phase}"), "Bound");
    await kubectl("exec", "scratch", "--", "sh", "-c", "nc -w 5 $KUBERNETES_SERVICE_HOST $KUBERNETES_SERVICE_PORT < /dev/null");
    await kubectl("delete", "pod", "scratch");
    await eventually(async () => assert.equal(await kubectl("get", "pvc", "scratch-scratch", "--ignore-not-found"), ""));
  });

  test("a ReplicationController makes as many pods as it is told", async () => {
    await apply("ReplicationController", "v1", "web", { replicas: 1, template: template("rc") });
    await kubectl("scale", "rc/web", "--replicas=2");
    await eventually(async () => assert.equal(await kubectl("get", "rc/web", "-o", "jsonpath={.status.readyReplicas}"), "2"), 60_000);
    await kubectl("delete", "rc/web");
    await eventually(async () => assert.deepEqual(await podsOf("rc"), []));
  });
});
