import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "#apimachinery/meta.ts";
import { planDeletion, type DeleteOptions } from "./deletion.ts";
import { kinds } from "./kinds.ts";

const finalizersAfter = (kind: string, options: DeleteOptions, finalizers: readonly string[] = []): readonly string[] => {
  const resource = kinds.find((r) => r.kind === kind);
  assert(resource !== undefined);
  const object: KubeObject = { metadata: { name: "x", finalizers: [...finalizers] } };
  planDeletion(resource, object, options, 0);
  return object.metadata.finalizers ?? [];
};

// Upstream: apiserver/pkg/registry/generic/registry/store_test.go TestDeletionFinalizersForGarbageCollection; the strategies' DefaultGarbageCollectionPolicy
const cases: readonly [name: string, kind: string, DeleteOptions, finalizers: readonly string[], want: readonly string[]][] = [
  ["what most kinds own goes", "ReplicaSet", {}, [], []],
  ["what a ReplicationController owns stays", "ReplicationController", {}, [], ["orphan"]],
  ["what a Job owns stays", "Job", {}, [], ["orphan"]],
  ["unless it is asked for", "Job", { propagationPolicy: "Background" }, [], []],
  ["or in the older form", "Job", { orphanDependents: false }, [], []],
  ["or was asked for before", "Job", {}, ["foregroundDeletion"], ["foregroundDeletion"]],
  ["what was asked for before is taken back", "ReplicaSet", { propagationPolicy: "Background" }, ["orphan", "example.com/mine"], ["example.com/mine"]],
];
for (const [name, kind, options, finalizers, want] of cases) test(`${kind}: ${name}`, () => assert.deepEqual(finalizersAfter(kind, options, finalizers), want));
