/** Kinds that are served only where they are asked for: what is there with the switch, and what is not without it. */
import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync, X509Certificate, type KeyObject } from "node:crypto";
import { test } from "node:test";
import type { ClusterTrustBundle, PodCertificateRequest } from "#api/gen/certificates-v1beta1.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { optionalKinds } from "#api/optional-kinds.ts";
import { apiServices, clusterRoles, clusterTrustBundles, nodes, podCertificateRequests, pods, serviceAccounts } from "#api/resources.ts";
import { timestamp } from "#apimachinery/time.ts";
import { ensureBootstrapObjects } from "#apiserver/authz/bootstrap.ts";
import { systemClock } from "#base/clock.ts";
import { readCsr } from "#base/csr.ts";
import { someCertificate } from "#base/csr-fixture.ts";
import { silent } from "#base/log.ts";
import { stubCsr } from "#base/new-csr.ts";
import { newCa, signCertificate, type KeyPair } from "#base/pki.ts";
import { until } from "#base/waiting.ts";
import { newClient } from "#client/http-client.ts";
import { inProcess } from "#client/in-process-transport.ts";
import { newInformers } from "#client/informers.ts";
import { podRequestCleaner } from "#controllers/certificates/pod-request-cleaner.ts";
import { trustBundlePublisher } from "#controllers/trust-bundle-publisher/reconciler.ts";
import { PodCertificates } from "#kubelet/pod-certificates/pod-certificates.ts";
import { startApiServer, type TestApiServer } from "../support/api-server.ts";
import { runControllers } from "../support/controllers.ts";
import type { Answer } from "../support/https.ts";

const version = "/apis/certificates.k8s.io/v1beta1";
const bundlesPath = `${version}/clustertrustbundles`;
const settings = { optional: optionalKinds };
const bundle = (name: string, signerName?: string, trustBundle = someCertificate): ClusterTrustBundle => ({ metadata: { name }, spec: { trustBundle, ...(signerName !== undefined && { signerName }) } });
const trusting = (name: string): object => ({ metadata: { name }, spec: { containers: [{ name: "c", image: "i" }], volumes: [{ name: "trust", projected: { sources: [{ clusterTrustBundle: { name: "corp", path: "ca.pem" } }] } }] } });
const sourcesOf = (text: string): unknown => (JSON.parse(text) as Pod).spec.volumes?.[0]?.projected?.sources;

async function withAccount(server: TestApiServer): Promise<TestApiServer> {
  await server.admin("POST", "/api/v1/namespaces/default/serviceaccounts", { body: { metadata: { name: "default" }, automountServiceAccountToken: false } });
  return server;
}
const makePod = (server: TestApiServer, name: string): Promise<Answer> => server.admin("POST", "/api/v1/namespaces/default/pods", { body: trusting(name) });

test("without the switch there is nothing of them, and pods and templates do not keep what is made of them", async (t) => {
  const server = await withAccount(await startApiServer(t));
  const { admin, client } = server;
  assert.deepEqual((await admin.json<{ versions: { version: string }[] }>("GET", "/apis/certificates.k8s.io")).versions.map((v) => v.version), ["v1"]);
  assert.deepEqual([(await admin("GET", version)).status, (await admin("GET", bundlesPath)).status, (await admin("GET", "/openapi/v3/apis/certificates.k8s.io/v1beta1")).status], [404, 404, 404]);
  assert.doesNotMatch((await admin("GET", "/openapi/v2")).text, /clustertrustbundles|podcertificaterequests/);
  const roles = (await client.resource(clusterRoles).list({})).items.filter(({ metadata, rules }) => /trust|podcert/.test(metadata.name) || /trustb|podcert/.test(JSON.stringify(rules)));
  assert.deepEqual([roles, (await client.resource(apiServices).list({})).items.filter(({ metadata }) => metadata.name.startsWith("v1beta1.certificates"))], [[], []]);

  const pod = await makePod(server, "web");
  assert.deepEqual([pod.status, sourcesOf(pod.text)], [201, [{}]]);
  assert.equal(pod.headers["warning"], '299 - "projected volumes: clusterTrustBundle is left out, for this server does not serve clustertrustbundles; it does with --runtime-config=certificates.k8s.io/v1beta1/clustertrustbundles=true"');
  const template = { metadata: { name: "d" }, spec: { selector: { matchLabels: { a: "b" } }, template: { ...trusting(""), metadata: { labels: { a: "b" } } } } };
  const deployment = await admin.json<{ spec: { template: Pod } }>("POST", "/apis/apps/v1/namespaces/default/deployments", { body: template });
  assert.deepEqual(sourcesOf(JSON.stringify(deployment.spec.template)), [{}]);
});

