/** What is served only where it is asked for, on an instance that was asked. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { someCertificate } from "#base/csr-fixture.ts";
import { startInstance, type TestInstance } from "../support/instance.ts";

const asked = "--runtime-config=certificates.k8s.io/v1beta1=true";
const bundle = (trustBundle: string): string => JSON.stringify({ apiVersion: "certificates.k8s.io/v1beta1", kind: "ClusterTrustBundle", metadata: { name: "corp" }, spec: { trustBundle } });
const pod = (name: string, sources: readonly object[]): string => JSON.stringify({
  apiVersion: "v1", kind: "Pod", metadata: { name },
  spec: {
    terminationGracePeriodSeconds: 0, volumes: [{ name: "trust", projected: { sources } }],
    containers: [{ name: "c", image: "seedpod.local/busybox:1", command: ["sleep", "1000"], volumeMounts: [{ name: "trust", mountPath: "/trust" }] }],
  },
});

describe("trust", { skip: process.getuid?.() !== 0 && "needs root" }, () => {
  let instance: TestInstance;
  before(async () => { instance = await startInstance(asked); });
  after(() => instance.remove());

  test("a pod has the anchors of the bundle that it names, and those of a signer", async () => {
    await instance.kubectlWith(bundle(`of the firm\n${someCertificate}`), "apply", "-f", "-");
    await instance.kubectlWith(pod("web", [
      { clusterTrustBundle: { name: "corp", path: "corp.pem" } },
      { clusterTrustBundle: { signerName: "kubernetes.io/kube-apiserver-serving", labelSelector: {}, path: "api.pem" } },
      { clusterTrustBundle: { name: "nobody", optional: true, path: "nobody.pem" } },
      { configMap: { name: "kube-root-ca.crt" } },
    ]), "apply", "-f", "-");
    await instance.kubectl("wait", "--for=condition=Ready", "pod/web", "--timeout=60s");
    const read = (file: string): Promise<string> => instance.kubectl("exec", "web", "--", "cat", `/trust/${file}`);
    assert.deepEqual([await read("corp.pem"), await read("nobody.pem"), await read("api.pem")], [someCertificate, "", await read("ca.crt")]);
  });
});
