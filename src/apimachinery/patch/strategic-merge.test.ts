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

/** What kube-apiserver answers; where its versions differ, the later one. */
const env = [{ name: "X", value: "1" }, { name: "Y", value: "2" }];
const live = { containers: [{ name: "a", image: "a:1", command: ["x", "y"], env, ports: [{ containerPort: 80, name: "http" }, { containerPort: 90 }] }, { name: "b", image: "b:1" }], nodeSelector: { n: "1", m: "2" }, tolerations: [{ key: "t" }], volumes: [{ name: "v", emptyDir: {} }], securityContext: { runAsUser: 1, supplementalGroups: [1, 2] } };
const [a, b] = live.containers as unknown as readonly [Record<string, unknown>, Record<string, unknown>];
const answered: readonly [name: string, patch: Record<string, unknown>, changed: Record<string, unknown>][] = [
  ["replace of a map", { nodeSelector: { $patch: "replace", c: "d" } }, { nodeSelector: { c: "d" } }],
  ["replace of a map by nothing", { nodeSelector: { $patch: "replace" } }, { nodeSelector: {} }],
  ["delete of a map, whatever else it says", { nodeSelector: { $patch: "delete", z: "1" } }, { nodeSelector: {} }],
  ["replace of a struct", { securityContext: { $patch: "replace", runAsGroup: 3 } }, { securityContext: { runAsGroup: 3 } }],
  ["what is replaced is not merged within", { securityContext: { $patch: "replace", seLinuxOptions: { $patch: "replace", user: "x" } } }, { securityContext: { seLinuxOptions: { $patch: "replace", user: "x" } } }],
  ["an instruction for a map that is not there", { affinity: { $patch: "replace", nodeAffinity: {} } }, {}],
  ["an unknown instruction for a map that is not there", { affinity: { $patch: "explode" } }, {}],
  ["an instruction within what is new", { affinity: { nodeAffinity: { $patch: "delete" }, podAffinity: {} } }, { affinity: { podAffinity: {} } }],
  ["delete of an element that is not there", { containers: [{ name: "z", $patch: "delete" }] }, {}],
  ["delete of an element twice", { containers: [{ name: "a", $patch: "delete" }, { name: "a", $patch: "delete" }] }, { containers: [b] }],
  ["delete and add of one key", { containers: [{ name: "a", image: "n" }, { name: "a", $patch: "delete" }] }, { containers: [{ name: "a", image: "n" }, b] }],
  ["replace of a list beside a delete", { containers: [{ name: "n" }, { $patch: "replace" }, { name: "b", $patch: "delete" }] }, { containers: [{ name: "n" }] }],
  ["replace of a list by nothing", { volumes: [{ $patch: "replace" }] }, { volumes: [] }],
  ["replace of a list with fields of its own", { containers: [{ $patch: "replace", name: "r" }, { name: "n" }] }, { containers: [{ name: "n" }] }],
  ["one key twice, new", { containers: [{ name: "n", image: "1" }, { name: "n", image: "2" }] }, { containers: [{ name: "n", image: "2" }, a, b] }],
  ["one key twice, known", { containers: [{ name: "b", image: "1" }, { name: "b", image: "2" }] }, { containers: [a, { name: "b", image: "2" }] }],
  ["a null key", { containers: [{ name: null, image: "x" }] }, { containers: [{ name: null, image: "x" }, a, b] }],
  ["a new element goes in as it is", { containers: [{ name: "n", env: [{ name: "Q", $patch: "delete" }] }] }, { containers: [{ name: "n", env: [{ name: "Q", $patch: "delete" }] }, a, b] }],
  ["a new list goes in without instructions", { containers: [{ name: "b", env: [{ name: "Q", $patch: "delete" }, { name: "R" }] }] }, { containers: [a, { ...b, env: [{ name: "R" }] }] }],
  ["an empty list changes nothing", { containers: [] }, {}],
  ["null for a list", { volumes: null }, { volumes: undefined }],
  ["null for what is not there", { affinity: null, nodeSelector: { z: null } }, {}],
  ["numbers are keys", { containers: [{ name: "a", ports: [{ containerPort: 80, $patch: "delete" }] }] }, { containers: [{ ...a, ports: [{ containerPort: 90 }] }, b] }],
  ["an atomic list is replaced, instructions and all", { tolerations: [{ key: "t", $patch: "delete" }] }, { tolerations: [{ key: "t", $patch: "delete" }] }],
  ["an atomic list is emptied", { containers: [{ name: "a", command: [] }] }, { containers: [{ ...a, command: [] }, b] }],
  ["a list for a map", { nodeSelector: ["a"] }, { nodeSelector: ["a"] }],
  ["retained keys, with null", { volumes: [{ name: "v", $retainKeys: ["name", "hostPath"], emptyDir: null, hostPath: { path: "/x" } }] }, { volumes: [{ name: "v", hostPath: { path: "/x" } }] }],
  ["retained keys of a field without that strategy", { nodeSelector: { $retainKeys: ["n"] } }, { nodeSelector: { n: "1" } }],
  ["no retained keys", { securityContext: { $retainKeys: [] } }, { securityContext: {} }],
  ["an order of some", { "$setElementOrder/containers": [{ name: "b" }] }, {}],
  ["an order that names strangers", { "$setElementOrder/containers": [{ name: "z" }, { name: "b" }, { name: "a" }] }, { containers: [b, a] }],
  ["an order of nothing that is there", { "$setElementOrder/topologySpreadConstraints": [{ topologyKey: "a" }] }, {}],
  ["an order with a new element between", { "$setElementOrder/containers": [{ name: "a" }, { name: "n" }, { name: "b" }], containers: [{ name: "n" }] }, { containers: [a, { name: "n" }, b] }],
  ["an order within an element", { containers: [{ name: "a", "$setElementOrder/env": [{ name: "Y" }, { name: "X" }] }] }, { containers: [{ ...a, env: env.toReversed() }, b] }],
  ["primitives leave an atomic list too", { containers: [{ name: "a", "$deleteFromPrimitiveList/command": ["x"] }] }, { containers: [{ ...a, command: ["y"] }, b] }],
  ["numbers leave a list", { securityContext: { "$deleteFromPrimitiveList/supplementalGroups": [1] } }, { securityContext: { runAsUser: 1, supplementalGroups: [2] } }],
  ["primitives leave what is not there", { containers: [{ name: "b", "$deleteFromPrimitiveList/command": ["x"] }] }, {}],
  ["null leaves no list", { containers: [{ name: "a", "$deleteFromPrimitiveList/command": null }] }, { containers: [{ name: "a", image: "a:1", env, ports: live.containers[0]?.ports }, b] }],
  ["primitives leave what is no list", { "$deleteFromPrimitiveList/nodeSelector": ["n"] }, {}],
];
for (const [name, patch, changed] of answered) {
  test(`answered: ${name}`, () => assert.deepEqual(JSON.parse(JSON.stringify(applyStrategicMergePatch(schema, spec.type, live, patch))), JSON.parse(JSON.stringify({ ...live, ...changed }))));
}
test("answered: null for the patch", () => assert.deepEqual(applyStrategicMergePatch(schema, spec.type, live, null), live));