test("with it bundles are served: discovery, documents, tables, selectors, roles", async (t) => {
  const server = await withAccount(await startApiServer(t, { settings }));
  const { admin, client } = server;
  assert.deepEqual((await admin.json<{ versions: { version: string }[]; preferredVersion: { version: string } }>("GET", "/apis/certificates.k8s.io")).preferredVersion.version, "v1");
  const { resources } = await admin.json<{ resources: { name: string; kind: string; namespaced: boolean }[] }>("GET", version);
  assert.deepEqual(resources.filter(({ name }) => name === "clustertrustbundles").map(({ kind, namespaced }) => [kind, namespaced]), [["ClusterTrustBundle", false]]);
  assert.match((await admin("GET", "/openapi/v3/apis/certificates.k8s.io/v1beta1")).text, /io\.k8s\.api\.certificates\.v1beta1\.ClusterTrustBundleSpec/);
  assert.equal((await client.resource(apiServices).get("v1beta1.certificates.k8s.io")).spec.groupPriorityMinimum, 17_300);

  const bundles = client.resource(clusterTrustBundles);
  await bundles.create(bundle("corp"));
  await bundles.create(bundle("example.com:web:1", "example.com/web"));
  assert.deepEqual((await bundles.list({ fieldSelector: "spec.signerName=example.com/web" })).items.map(({ metadata }) => metadata.name), ["example.com:web:1"]);
  const table = await admin.json<{ columnDefinitions: { name: string }[]; rows: { cells: unknown[] }[] }>("GET", bundlesPath, { headers: { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" } });
  assert.deepEqual([table.columnDefinitions.map(({ name }) => name), table.rows.map(({ cells }) => cells)], [["Name", "SignerName"], [["corp", "<none>"], ["example.com:web:1", "example.com/web"]]]);
  const put = await admin("PUT", `${bundlesPath}/corp`, { body: bundle("corp") });
  assert.match(put.text, /metadata\.resourceVersion: Invalid value: 0x0: must be specified for an update/);

  const reads = async (user: string, ...groups: string[]): Promise<number> => (await server.as(user, ...groups)("GET", bundlesPath)).status;
  assert.deepEqual([await reads("system:node:a", "system:nodes"), await reads("system:serviceaccount:default:x", "system:serviceaccounts"), await reads("ada")], [200, 200, 403]);
  assert.deepEqual(sourcesOf((await makePod(server, "web")).text), [{ clusterTrustBundle: { name: "corp", path: "ca.pem" } }]);
});

test("who speaks for a signer must be allowed to", async (t) => {
  const server = await startApiServer(t, { settings });
  const { admin } = server;
  const grant = (name: string, rule: object): Promise<Answer> => admin("POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles", { body: { metadata: { name }, rules: [rule] } });
  await grant("writer", { verbs: ["*"], apiGroups: ["certificates.k8s.io"], resources: ["clustertrustbundles"] });
  await grant("attester", { verbs: ["attest"], apiGroups: ["certificates.k8s.io"], resources: ["signers"], resourceNames: ["example.com/web"] });
  const bind = (role: string, user: string): Promise<Answer> => admin("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", { body: { metadata: { name: `${role}-${user}` }, roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role }, subjects: [{ kind: "User", name: user }] } });
  for (const [role, user] of [["writer", "ada"], ["writer", "bob"], ["attester", "bob"]] as const) await bind(role, user);
  const [ada, bob] = [server.as("ada"), server.as("bob")];
  const name = "example.com:web:1";
  const body = bundle(name, "example.com/web");
  const refusal = /clustertrustbundles.certificates.k8s.io \\"example.com:web:1\\" is forbidden: user not permitted to attest for signerName \\"example.com\/web\\"/;
  assert.match((await ada("POST", bundlesPath, { body })).text, refusal);
  assert.equal((await ada("POST", bundlesPath, { body: bundle("mine") })).status, 201, "a bundle of no signer is anybody's");
  assert.equal((await bob("POST", bundlesPath, { body })).status, 201);
  const patch = (change: object): Promise<Answer> => ada("PATCH", `${bundlesPath}/${name}`, { body: change, type: "application/merge-patch+json" });
  assert.match((await patch({ metadata: { labels: { a: "b" } } })).text, refusal);
  assert.equal((await patch({ metadata: { finalizers: ["example.com/f"] } })).status, 200, "what garbage collection does says nothing of trust");
});

test("the authority of the API server is published, and no older one of it", async (t) => {
  const server = await startApiServer(t, { settings });
  const signerName = "kubernetes.io/kube-apiserver-serving";
  const bundles = server.client.resource(clusterTrustBundles);
  await bundles.create(bundle("kubernetes.io:kube-apiserver-serving:old", signerName));
  const ca = newCa("next", 0).cert;
  runControllers(t, server, (deps) => trustBundlePublisher(deps, ca));
  const found = await until("one bundle", async () => {
    const { items } = await bundles.list({ fieldSelector: `spec.signerName=${signerName}` });
    return items.length === 1 && items[0]?.spec.trustBundle === ca ? items[0] : undefined;
  });
  assert.match(found.metadata.name, /^kubernetes\.io:kube-apiserver-serving:[0-9a-f]{24}$/);
});

const requestsPath = `${version}/namespaces/default/podcertificaterequests`;
const signerName = "example.com/web";

/** A node with a pod of the account `default` on it, and what a request for it says. */
async function withPod({ client }: TestApiServer): Promise<PodCertificateRequest["spec"]> {
  const node = await client.resource(nodes).create({ metadata: { name: "a" }, spec: {}, status: {} });
  const account = await client.resource(serviceAccounts).get("default", "default");
  const pod = await client.resource(pods).create({ metadata: { name: "web", namespace: "default" }, spec: { nodeName: "a", containers: [{ name: "c", image: "i" }] }, status: {} });
  return { signerName, podName: "web", podUID: pod.metadata.uid ?? "", serviceAccountName: "default", serviceAccountUID: account.metadata.uid ?? "", nodeName: "a", nodeUID: node.metadata.uid ?? "", stubPKCS10Request: "" };
}
const asking = (spec: object, key: KeyObject): object => ({ metadata: { generateName: "req-" }, spec: { ...spec, stubPKCS10Request: stubCsr(key).toString("base64") } });

/** What a signer of ours writes: half a day, new at half time. When it was is the server's to say. */
function issued(ca: KeyPair, { spec }: PodCertificateRequest, now = systemClock.now() + 60_000): PodCertificateRequest["status"] { // our certificates begin five minutes before
  const leaf = signCertificate(ca, readCsr(Buffer.from(spec.stubPKCS10Request, "base64")).publicKey, { commonName: spec.podName, usages: ["client"], days: 0.5 }, now);
  const { validFromDate, validToDate } = new X509Certificate(leaf);
  const [from, to] = [validFromDate.getTime(), validToDate.getTime()];
  return {
    conditions: [{ type: "Issued", status: "True", reason: "ByTest", message: "" }],
    certificateChain: leaf + ca.cert, notBefore: timestamp(from), notAfter: timestamp(to), beginRefreshAt: timestamp((from + to) / 2),
  } as PodCertificateRequest["status"];
}

test("a node asks for its own pods, a signer who may answers, once", async (t) => {
  const server = await withAccount(await startApiServer(t, { settings }));
  const { admin } = server;
  const spec = await withPod(server);
  const [node, other] = [server.as("system:node:a", "system:nodes"), server.as("system:node:b", "system:nodes")];
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  assert.match((await other("POST", requestsPath, { body: asking(spec, privateKey) })).text, /which is not the requesting node \\"b\\"/);
  const made = await node.json<PodCertificateRequest>("POST", requestsPath, { body: asking(spec, privateKey) });
  const path = `${requestsPath}/${made.metadata.name}`;
  const codes = async (...asked: readonly (readonly [by: typeof node, method: string, path: string])[]): Promise<readonly number[]> => Promise.all(asked.map(async ([by, method, at]) => (await by(method, at)).status));
  const all = `${version}/podcertificaterequests`;
  assert.deepEqual(await codes([node, "GET", path], [other, "GET", path], [node, "GET", requestsPath], [node, "GET", `${all}?fieldSelector=spec.nodeName%3Da`], [other, "GET", `${all}?fieldSelector=spec.nodeName%3Da`], [node, "DELETE", path]), [200, 403, 403, 200, 403, 403]);

  const ca = newCa("signer", 0);
  const answer = (by: typeof node, status: object): Promise<Answer> => by("PUT", `${path}/status`, { body: { ...made, status } });
  const rules = [{ verbs: ["get", "update"], apiGroups: ["certificates.k8s.io"], resources: ["podcertificaterequests", "podcertificaterequests/status"] }, { verbs: ["sign"], apiGroups: ["certificates.k8s.io"], resources: ["signers"], resourceNames: ["example.com/*"] }];
  for (const [name, of] of [["writer", rules.slice(0, 1)], ["signer", rules]] as const) {
    await admin("POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles", { body: { metadata: { name }, rules: of } });
    await admin("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", { body: { metadata: { name }, roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name }, subjects: [{ kind: "User", name }] } });
  }
  assert.match((await answer(server.as("writer"), issued(ca, made))).text, /spec\.signerName: Forbidden: User \\"writer\\" is not permitted to \\"sign\\" for signer \\"example\.com\/web\\"/);
  const signer = server.as("signer");
  assert.match((await answer(signer, issued(ca, made, systemClock.now() - 7_200_000))).text, /status\.notBefore: Invalid value: .* must be set to within 5 minutes of kube-apiserver's current time/);
  const done = JSON.parse((await answer(signer, issued(ca, made))).text) as PodCertificateRequest;
  assert.match(done.status.conditions?.[0]?.lastTransitionTime ?? "", /^20/);
  assert.match((await answer(signer, { conditions: [{ type: "Denied", status: "True", reason: "Late", message: "" }] })).text, /metadata|the object has been modified/);
  const late = await signer("PUT", `${path}/status`, { body: { ...done, status: { conditions: [{ type: "Denied", status: "True", reason: "Late", message: "" }] } } });
  assert.match(late.text, /status: Invalid value: immutable after PodCertificateRequest is issued, denied, or failed/);
  const table = await admin.json<{ rows: { cells: unknown[] }[] }>("GET", requestsPath, { headers: { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" } });
  assert.deepEqual(table.rows.map(({ cells }) => cells.slice(1)), [["web", "default", "a", signerName, "Issued"]]);
});

test("a kubelet has its key certified over the wire, and old requests go", async (t) => {
  const server = await withAccount(await startApiServer(t, { settings }));
  const { client, api } = server;
  const spec = await withPod(server);
  const stopping = new AbortController();
  const kubelet = newClient(inProcess(api.handler, { name: "system:node:a", groups: ["system:nodes"] }));
  const informers = newInformers(kubelet, systemClock, silent);
  const running = informers.run(stopping.signal);
  t.after(async () => {
    stopping.abort();
    await running;
  });
  const certificates = new PodCertificates({ client: kubelet, informers, events: { event: () => {} }, clock: systemClock, log: silent, nodeName: "a", nodeUid: () => spec.nodeUID, chance: () => 0 });
  const pod = await client.resource(pods).get("web", "default");
  const asked = certificates.of(pod, "tls", 0, { signerName, keyType: "ECDSAP384", credentialBundlePath: "tls.pem" }, stopping.signal);
  asked.catch(() => {}); // looked at below
  const requests = client.resource(podCertificateRequests);
  const [request] = await until("a request", async () => ((found) => (found.length === 1 ? found : undefined))((await requests.list({ fieldSelector: "spec.podName=web" })).items));
  assert(request !== undefined);
  await requests.update({ ...request, status: issued(newCa("signer", 0), request) }, { subresource: "status" });
  const { key, chain } = await asked;
  assert.equal(new X509Certificate(chain).publicKey.equals(createPublicKey(key)), true);

  const later = { now: () => systemClock.now() + 900_000, sleep: systemClock.sleep.bind(systemClock) };
  runControllers(t, server, (deps) => podRequestCleaner({ ...deps, clock: later }));
  await until("the request is gone", async () => (await requests.list({})).items.length === 0);
});

test("once it is off again the version is nobody's any more", async (t) => {
  const server = await startApiServer(t, { settings });
  await ensureBootstrapObjects(server.client, 0);
  assert.deepEqual((await server.client.resource(apiServices).list({ fieldSelector: "metadata.name=v1beta1.certificates.k8s.io" })).items, []);
});
