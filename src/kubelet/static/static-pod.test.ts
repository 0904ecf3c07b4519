import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node, Pod } from "#api/gen/core-v1.ts";
import { mirrorOf, planStatic, staticPod } from "./static-pod.ts";

const manifest = (image = "i:1"): Pod => ({ metadata: { name: "web" }, spec: { containers: [{ name: "app", image }], tolerations: [{ key: "k", operator: "Exists" }] }, status: {} });
const origin = { nodeName: "Node-1", path: "/etc/manifests/web.yaml", seen: "2026-01-01T00:00:00Z" };
const node: Node = { metadata: { name: "node-1", uid: "node-uid" }, spec: {}, status: {} };

test("a static pod is named after its node and tolerates every taint", () => {
  const { metadata, spec } = staticPod(manifest(), origin);
  assert.equal(metadata.name, "web-node-1");
  assert.deepEqual([metadata.namespace, spec.nodeName], ["default", "Node-1"]);
  assert.deepEqual(metadata.annotations, { "kubernetes.io/config.hash": metadata.uid, "kubernetes.io/config.source": "file", "kubernetes.io/config.seen": origin.seen });
  assert.deepEqual(spec.tolerations, [{ key: "k", operator: "Exists" }, { operator: "Exists", effect: "NoExecute" }]);
});

test("its uid is that of its content, whenever it is seen", () => {
  const uid = (pod: Pod, more: Partial<typeof origin> = {}): string | undefined => staticPod(pod, { ...origin, ...more }).metadata.uid;
  const first = uid(manifest());
  assert.match(first ?? "", /^[0-9a-f]{32}$/);
  assert.equal(uid(manifest(), { seen: "2027-01-01T00:00:00Z" }), first);
  for (const other of [uid(manifest("i:2")), uid(manifest(), { path: "/other" }), uid(manifest(), { nodeName: "n2" })]) assert.notEqual(other, first);
  assert.equal(uid({ ...manifest(), metadata: { name: "web", uid: "own" } }), "own");
});

test("its mirror says whose it is, and goes with the Node", () => {
  const { metadata } = mirrorOf(staticPod(manifest(), origin), node);
  assert.equal(metadata.uid, undefined);
  assert.equal(metadata.annotations?.["kubernetes.io/config.mirror"], metadata.annotations?.["kubernetes.io/config.hash"]);
  assert.deepEqual(metadata.ownerReferences, [{ apiVersion: "v1", kind: "Node", name: "node-1", uid: "node-uid", controller: true }]);
});

const [old, next] = [staticPod(manifest("i:1"), origin), staticPod(manifest("i:2"), origin)];
const shown = (pod: Pod, more: object = {}): Pod => {
  const mirror = mirrorOf(pod, node);
  return { ...mirror, metadata: { ...mirror.metadata, uid: "mirror-uid", ...more } };
};
const leaving = (pod: Pod): Pod => ({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } });
const nothing = { start: [], end: [], mirror: [], unmirror: [] };
const cases = [
  { name: "a new file starts a pod and shows it", state: { wanted: [old], present: [], mirrors: [] }, want: { start: [old], mirror: [old] } },
  { name: "without an API server nothing is shown", state: { wanted: [old], present: [], mirrors: undefined }, want: { start: [old] } },
  { name: "what runs and is shown is left alone", state: { wanted: [old], present: [old], mirrors: [shown(old)] }, want: {} },
  { name: "a mirror that somebody took away comes again", state: { wanted: [old], present: [old], mirrors: [] }, want: { mirror: [old] } },
  { name: "a mirror that somebody deletes goes at once, the pod does not", state: { wanted: [old], present: [old], mirrors: [shown(old, { deletionTimestamp: "x" })] }, want: { unmirror: ["mirror-uid"] } },
  { name: "a file that is gone ends its pod, shown until the end", state: { wanted: [], present: [old], mirrors: [shown(old)] }, want: { end: [old] } },
  { name: "the mirror of what is gone goes", state: { wanted: [], present: [], mirrors: [shown(old)] }, want: { unmirror: ["mirror-uid"] } },
  { name: "another content ends the old pod first", state: { wanted: [next], present: [old], mirrors: [shown(old)] }, want: { end: [old] } },
  { name: "the next one waits while the old one leaves", state: { wanted: [next], present: [leaving(old)], mirrors: [shown(old)] }, want: {} },
  { name: "the next one has its turn, and a mirror of its own after the old one's", state: { wanted: [next], present: [], mirrors: [shown(old)] }, want: { start: [next], unmirror: ["mirror-uid"] } },
];
for (const { name, state, want } of cases)
  test(name, () => {
    const { unmirror, ...plan } = planStatic(state);
    assert.deepEqual({ ...plan, unmirror: unmirror.map((m) => m.metadata.uid) }, { ...nothing, ...want });
  });
