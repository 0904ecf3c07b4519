import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClusterRole, PolicyRule } from "#api/gen/rbac-v1.ts";
import { plan } from "./plan.ts";

const rule = (...resources: string[]): PolicyRule => ({ apiGroups: [""], verbs: ["get"], resources });
const role = (name: string, labels: Record<string, string>, rules: PolicyRule[]): ClusterRole => ({ metadata: { name, labels }, rules });
const gathering = (rules: PolicyRule[], ...keys: string[]): ClusterRole => ({ ...role("all", { a: "1" }, rules), aggregationRule: { clusterRoleSelectors: keys.map((key) => ({ matchLabels: { [key]: "1" } })) } });
const others = [role("z", { a: "1" }, [rule("pods")]), role("b", { a: "1" }, [rule("nodes"), rule("pods")]), role("c", { c: "1" }, [rule("secrets")])];

// Upstream: pkg/controller/clusterroleaggregation/clusterroleaggregation_controller_test.go
const cases: readonly [name: string, role: ClusterRole, want: readonly PolicyRule[] | undefined][] = [
  ["a role that gathers nothing is left", role("x", {}, []), undefined],
  ["each rule once, by the names of their roles", gathering([], "a"), [rule("nodes"), rule("pods")]],
  ["by several selectors, in their order", gathering([], "c", "a"), [rule("secrets"), rule("nodes"), rule("pods")]],
  ["what somebody added goes", gathering([rule("nodes"), rule("pods"), rule("secrets")], "a"), [rule("nodes"), rule("pods")]],
  ["what is right stays", gathering([rule("nodes"), rule("pods")], "a"), undefined],
  ["not its own rules", gathering([rule("own")], "nobody"), []],
];
for (const [name, of, want] of cases) test(name, () => assert.deepEqual(plan(of, [...others, of]), want));
