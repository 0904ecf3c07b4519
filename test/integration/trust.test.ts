/** Kinds that are served only where they are asked for: what is there with the switch, and what is not without it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClusterTrustBundle } from "#api/gen/certificates-v1beta1.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { optionalKinds } from "#api/optional-kinds.ts";
import { apiServices, clusterRoles, clusterTrustBundles } from "#api/resources.ts";
import { ensureBootstrapObjects } from "#apiserver/authz/bootstrap.ts";
import { someCertificate } from "#base/csr-fixture.ts";
import { newCa } from "#base/pki.ts";
import { until } from "#base/waiting.ts";
import { trustBundlePublisher } from "#controllers/trust-bundle-publisher/reconciler.ts";
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
  assert.doesNotMatch((await admin("GET", "/openapi/v2")).text, /clustertrustbundles/);
  const roles = (await client.resource(clusterRoles).list({})).items.filter(({ metadata, rules }) => /trust/.test(metadata.name) || JSON.stringify(rules).includes("trust"));
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

test("once it is off again the version is nobody's any more", async (t) => {
  const server = await startApiServer(t, { settings });
  await ensureBootstrapObjects(server.client, 0);
  assert.deepEqual((await server.client.resource(apiServices).list({ fieldSelector: "metadata.name=v1beta1.certificates.k8s.io" })).items, []);
});
