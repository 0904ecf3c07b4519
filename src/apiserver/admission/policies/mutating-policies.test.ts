import { deepEqual } from "node:assert/strict";
import { describe, test } from "node:test";
import type { MutatingAdmissionPolicySpec, Mutation } from "#api/gen/admissionregistration-v1.ts";
import { cloneJson } from "#apimachinery/records.ts";
import { isStatus } from "#apimachinery/status.ts";
import { kinds } from "../../registry/kinds.ts";
import { Registry } from "../../registry/registry.ts";
import { requestFor } from "../fixture.ts";
import { mutatingPolicies } from "./mutating-policies.ts";
import { servedKinds } from "./served-kinds.ts";

const plugin = mutatingPolicies({ authorize: async () => ({ allowed: true, reason: "" }) }, servedKinds(new Registry(kinds)));
const matchConstraints = { resourceRules: [{ operations: ["CREATE" as const], apiGroups: ["apps"], apiVersions: ["v1"], resources: ["deployments"] }] };
const deployment = {
  metadata: { name: "web", namespace: "default", labels: { app: "web" } },
  spec: { replicas: 1, selector: { matchLabels: { app: "web" } }, template: { metadata: {}, spec: { containers: [{ name: "c", image: "nginx", command: ["run"] }] } } },
};
const apply = (expression: string): Mutation => ({ patchType: "ApplyConfiguration", applyConfiguration: { expression } });
const patch = (expression: string): Mutation => ({ patchType: "JSONPatch", jsonPatch: { expression } });

/** The object after the policies, or the refusal. Policies are bound in the order given. */
async function mutate(...specs: readonly Partial<MutatingAdmissionPolicySpec>[]): Promise<Record<string, unknown> | string> {
  const object = cloneJson(deployment);
  const stored = {
    namespaces: [{ metadata: { name: "default" } }], configmaps: [{ metadata: { name: "p", namespace: "default" }, data: { team: "blue" } }],
    mutatingadmissionpolicies: specs.map((spec, i) => ({ metadata: { name: `p${i}` }, spec: { failurePolicy: "Fail", reinvocationPolicy: "Never", matchConstraints, ...spec } })),
    mutatingadmissionpolicybindings: specs.map((spec, i) => ({ metadata: { name: `b${i}` }, spec: { policyName: `p${i}`, ...(spec.paramKind === undefined ? {} : { paramRef: { name: "p" } }) } })),
  };
  try {
    await plugin.admit?.(requestFor("deployments", stored), object as never);
    return object;
  } catch (err) {
    if (!isStatus(err, "Invalid")) throw err;
    return err.message;
  }
}

type Pick = (made: typeof deployment & { readonly metadata: { readonly annotations?: object } }) => unknown;
const cases: readonly (readonly [name: string, specs: readonly Partial<MutatingAdmissionPolicySpec>[], pick: Pick, want: unknown])[] = [
  ["states a field", [{ mutations: [apply("Object{spec: Object.spec{replicas: 3}}")] }], (o) => o.spec.replicas, 3],
  ["adds an annotation", [{ mutations: [apply('Object{metadata: Object.metadata{annotations: {"mutated-by": "me"}}}')] }], (o) => o.metadata.annotations, { "mutated-by": "me" }],
  ["merges containers by name", [{ mutations: [apply("Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers{name: 'c', image: 'other'}, Object.spec.template.spec.containers{name: 'side', image: 'x'}]}}}}")] }],
    (o) => o.spec.template.spec.containers.map(({ name, image, command }) => [name, image, command]), [["c", "other", ["run"]], ["side", "x", undefined]]],
  ["patches", [{ mutations: [patch("[JSONPatch{op: 'test', path: '/spec/replicas', value: 1}, JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('x/y'), value: 'z'}]")] }], (o) => o.metadata.labels, { app: "web", "x/y": "z" }],
  ["a test that fails leaves all as it was", [{ mutations: [patch("[JSONPatch{op: 'test', path: '/spec/replicas', value: 9}, JSONPatch{op: 'remove', path: '/spec/replicas'}]")] }], (o) => o.spec.replicas, 1],
  ["one mutation after another", [{ mutations: [apply("Object{spec: Object.spec{replicas: object.spec.replicas + 1}}"), apply("Object{spec: Object.spec{replicas: object.spec.replicas * 10}}")] }], (o) => o.spec.replicas, 20],
  ["parameters and variables", [{ paramKind: { apiVersion: "v1", kind: "ConfigMap" }, variables: [{ name: "team", expression: "params.data.team" }], mutations: [apply("Object{metadata: Object.metadata{labels: {'team': variables.team}}}")] }], (o) => o.metadata.labels, { app: "web", team: "blue" }],
  ["match conditions", [{ matchConditions: [{ name: "no", expression: "object.spec.replicas > 1" }], mutations: [apply("Object{spec: Object.spec{replicas: 3}}")] }], (o) => o.spec.replicas, 1],
  ["an optional field that is not there", [{ mutations: [apply("Object{spec: Object.spec{?replicas: object.spec.?none}}")] }], (o) => o.spec.replicas, 1],
  ["runs again after a later change, if asked", [
    { reinvocationPolicy: "IfNeeded", mutations: [apply("Object{metadata: Object.metadata{labels: {'many': string(object.spec.replicas > 1)}}}")] },
    { mutations: [apply("Object{spec: Object.spec{replicas: 3}}")] },
  ], (o) => o.metadata.labels, { app: "web", many: "true" }],
  ["not otherwise", [
    { mutations: [apply("Object{metadata: Object.metadata{labels: {'many': string(object.spec.replicas > 1)}}}")] },
    { mutations: [apply("Object{spec: Object.spec{replicas: 3}}")] },
  ], (o) => o.metadata.labels, { app: "web", many: "false" }],
  ["what fails may be ignored", [{ failurePolicy: "Ignore", mutations: [apply("Object{spec: Object.spec{replicas: object.none}}")] }], (o) => o.spec.replicas, 1],
];

const refusals: readonly (readonly [name: string, mutation: Mutation, message: string])[] = [
  ["an error", apply("Object{spec: Object.spec{replicas: object.none}}"), "expression 'Object{spec: Object.spec{replicas: object.none}}' resulted in error: no such key: none"],
  ["objects at another's place", apply("Object{spec: Object.wrong{replicas: 1}}"), 'type mismatch: unexpected type name "Object.wrong", expected "Object.spec", which matches field name path from root Object type'],
  ["lists that can only be replaced", apply("Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers{name: 'c', command: ['x']}]}}}}"), "error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.template.spec.containers[0].command"],
  ["another result", apply("1 + 1"), "compilation error: must evaluate to Object"],
  ["a value of another type", patch("[JSONPatch{op: 'replace', path: '/spec/replicas', value: 'many'}]"), "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32"],
  ["a patch that does not apply", patch("[JSONPatch{op: 'remove', path: '/none'}]"), "JSONPath: remove operation does not apply: doc is missing from path: /none: missing value"],
];

describe("mutating admission policies", () => {
  for (const [name, specs, pick, want] of cases) test(name, async () => {
    const made = await mutate(...specs);
    deepEqual(typeof made === "string" ? made : pick(made as never), want);
  });
  for (const [name, mutation, message] of refusals) test(`refuses ${name}`, async () => {
    deepEqual(await mutate({ mutations: [mutation] }), `policy 'p0' with binding 'b0' denied request: ${message}`);
  });
});
