import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { ApiSchema } from "../schema.ts";
import { applyStrategicMergePatch } from "./strategic-merge.ts";

const schema = JSON.parse(readFileSync(new URL("../../api/gen/schema.json", import.meta.url), "utf8")) as ApiSchema;
const spec = { type: "core/v1.PodSpec" };
const containers = (...names: string[]): { name: string; image: string }[] => names.map((name) => ({ name, image: `${name}:1` }));

const cases: readonly { readonly name: string; readonly type?: string; readonly doc: Record<string, unknown>; readonly patch: unknown; readonly want: Record<string, unknown> }[] = [
  { name: "a container is merged by its name", doc: { containers: containers("a", "b") }, patch: { containers: [{ name: "b", image: "b:2" }] }, want: { containers: [{ name: "a", image: "a:1" }, { name: "b", image: "b:2" }] } },
  { name: "a new container comes before what only the server has, as upstream has it", doc: { containers: containers("a") }, patch: { containers: containers("b") }, want: { containers: containers("b", "a") } },
  { name: "a container is deleted by directive", doc: { containers: containers("a", "b") }, patch: { containers: [{ name: "a", $patch: "delete" }] }, want: { containers: containers("b") } },
  { name: "a list is replaced by directive", doc: { containers: containers("a", "b") }, patch: { containers: [...containers("c"), { $patch: "replace" }] }, want: { containers: containers("c") } },
  { name: "the order is set", doc: { containers: containers("a", "b", "x") }, patch: { "$setElementOrder/containers": [{ name: "b" }, { name: "a" }], containers: [{ name: "a", image: "a:2" }] }, want: { containers: [{ name: "b", image: "b:1" }, { name: "a", image: "a:2" }, { name: "x", image: "x:1" }] } },
  { name: "the order is set without other change", doc: { containers: containers("a", "b") }, patch: { "$setElementOrder/containers": [{ name: "b" }, { name: "a" }] }, want: { containers: containers("b", "a") } },
  { name: "what only the server has keeps its place", doc: { containers: containers("x", "a", "b") }, patch: { "$setElementOrder/containers": [{ name: "a" }, { name: "b" }, { name: "c" }], containers: containers("c") }, want: { containers: containers("x", "a", "b", "c") } },
  { name: "command, an atomic list, is replaced", doc: { containers: [{ name: "a", command: ["x", "y"] }] }, patch: { containers: [{ name: "a", command: ["z"] }] }, want: { containers: [{ name: "a", command: ["z"] }] } },
  { name: "env is merged by name within a container", doc: { containers: [{ name: "a", env: [{ name: "X", value: "1" }, { name: "Y", value: "2" }] }] }, patch: { containers: [{ name: "a", env: [{ name: "X", value: "3" }] }] }, want: { containers: [{ name: "a", env: [{ name: "X", value: "3" }, { name: "Y", value: "2" }] }] } },
  { name: "a volume keeps only its new source", doc: { volumes: [{ name: "v", emptyDir: {} }] }, patch: { volumes: [{ name: "v", $retainKeys: ["name", "configMap"], configMap: { name: "c" } }] }, want: { volumes: [{ name: "v", configMap: { name: "c" } }] } },
  { name: "null deletes", doc: { nodeSelector: { a: "b" }, nodeName: "n" }, patch: { nodeSelector: { a: null, c: "d" }, nodeName: null }, want: { nodeSelector: { c: "d" } } },
  { name: "nulls in what is new are left out", doc: {}, patch: { securityContext: { runAsUser: null, runAsGroup: 1 } }, want: { securityContext: { runAsGroup: 1 } } },
  { name: "a map is replaced by directive", doc: { nodeSelector: { a: "b" } }, patch: { nodeSelector: { $patch: "replace", c: "d" } }, want: { nodeSelector: { c: "d" } } },
  { name: "finalizers are a set", type: "meta/v1.ObjectMeta", doc: { finalizers: ["a", "b"] }, patch: { finalizers: ["b", "c"] }, want: { finalizers: ["a", "b", "c"] } },
  { name: "a finalizer is deleted from the list", type: "meta/v1.ObjectMeta", doc: { finalizers: ["a", "b"] }, patch: { "$deleteFromPrimitiveList/finalizers": ["a"], "$setElementOrder/finalizers": ["b"] }, want: { finalizers: ["b"] } },
  { name: "owner references are merged by uid", type: "meta/v1.ObjectMeta", doc: { ownerReferences: [{ uid: "1", name: "a" }] }, patch: { ownerReferences: [{ uid: "1", $patch: "delete" }, { uid: "2", name: "b" }] }, want: { ownerReferences: [{ uid: "2", name: "b" }] } },
  { name: "a change of strategy drops rollingUpdate", type: "apps/v1.DeploymentSpec", doc: { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } }, patch: { strategy: { $retainKeys: ["type"], rollingUpdate: null, type: "Recreate" } }, want: { strategy: { type: "Recreate" } } },
  { name: "conditions are merged by type", type: "core/v1.PodStatus", doc: { conditions: [{ type: "Ready", status: "False" }] }, patch: { conditions: [{ type: "Ready", status: "True" }, { type: "PodScheduled", status: "True" }] }, want: { conditions: [{ type: "Ready", status: "True" }, { type: "PodScheduled", status: "True" }] } },
  { name: "a Secret's data is merged by key", type: "core/v1.Secret", doc: { data: { a: "MQ==" } }, patch: { data: { b: "Mg==" } }, want: { data: { a: "MQ==", b: "Mg==" } } },
];
for (const { name, type, doc, patch, want } of cases) {
  test(name, () => {
    const [docBefore, patchBefore] = [structuredClone(doc), structuredClone(patch)];
    assert.deepEqual(applyStrategicMergePatch(schema, type ?? spec.type, doc, patch), want);
    assert.deepEqual([doc, patch], [docBefore, patchBefore]);
  });
}

const refused: readonly [name: string, patch: unknown, message: string][] = [
  ["a container without a name", { containers: [{ image: "x" }] }, "map: map[image:x] does not contain declared merge key: name"],
  ["an unknown directive", { nodeSelector: { $patch: "explode" } }, "unknown patch type: explode in map: map[$patch:explode]"],
  ["a merge directive in a list", { containers: [{ name: "a", $patch: "merge" }] }, "merging lists cannot yet be specified in the patch"],
  ["keys that are not retained", { nodeSelector: { $retainKeys: ["a"], b: "c" } }, "invalid patch format of retainKeys"],
  ["an order that the patch does not follow", { "$setElementOrder/containers": [{ name: "b" }, { name: "a" }], containers: [{ name: "a" }, { name: "b" }] }, "The order in patch list:\n[map[name:a] map[name:b]]\n doesn't match $setElementOrder/containers list:\n[map[name:b] map[name:a]]\n"],
  ["a list", [], "json: cannot unmarshal array into Go value of type map[string]interface {}"],
];
for (const [name, patch, message] of refused) {
  test(`${name} is refused`, () => assert.throws(() => applyStrategicMergePatch(schema, spec.type, { containers: containers("a"), nodeSelector: {} }, patch), { reason: "BadRequest", message }));
}
