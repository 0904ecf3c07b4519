import assert from "node:assert/strict";
import { test } from "node:test";
import { attachmentName } from "#api/csi.ts";
import type { Node, PersistentVolume, Pod } from "#api/gen/core-v1.ts";
import type { VolumeAttachment } from "#api/gen/storage-v1.ts";
import { patienceMs, plan, type Plan } from "./plan.ts";

const identity = { driver: "d", handle: "h" };
const inUse = "kubernetes.io/csi/d^h";

const pod = (name: string, nodeName: string, namespace = "shop"): Pod => ({ metadata: { name, namespace, uid: name }, spec: { containers: [], nodeName }, status: { startTime: name } });
const node = (name: string, parts: { readonly uses?: boolean; readonly ready?: boolean; readonly lost?: boolean; readonly managed?: boolean } = {}): Node => ({
  metadata: { name, annotations: parts.managed === false ? {} : { "volumes.kubernetes.io/controller-managed-attach-detach": "true" } },
  spec: parts.lost === true ? { taints: [{ key: "node.kubernetes.io/out-of-service", effect: "NoExecute" }] } : {},
  status: { conditions: [{ type: "Ready", status: parts.ready === false ? "Unknown" : "True" }], ...(parts.uses === true && { volumesInUse: [inUse] }) },
});
const attachment = (nodeName: string, parts: { readonly name?: string; readonly going?: boolean } = {}): VolumeAttachment => ({
  metadata: { name: parts.name ?? attachmentName("d", "h", nodeName), ...(parts.going === true && { deletionTimestamp: "2026-01-01T00:00:00Z" }) },
  spec: { attacher: "d", nodeName, source: { persistentVolumeName: "v" } }, status: { attached: true },
});
const volume = (...accessModes: NonNullable<PersistentVolume["spec"]["accessModes"]>): PersistentVolume => ({ metadata: { name: "v" }, spec: { accessModes }, status: {} });

interface Case {
  readonly name: string;
  readonly pods?: readonly Pod[];
  readonly nodes?: readonly Node[];
  readonly have?: readonly VolumeAttachment[];
  readonly of?: PersistentVolume;
  readonly unwantedMs?: number;
  readonly want: Partial<{ attach: readonly string[]; detach: readonly string[]; keep: readonly string[]; refused: readonly string[]; againMs: number }>;
}

const cases: readonly Case[] = [
  { name: "is attached where a pod is", pods: [pod("a", "n1")], want: { attach: ["n1"] } },
  { name: "is left where it is wanted", pods: [pod("a", "n1")], have: [attachment("n1")], want: { keep: ["n1"] } },
  { name: "is not attached where the kubelet does that itself", pods: [pod("a", "n1")], nodes: [node("n1", { managed: false })], want: {} },
  { name: "is not attached to a node that is not there", pods: [pod("a", "n9")], want: {} },
  { name: "waits for its old attachment to the same node to be gone", pods: [pod("a", "n1")], have: [attachment("n1", { going: true })], want: {} },
  { name: "is taken from a node that is done with it", have: [attachment("n1")], want: { detach: ["n1"] } },
  { name: "stays while the node uses it", nodes: [node("n1", { uses: true })], have: [attachment("n1")], want: { keep: ["n1"] } },
  { name: "is taken from a node that does not answer, in the end", nodes: [node("n1", { uses: true, ready: false })], have: [attachment("n1")], unwantedMs: patienceMs - 10, want: { keep: ["n1"], againMs: 10 } },
  { name: "namely after six minutes", nodes: [node("n1", { uses: true, ready: false })], have: [attachment("n1")], unwantedMs: patienceMs, want: { detach: ["n1"] } },
  { name: "is taken at once from a node out of service", nodes: [node("n1", { uses: true, ready: false, lost: true })], have: [attachment("n1")], want: { detach: ["n1"] } },
  { name: "is taken from a node that is gone", nodes: [], have: [attachment("n1")], want: { detach: ["n1"] } },
  { name: "attachments that others have made are theirs", have: [attachment("n1", { name: "mine" })], want: {} },
  { name: "of one node is not attached to a second", pods: [pod("a", "n1"), pod("b", "n2")], have: [attachment("n1")], want: { keep: ["n1"], refused: ['b: Multi-Attach error for volume "v" Volume is already used by pod(s) a'] } },
  { name: "nor while its last pod's node has it", pods: [pod("b", "n2")], nodes: [node("n1", { uses: true }), node("n2")], have: [attachment("n1")], want: { keep: ["n1"], refused: ['b: Multi-Attach error for volume "v" Volume is already exclusively attached to one node and can\'t be attached to another'] } },
  { name: "nor to two at once", pods: [pod("a", "n1", "other"), pod("b", "n2")], want: { attach: ["n1"], refused: ['b: Multi-Attach error for volume "v" Volume is already used by 1 pod(s) in different namespaces'] } },
  { name: "shared by many is attached to all", pods: [pod("a", "n1"), pod("b", "n2")], have: [attachment("n1")], of: volume("ReadWriteMany"), want: { keep: ["n1"], attach: ["n2"] } },
];

const told = ({ attach, detach, keep, refused, againMs }: Plan): unknown => ({
  attach, detach: detach.map(({ spec }) => spec.nodeName), keep: keep.map(({ spec }) => spec.nodeName), refused: refused.map(({ pod: of, message }) => `${of.metadata.name}: ${message}`), againMs,
});

for (const { name, pods = [], nodes = [node("n1"), node("n2")], have = [], of = volume("ReadWriteOnce"), unwantedMs = 0, want } of cases) {
  test(`a volume ${name}`, () => {
    const got = plan({ volume: of, identity, attachments: have, pods, node: (wanted) => nodes.find(({ metadata }) => metadata.name === wanted), unwantedMs: () => unwantedMs });
    assert.deepEqual(told(got), { attach: [], detach: [], keep: [], refused: [], againMs: undefined, ...want });
  });
}
