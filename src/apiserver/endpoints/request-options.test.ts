import assert from "node:assert/strict";
import { test } from "node:test";
import { serve } from "./fixture.ts";

const maps = "/api/v1/namespaces/default/configmaps";
const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } };
const other = { ...map, data: { k: "v" } };
const all = ["CREATE", "UPDATE", "DELETE"];
const policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolic";
/** Refuses everything, and says what it saw. */
const telling = {
  matchConstraints: { resourceRules: [{ operations: all, apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] }] },
  variables: ["kind", "fieldManager", "fieldValidation", "propagationPolicy"].map((name) => ({ name, expression: `has(request.options.${name}) ? request.options.${name} : '-'` })),
  validations: [{ expression: "false", messageExpression: "[variables.kind, variables.fieldManager, variables.fieldValidation, variables.propagationPolicy, has(request.options.dryRun) ? request.options.dryRun[0] : '-'].join(' ')" }],
};

const cases: readonly [method: string, path: string, body: object | undefined, type: string | undefined, told: string][] = [
  ["POST", `${maps}?fieldManager=me`, map, undefined, "CreateOptions me - - -"],
  ["POST", `${maps}?dryRun=All&fieldValidation=Strict`, map, undefined, "CreateOptions - Strict - All"],
  ["PUT", `${maps}/here?fieldManager=me`, { ...other, metadata: { name: "here" } }, undefined, "UpdateOptions me - - -"],
  ["PATCH", `${maps}/here?fieldValidation=Warn`, { data: { k: "v" } }, "application/merge-patch+json", "UpdateOptions - Warn - -"],
  ["PATCH", `${maps}/new?fieldManager=me&force=true`, { ...other, metadata: { name: "new" } }, "application/apply-patch+yaml", "CreateOptions me - - -"],
  ["DELETE", `${maps}/here?propagationPolicy=Orphan`, undefined, undefined, "DeleteOptions - - Orphan -"],
  ["DELETE", `${maps}/here`, { propagationPolicy: "Foreground", dryRun: ["All"] }, undefined, "DeleteOptions - - Foreground All"],
];

test("policies see a request's options as they were sent", async (t) => {
  const { send } = await serve(t);
  await send("POST", "/api/v1/namespaces", { body: { metadata: { name: "default" } } });
  await send("POST", maps, { body: { ...map, metadata: { name: "here" } } });
  await send("POST", `${policies}ies`, { body: { metadata: { name: "p" }, spec: telling } });
  await send("POST", `${policies}ybindings`, { body: { metadata: { name: "b" }, spec: { policyName: "p", validationActions: ["Deny"] } } });
  for (const [method, path, body, type, told] of cases) {
    const { status, body: answer } = await send<{ readonly message: string }>(method, path, { body, ...(type !== undefined && { type }) });
    assert.equal(status, 422, `${method} ${path}: ${JSON.stringify(answer)}`);
    assert.equal(answer.message.replace(/^.*denied request: /, ""), told, `${method} ${path}`);
  }
});