const refused: readonly [name: string, patch: unknown, message: string][] = [
  ["a container without a name", { containers: [{ image: "x" }] }, "map: map[image:x] does not contain declared merge key: name"],
  ["a deletion without a name", { containers: [{ $patch: "delete" }] }, "map: map[$patch:delete] does not contain declared merge key: name"],
  ["a replacement without a name", { containers: [{ $patch: "replace" }, { image: "n" }] }, "map: map[image:n] does not contain declared merge key: name"],
  ["an unknown directive", { nodeSelector: { $patch: "explode" } }, "unknown patch type: explode in map: map[$patch:explode]"],
  ["a merge directive in a map", { nodeSelector: { $patch: "merge", z: "1" } }, "unknown patch type: merge in map: map[$patch:merge z:1]"],
  ["a number for a directive", { nodeSelector: { $patch: 1 } }, "unknown patch type: %!s(int64=1) in map: map[$patch:1]"],
  ["null for a directive in a list", { containers: [{ name: "a", $patch: null }] }, "unknown patch type: %!s(<nil>) in map: map[$patch:<nil> name:a]"],
  ["a merge directive in a list", { containers: [{ name: "a", $patch: "merge" }] }, "merging lists cannot yet be specified in the patch"],
  ["an element of another type", { containers: ["x"] }, "list element types are not identical: [[map[image:a:1 name:a]] [x]]"],
  ["null for an element", { containers: [null] }, "list element types are not identical: [[map[image:a:1 name:a]] [<nil>]]"],
  ["an element to delete of another type", { "$deleteFromPrimitiveList/containers": ["a"] }, "list element types are not identical: [[map[image:a:1 name:a]] [a]]"],
  ["keys that are not retained", { nodeSelector: { $retainKeys: ["a"], b: "c" } }, "invalid patch format of retainKeys"],
  ["null for the keys to retain", { nodeSelector: { $retainKeys: null } }, "invalid patch format of retainKeys"],
  ["an order that the patch does not follow", { "$setElementOrder/containers": [{ name: "b" }, { name: "a" }], containers: [{ name: "a" }, { name: "b" }] }, "The order in patch list:\n[map[name:a] map[name:b]]\n doesn't match $setElementOrder list:\n[map[name:b] map[name:a]]\n"],
  ["a string for an order", { "$setElementOrder/containers": "a" }, "expected a []interface {}, but received a string"],
  ["null for an order", { "$setElementOrder/containers": null }, "expected a []interface {}, but received a %!s(<nil>)"],
  ["an order of primitives for maps", { "$setElementOrder/containers": ["a"] }, "value for key 0 is not a map"],
  ["an order for a map", { "$setElementOrder/nodeSelector": ["a"] }, "expected a []interface {}, but received a map[string]interface {}"],
  ["an order beside null", { "$setElementOrder/containers": [{ name: "a" }], containers: null }, "expected a []interface {}, but received a %!s(<nil>)"],
  ["an order for an unknown field", { "$setElementOrder/nope": [] }, 'unable to find api field in struct PodSpec for the json field "nope"'],
  ["an order of no field", { $setElementOrder: [] }, "invalid patch format of setElementOrder list"],
  ["a deletion from no field", { $deleteFromPrimitiveList: [] }, "invalid patch format of primitive list"],
  ["a list", [], "json: cannot unmarshal array into Go value of type map[string]interface {}"],
];
for (const [name, patch, message] of refused) {
  test(`${name} is refused`, () => assert.throws(() => applyStrategicMergePatch(schema, spec.type, { containers: containers("a"), nodeSelector: {} }, patch), { code: 400, reason: "BadRequest", message }));
}
