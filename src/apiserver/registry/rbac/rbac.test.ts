import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClusterRoleBinding, RoleBinding } from "#api/gen/rbac-v1.ts";
import { texts } from "../fixture.ts";
import { clusterRoleBindings, roleBindings } from "./bindings.ts";
import { validateRule } from "./checks.ts";

const group = "rbac.authorization.k8s.io";

// Upstream: pkg/apis/rbac/validation
test("a rule names verbs, groups and resources, or paths", () => {
  assert.deepEqual(texts(validateRule({ verbs: [] }, "rules[0]", true)), [
    "rules[0].verbs: Required value: verbs must contain at least one value", "rules[0].apiGroups: Required value: resource rules must supply at least one api group",
    "rules[0].resources: Required value: resource rules must supply at least one resource",
  ]);
  assert.deepEqual(texts(validateRule({ verbs: ["get"], nonResourceURLs: ["/x"] }, "rules[0]", true)), ['rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs']);
  assert.deepEqual(texts(validateRule({ verbs: ["get"], nonResourceURLs: ["/x"], resources: ["pods"] }, "rules[0]", false)), ['rules[0].nonResourceURLs: Invalid value: ["/x"]: rules cannot apply to both regular resources and non-resource URLs']);
});

const bindingOf = (fields: object): RoleBinding => ({ metadata: { name: "b", creationTimestamp: "2026-01-01T00:00:00Z" }, roleRef: { kind: "Role", name: "r" }, ...fields }) as RoleBinding;

test("a binding knows the groups of people and roles", () => {
  const binding = bindingOf({ subjects: [{ kind: "User", name: "ada" }, { kind: "ServiceAccount", name: "robot", namespace: "a" }] });
  roleBindings.defaults?.(binding);
  assert.deepEqual([binding.roleRef.apiGroup, binding.subjects?.map((s) => s.apiGroup)], [group, [group, undefined]]);
  assert.deepEqual(texts(roleBindings.validate?.(binding)), []);
  assert.deepEqual(roleBindings.columns.map((c) => c.cell(binding, Date.parse("2026-01-01T00:00:05Z"))), ["b", "Role/r", "5s", "ada", "", "a/robot"]);
});

test("a binding of the cluster names an account's namespace, and a role of the cluster", () => {
  const binding = bindingOf({ roleRef: { apiGroup: group, kind: "Role", name: "r" }, subjects: [{ kind: "ServiceAccount", name: "robot" }] }) as ClusterRoleBinding;
  assert.deepEqual(texts(clusterRoleBindings.validate?.(binding)), ['roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"', "subjects[0].namespace: Required value"]);
});

test("a binding keeps its role", () => {
  assert.deepEqual(texts(roleBindings.validateUpdate?.(bindingOf({ roleRef: { kind: "Role", name: "x" } }), bindingOf({}))), ['roleRef: Invalid value: {"kind":"Role","name":"x"}: cannot change roleRef']);
});
