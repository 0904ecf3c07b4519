/** What is served only where it is asked for, on an instance that was asked. */
import assert from "node:assert/strict";
import { createPublicKey, X509Certificate } from "node:crypto";
import { after, before, describe, test } from "node:test";
import type { PodCertificateRequest } from "#api/gen/certificates-v1beta1.ts";
import { timestamp } from "#apimachinery/time.ts";
import { systemClock } from "#base/clock.ts";
import { readCsr } from "#base/csr.ts";
import { someCertificate } from "#base/csr-fixture.ts";
import { newCa, signCertificate } from "#base/pki.ts";
import { eventually } from "#base/waiting.ts";
import { startInstance, type TestInstance } from "../support/instance.ts";

const version = "certificates.k8s.io/v1beta1";
const bundle = (trustBundle: string): string => JSON.stringify({ apiVersion: version, kind: "ClusterTrustBundle", metadata: { name: "corp" }, spec: { trustBundle } });
const pod = (name: string, sources: readonly object[]): string => JSON.stringify({
  apiVersion: "v1", kind: "Pod", metadata: { name },
  spec: {
    terminationGracePeriodSeconds: 0, volumes: [{ name: "trust", projected: { sources } }],
    containers: [{ name: "c", image: "seedpod.local/busybox:1", command: ["sleep", "1000"], volumeMounts: [{ name: "trust", mountPath: "/trust" }] }],
  },
});

describe("trust", { skip: process.getuid?.() !== 0 && "needs root" }, () => {
  let instance: TestInstance;
  before(async () => { instance = await startInstance(`--runtime-config=${version}=true`); });
  after(() => instance.remove());
  const read = (of: string, file: string): Promise<string> => instance.kubectl("exec", of, "--", "cat", `/trust/${file}`);

  test("a pod has the anchors of the bundle that it names, and those of a signer", async () => {
    await instance.kubectlWith(bundle(`of the firm\n${someCertificate}`), "apply", "-f", "-");
    await instance.kubectlWith(pod("web", [
      { clusterTrustBundle: { name: "corp", path: "corp.pem" } },
      { clusterTrustBundle: { signerName: "kubernetes.io/kube-apiserver-serving", labelSelector: {}, path: "api.pem" } },
      { clusterTrustBundle: { name: "nobody", optional: true, path: "nobody.pem" } },
      { configMap: { name: "kube-root-ca.crt" } },
    ]), "apply", "-f", "-");
    await instance.kubectl("wait", "--for=condition=Ready", "pod/web", "--timeout=60s");
    assert.deepEqual([await read("web", "corp.pem"), await read("web", "nobody.pem"), await read("web", "api.pem")], [someCertificate, "", await read("web", "ca.crt")]);
  });

  /** The one request for a pod, once it is there. */
  async function requestFor(name: string): Promise<PodCertificateRequest> {
    let found: PodCertificateRequest | undefined;
    await eventually(async () => {
      ({ items: [found] } = await instance.json<{ items: PodCertificateRequest[] }>("get", "podcertificaterequests", "--field-selector", `spec.podName=${name}`));
      assert.ok(found !== undefined);
    }, 60_000);
    return found ?? assert.fail();
  }
  const answer = (request: PodCertificateRequest, status: object): Promise<string> =>
    instance.kubectlWith(JSON.stringify({ ...request, status }), "replace", "--raw", `/apis/${version}/namespaces/default/podcertificaterequests/${request.metadata.name}/status`, "-f", "-");

  test("a pod's key is certified by a signer of ours, or the pod is told why not", async () => {
    const ca = newCa("signer", systemClock.now());
    const source = (more: object): object => ({ podCertificate: { signerName: "example.com/web", keyType: "ECDSAP256", ...more } });
    await instance.kubectlWith(pod("client", [source({ keyPath: "key.pem", certificateChainPath: "chain.pem" })]), "apply", "-f", "-");
    await instance.kubectlWith(pod("denied", [source({ credentialBundlePath: "tls.pem" })]), "apply", "-f", "-");
    const request = await requestFor("client");
    const leaf = signCertificate(ca, readCsr(Buffer.from(request.spec.stubPKCS10Request, "base64")).publicKey, { commonName: "client", usages: ["client"], days: 0.5 }, systemClock.now() + 60_000); // it begins five minutes before
    const { validFromDate, validToDate } = new X509Certificate(leaf);
    const [from, to] = [validFromDate.getTime(), validToDate.getTime()];
    await answer(request, { conditions: [{ type: "Issued", status: "True", reason: "ByTest", message: "" }], certificateChain: leaf + ca.cert, notBefore: timestamp(from), notAfter: timestamp(to), beginRefreshAt: timestamp((from + to) / 2) });
    await instance.kubectl("wait", "--for=condition=Ready", "pod/client", "--timeout=60s");
    const [key, chain] = [await read("client", "key.pem"), await read("client", "chain.pem")];
    assert.equal(chain, leaf + ca.cert);
    assert.equal(createPublicKey(key).equals(new X509Certificate(chain).publicKey), true);

    await answer(await requestFor("denied"), { conditions: [{ type: "Denied", status: "True", reason: "Stranger", message: "who is that?" }] });
    await eventually(async () => assert.match(await instance.kubectl("get", "events", "--field-selector=involvedObject.name=denied"), /Denied[^]*was denied, reason="Stranger", message="who is that\?"/), 60_000);
  });
});
