/** Controllers of what no pod has: certificates that are asked for, levels that schemas name, claims that grow. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import type { CertificateSigningRequest } from "#api/gen/certificates-v1.ts";
import { certificateSigningRequests, events, flowSchemas, namespaces, persistentVolumeClaims, priorityLevelConfigurations } from "#api/resources.ts";
import { systemClock } from "#base/clock.ts";
import { nodeClientCsr, nodeServingCsr } from "#base/csr-fixture.ts";
import { until } from "#base/waiting.ts";
import type { Client } from "#client/client.ts";
import { certificateCleaner } from "#controllers/certificates/cleaner.ts";
import { certificateController } from "#controllers/certificates/reconciler.ts";
import { flowSchemaController } from "#controllers/flow-schema/reconciler.ts";
import { volumeExpandController } from "#controllers/volume-expand/reconciler.ts";
import { startApiServer } from "../support/api-server.ts";
import { runControllers } from "../support/controllers.ts";

type Usage = NonNullable<CertificateSigningRequest["spec"]["usages"]>[number];
const twoHoursMs = 7_200_000;

const ask = (client: Client, name: string, signer: string, csr: string, ...usages: readonly Usage[]): Promise<CertificateSigningRequest> => client.resource(certificateSigningRequests).create({
  metadata: { name }, spec: { signerName: `kubernetes.io/${signer}`, request: Buffer.from(csr).toString("base64"), usages: ["digital signature", ...usages] }, status: {},
});
const approve = (client: Client, request: CertificateSigningRequest): Promise<CertificateSigningRequest> => client.resource(certificateSigningRequests).update(
  { ...request, status: { conditions: [{ type: "Approved", status: "True", reason: "ByHand", message: "by hand" }] } }, { subresource: "approval" },
);
const conditionsOf = ({ status }: CertificateSigningRequest): string[] => (status.conditions ?? []).map(({ type, reason = "", message = "" }) => `${type} ${reason}: ${message}`);

test("a node's client certificate is approved and signed, others when somebody approves them; what a signer does not sign has failed; old requests go", async (t) => {
  const server = await startApiServer(t);
  const { client, ca } = server;
  const requests = client.resource(certificateSigningRequests);
  const answered = (name: string): Promise<CertificateSigningRequest> => until(`an answer to ${name}`, async () => {
    const found = await requests.get(name);
    return found.status.certificate !== undefined || found.status.conditions?.some(({ type }) => type === "Failed") === true ? found : undefined;
  });
  const certificateOf = ({ status }: CertificateSigningRequest): X509Certificate => new X509Certificate(Buffer.from(status.certificate ?? "", "base64"));
  runControllers(t, server, (deps) => certificateController(deps, ca));

  const serving = await ask(client, "serving", "kubelet-serving", nodeServingCsr, "server auth");
  await ask(client, "node", "kube-apiserver-client-kubelet", nodeClientCsr, "client auth");
  const node = await answered("node");
  assert.deepEqual(conditionsOf(node), ["Approved AutoApproved: Auto approving kubelet client certificate after SubjectAccessReview."]);
  const signed = certificateOf(node);
  assert.deepEqual([signed.subject, signed.checkIssued(new X509Certificate(ca.cert)), signed.keyUsage], ["O=system:nodes\nCN=system:node:a", true, ["1.3.6.1.5.5.7.3.2"]]);

  assert.deepEqual(conditionsOf(await requests.get("serving")), [], "nobody is asked whether a node may serve under these names");
  await approve(client, serving);
  assert.match(certificateOf(await answered("serving")).subjectAltName ?? "", /DNS:a, IP Address:10\.0\.0\.1/);

  await approve(client, await ask(client, "wrong", "kube-apiserver-client", nodeClientCsr, "client auth", "server auth"));
  assert.deepEqual(conditionsOf(await answered("wrong")), ["Approved ByHand: by hand", "Failed SignerValidationFailure: invalid usage for client certificate: server auth"]);

  await ask(client, "waiting", "kubelet-serving", nodeServingCsr, "server auth");
  const later = { now: () => systemClock.now() + twoHoursMs, sleep: systemClock.sleep.bind(systemClock) };
  runControllers(t, server, (deps) => certificateCleaner({ ...deps, clock: later }));
  await until("answered requests are gone", async () => (await requests.list({})).items.length === 1);
  assert.deepEqual((await requests.list({})).items.map(({ metadata }) => metadata.name), ["waiting"]);
});

test("a FlowSchema says whether its level is there", async (t) => {
  const server = await startApiServer(t);
  const { client } = server;
  runControllers(t, server, flowSchemaController);
  const dangling = (want: string): Promise<string> => until(`Dangling ${want}`, async () => {
    const found = (await client.resource(flowSchemas).get("batch")).status.conditions?.find(({ type }) => type === "Dangling");
    return found?.status === want ? found.reason : undefined;
  });
  await client.resource(flowSchemas).create({ metadata: { name: "batch" }, spec: { priorityLevelConfiguration: { name: "slow" } }, status: {} });
  assert.equal(await dangling("True"), "NotFound");
  await client.resource(priorityLevelConfigurations).create({ metadata: { name: "slow" }, spec: { type: "Limited", limited: { nominalConcurrencyShares: 1, limitResponse: { type: "Reject" } } }, status: {} });
  assert.equal(await dangling("False"), "Found");
  await client.resource(priorityLevelConfigurations).delete("slow", undefined);
  assert.equal(await dangling("True"), "NotFound");
});

test("a claim that asks for more than it has is told once whom it waits for", async (t) => {
  const server = await startApiServer(t);
  const { client } = server;
  await client.resource(namespaces).create({ metadata: { name: "shop" }, spec: {}, status: {} });
  runControllers(t, server, volumeExpandController);
  const claims = client.resource(persistentVolumeClaims);
  for (const [name, storage] of [["grows", "2Gi"], ["stays", "1Gi"]] as const) {
    await claims.create({ metadata: { name, namespace: "shop" }, spec: { accessModes: ["ReadWriteOnce"], storageClassName: "", resources: { requests: { storage } } }, status: {} });
    await claims.patch(name, "shop", { type: "merge", body: { status: { phase: "Bound", capacity: { storage: "1Gi" } } } }, { subresource: "status" });
  }
  const told = await until("an event", async () => {
    const { items } = await client.resource(events).list({ namespace: "shop" });
    return items.length > 0 && items;
  });
  assert.deepEqual(told.map(({ involvedObject, reason, message }) => [involvedObject.name, reason, message]), [["grows", "ExternalExpanding", "waiting for an external controller to expand this PVC"]]);
});
