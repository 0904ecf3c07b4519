import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "#apimachinery/meta.ts";
import { optionalKinds, type OptionalKind } from "#api/optional-kinds.ts";
import type { AdmissionAttributes } from "./attributes.ts";
import { requestFor } from "./fixture.ts";
import { unservedProjections } from "./unserved-projections.ts";

const bundle = { clusterTrustBundle: { name: "corp", path: "ca.pem" } };
const token = { serviceAccountToken: { path: "token" } };
const spec = (...sources: readonly object[]): object => ({ volumes: [{ name: "a" }, { name: "b", projected: { sources } }] });

async function kept(plural: string, object: object, given: Partial<AdmissionAttributes> = {}, asked: readonly OptionalKind[] = []): Promise<readonly [object: object, warnings: number]> {
  const next = structuredClone(object);
  let warnings = 0;
  await unservedProjections(asked).admit?.(requestFor(plural, {}, { ...given, warn: () => { warnings++; } }), next as KubeObject);
  return [next, warnings];
}

test("what is not served is left out of a new pod, once for all its volumes, and nothing else is", async () => {
  assert.deepEqual(await kept("pods", { spec: spec(bundle, token, bundle) }), [{ spec: spec({}, token, {}) }, 1]);
  assert.deepEqual(await kept("pods", { spec: spec(token) }), [{ spec: spec(token) }, 0]);
  assert.deepEqual(await kept("pods", { spec: spec(bundle) }, {}, optionalKinds), [{ spec: spec(bundle) }, 0]);
});

test("a pod that has it keeps it", async () => {
  const oldObject = { metadata: { name: "web" }, spec: spec(bundle) } as KubeObject;
  assert.deepEqual(await kept("pods", { spec: spec(bundle) }, { operation: "UPDATE", oldObject }), [{ spec: spec(bundle) }, 0]);
  assert.deepEqual(await kept("pods", { spec: spec(bundle) }, { operation: "UPDATE", oldObject: { metadata: { name: "web" }, spec: spec() } as KubeObject }), [{ spec: spec({}) }, 1]);
});

const holders: readonly (readonly [plural: string, of: (template: object) => object])[] = [
  ["podtemplates", (template) => ({ template })], ["cronjobs", (template) => ({ spec: { jobTemplate: { spec: { template } } } })],
  ...["replicationcontrollers", "replicasets", "deployments", "statefulsets", "daemonsets", "jobs"].map((plural) => [plural, (template: object) => ({ spec: { template } })] as const),
];
for (const [plural, of] of holders) {
  test(`templates of ${plural}`, async () => assert.deepEqual(await kept(plural, of({ spec: spec(bundle) })), [of({ spec: spec({}) }), 1]));
}
