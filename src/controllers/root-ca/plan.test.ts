import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConfigMap, Namespace } from "#api/gen/core-v1.ts";
import { plan as accountOf } from "../serviceaccount/plan.ts";
import { plan } from "./plan.ts";

const namespace = (phase = "Active"): Namespace => ({ metadata: { name: "shop" }, spec: {}, status: { phase } }) as Namespace;
const made = plan(namespace(), undefined, "CA");
const whole = made.action === "none" ? undefined : made.map;
const description = whole?.metadata.annotations?.["kubernetes.io/description"] ?? "";

test("every namespace has the CA, in words that clients compare", () => {
  assert.equal(made.action, "create");
  assert.deepEqual([whole?.metadata.name, whole?.metadata.namespace, whole?.data, description.startsWith("Contains a CA bundle")], ["kube-root-ca.crt", "shop", { "ca.crt": "CA" }, true]);
});

const changed: readonly [name: string, change: (map: ConfigMap) => ConfigMap, want: "none" | "update"][] = [
  ["as it should be", (map) => map, "none"],
  ["labels of others are kept", (map) => ({ ...map, metadata: { ...map.metadata, labels: { a: "b" } } }), "none"],
  ["another CA", (map) => ({ ...map, data: { "ca.crt": "OLD" } }), "update"],
  ["something beside it", (map) => ({ ...map, data: { ...map.data, mine: "1" } }), "update"],
  ["bytes beside it", (map) => ({ ...map, binaryData: { mine: "MQ==" } }), "update"],
  ["no description", (map) => ({ ...map, metadata: { ...map.metadata, annotations: {} } }), "update"],
];
for (const [name, change, want] of changed) {
  test(name, () => {
    assert(whole !== undefined);
    const next = plan(namespace(), change(whole), "CA");
    assert.equal(next.action, want);
    if (next.action !== "none") assert.deepEqual([next.map.data, next.map.binaryData, next.map.metadata.annotations], [{ "ca.crt": "CA" }, undefined, whole.metadata.annotations]);
  });
}

test("a namespace that is going or gone gets neither CA nor account", () => {
  assert.deepEqual([plan(namespace("Terminating"), undefined, "CA").action, plan(undefined, undefined, "CA").action], ["none", "none"]);
  assert.deepEqual([accountOf(namespace("Terminating"), undefined), accountOf(undefined, undefined)], [undefined, undefined]);
});

test("every namespace has an account, once", () => {
  const account = accountOf(namespace(), undefined);
  assert.deepEqual(account, { metadata: { name: "default", namespace: "shop" } });
  assert.equal(accountOf(namespace(), account), undefined);
});
