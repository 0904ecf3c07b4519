/** What is written down of requests, by a policy. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Policy } from "#apiserver/audit/policy.ts";
import { startApiServer } from "../support/api-server.ts";

type Event = Readonly<Record<string, unknown>> & { readonly stage: string; readonly level: string; readonly requestObject?: { readonly metadata: Record<string, unknown> }; readonly responseObject?: { readonly kind?: string; readonly metadata?: Record<string, unknown>; readonly items?: readonly unknown[] } };
const configMaps = "/api/v1/namespaces/default/configmaps";

const policy: Policy = {
  omitManagedFields: true,
  rules: [
    { level: "None", nonResourceURLs: ["/livez*"] },
    { level: "RequestResponse", resources: [{ group: "", resources: ["configmaps"] }] },
    { level: "RequestResponse", verbs: ["create"] },
    { level: "Metadata", omitStages: ["RequestReceived"] },
  ],
};

test("a policy says of which requests which stages are told, and how much", async (t) => {
  const events: Event[] = [];
  const { admin } = await startApiServer(t, { audit: { policy, write: (event) => { events.push(event as Event); } } });
  const during = async (step: () => Promise<unknown>): Promise<readonly Event[]> => {
    events.length = 0;
    await step();
    return events.filter(({ userAgent }) => userAgent === "audited");
  };
  const headers = { "user-agent": "audited" };
  const shape = (list: readonly Event[]): readonly unknown[] => list.map(({ stage, level, requestObject, responseObject }) => [stage, level, requestObject !== undefined, responseObject?.kind]);

  assert.deepEqual(shape(await during(() => admin("GET", "/livez", { headers }))), []);
  assert.deepEqual(shape(await during(() => admin("GET", "/api/v1/namespaces/default", { headers }))), [["ResponseComplete", "Metadata", false, undefined]]);
  const made = await during(() => admin("POST", configMaps, { headers, body: { metadata: { name: "a" }, data: { k: "v" } } }));
  assert.deepEqual(shape(made), [["RequestReceived", "RequestResponse", false, undefined], ["ResponseComplete", "RequestResponse", true, "ConfigMap"]]);
  assert.equal(made[1]?.responseObject?.metadata?.["managedFields"], undefined);
  for (const accept of ["application/yaml", "application/vnd.kubernetes.protobuf"]) {
    assert.deepEqual((await during(() => admin("GET", `${configMaps}/a`, { headers: { ...headers, accept } })))[1]?.responseObject?.metadata?.["name"], "a", accept);
  }
  const listed = await during(() => admin("GET", configMaps, { headers: { ...headers, "accept-encoding": "gzip" } }));
  assert.equal(listed[1]?.responseObject?.items?.length, 1);
  const watched = await during(() => admin("GET", `${configMaps}?watch=1&timeoutSeconds=1`, { headers }));
  assert.deepEqual(shape(watched), [["RequestReceived", "RequestResponse", false, undefined], ["ResponseStarted", "RequestResponse", false, undefined], ["ResponseComplete", "RequestResponse", false, undefined]]);
  const refused = await during(() => admin("GET", `${configMaps}/nope`, { headers }));
  assert.deepEqual([refused[1]?.["responseStatus"], refused[1]?.responseObject?.kind], [{ metadata: {}, code: 404 }, "Status"]);
  const secret = await during(() => admin("POST", "/api/v1/namespaces/default/secrets", { headers, body: { metadata: { name: "s" }, stringData: { canary: "c4n4ry" } } }));
  assert.deepEqual(shape(secret), [["RequestReceived", "Metadata", false, undefined], ["ResponseComplete", "Metadata", false, undefined]]);
  assert.doesNotMatch(JSON.stringify(secret), /c4n4ry/);
});

test("what admission and authorization had to say is in the event", async (t) => {
  const events: Event[] = [];
  const { admin } = await startApiServer(t, { audit: { policy: { rules: [{ level: "Metadata", omitStages: ["RequestReceived"] }] }, write: (event) => { events.push(event as Event); } } });
  const rule = { operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] };
  const policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolic";
  await admin("POST", `${policies}ies`, { body: { metadata: { name: "p" }, spec: { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: "false", message: "never" }], auditAnnotations: [{ key: "name", valueExpression: "object.metadata.name" }] } } });
  await admin("POST", `${policies}ybindings`, { body: { metadata: { name: "b" }, spec: { policyName: "p", validationActions: ["Audit"] } } });
  await admin("POST", "/api/v1/namespaces", { body: { metadata: { name: "a", labels: { "pod-security.kubernetes.io/audit": "baseline" } } } });
  await admin("POST", "/api/v1/namespaces/a/serviceaccounts", { body: { metadata: { name: "default" }, automountServiceAccountToken: false } });
  await admin("POST", "/api/v1/namespaces/a/pods", { headers: { "user-agent": "audited" }, body: { metadata: { name: "one" }, spec: { hostPID: true, containers: [{ name: "c", image: "i" }] } } });
  assert.deepEqual(events.find(({ userAgent }) => userAgent === "audited")?.["annotations"], {
    "authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": "",
    "p/name": "one",
    "validation.policy.admission.k8s.io/validation_failure": '[{"message":"never","policy":"p","binding":"b","expressionIndex":0,"validationActions":["Audit"]}]',
    "pod-security.kubernetes.io/enforce-policy": "privileged:latest",
    "pod-security.kubernetes.io/audit-violations": 'would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)',
  });
});
