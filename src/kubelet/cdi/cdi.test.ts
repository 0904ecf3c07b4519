import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { giftOf } from "./cdi.ts";
import { editsOf, type SpecFile } from "./registry.ts";
import type { ContainerEdits } from "./spec.ts";
import { noGift, toCri, type HostNode } from "./to-cri.ts";

const file = (path: string, priority: number, devices: Record<string, ContainerEdits>, all?: ContainerEdits): SpecFile =>
  ({ path, priority, spec: { cdiVersion: "1.0.0", kind: "v/c", devices: Object.entries(devices).map(([name, containerEdits]) => ({ name, containerEdits })), ...(all !== undefined && { containerEdits: all }) } });
const env = (...variables: string[]): ContainerEdits => ({ env: variables });
const broken: SpecFile = { path: "/etc/cdi/x.json", priority: 0, problem: "kind: must be set" };

const found: readonly (readonly [string, readonly string[], readonly SpecFile[], string])[] = [
  ["in order, each once", ["v/c=b", "v/c=a", "v/c=b"], [file("x", 0, { a: env("A"), b: env("B") })], "B A"],
  ["what is for all of a spec comes first, once", ["v/c=b", "v/c=a"], [file("x", 0, { a: env("A"), b: env("B") }, env("ALL"))], "ALL B A"],
  ["the later directory wins", ["v/c=a"], [file("x", 0, { a: env("old") }), file("y", 1, { a: env("new") })], "new"],
  ["whatever comes first", ["v/c=a"], [file("y", 1, { a: env("new") }), file("x", 0, { a: env("old") })], "new"],
  ["one that is nowhere", ["v/c=a", "v/c=z"], [file("x", 0, { a: env("A") })], "unresolvable CDI devices v/c=z"],
  ["with what may be the reason", ["v/c=z"], [broken], "unresolvable CDI devices v/c=z; /etc/cdi/x.json: kind: must be set"],
  ["two of the same rank", ["v/c=a"], [file("x", 0, { a: env("A") }), file("y", 0, { a: env("B") })], 'unresolvable CDI devices v/c=a; conflicting device "v/c=a" (specs "x", "y")'],
  ["two of the same rank beneath a third", ["v/c=a"], [file("x", 0, { a: env("A") }), file("y", 0, { a: env("B") }), file("z", 1, { a: env("C") })], "C"],
  ["no name at all", ["gpu"], [], 'unqualified CDI device "gpu"'],
];
for (const [name, names, files, want] of found)
  test(`devices are found: ${name}`, () => {
    const got = (): string => editsOf(names, files).flatMap(({ edits }) => edits.env ?? []).join(" ");
    if (/unresolvable|unqualified/.test(want)) assert.throws(got, { message: want });
    else assert.equal(got(), want);
  });

const nodes: Readonly<Record<string, HostNode>> = {
  "/dev/null": { type: "c", major: 1, minor: 3, fileMode: 0o666, uid: 0, gid: 0 },
  "/dev/pipe": { type: "p", major: 0, minor: 0, fileMode: 0o600, uid: 0, gid: 0 },
};
const cannot = "cannot be given to a container by a runtime that knows no CDI";

test("all that CRI can say becomes CRI's", () => {
  const edits: ContainerEdits = {
    env: ["A=1=2", "B="], additionalGids: [0, 5, 5],
    deviceNodes: [{ path: "/dev/null" }, { path: "/dev/x", hostPath: "/dev/null", type: "u", major: 1, minor: 3, fileMode: 0o20666, permissions: "r", uid: 0, gid: 0 }],
    mounts: [{ hostPath: "/a", containerPath: "/b" }, { hostPath: "/c", containerPath: "/d", type: "bind", options: ["ro", "rbind", "rslave"] }],
  };
  assert.deepEqual(toCri([{ of: "x", edits }], (path) => nodes[path]), {
    env: [["A", "1=2"], ["B", ""]], groups: ["5"],
    devices: [{ hostPath: "/dev/null", containerPath: "/dev/null", permissions: "rwm" }, { hostPath: "/dev/null", containerPath: "/dev/x", permissions: "r" }],
    mounts: [
      { hostPath: "/a", containerPath: "/b", readonly: false, propagation: "PROPAGATION_PRIVATE" },
      { hostPath: "/c", containerPath: "/d", readonly: true, propagation: "PROPAGATION_HOST_TO_CONTAINER" },
    ],
  });
});

const refused: readonly (readonly [string, ContainerEdits, string])[] = [
  ["a hook", { hooks: [{ hookName: "createContainer", path: "/x" }] }, `D: containerEdits.hooks[0] (createContainer) ${cannot}`],
  ["a network device", { netDevices: [{ hostInterfaceName: "a", name: "b" }] }, `D: containerEdits.netDevices ${cannot}`],
  ["a class of cache", { intelRdt: { closID: "x" } }, `D: containerEdits.intelRdt ${cannot}`],
  ["a file system", { mounts: [{ hostPath: "x", containerPath: "/x", type: "tmpfs" }] }, `D: containerEdits.mounts[0].type tmpfs ${cannot}`],
  ["an option", { mounts: [{ hostPath: "/a", containerPath: "/b" }, { hostPath: "/a", containerPath: "/x", options: ["ro", "nosuid"] }] }, `D: containerEdits.mounts[1].options nosuid ${cannot}`],
  ["no node", { deviceNodes: [{ path: "/dev/x" }] }, "D: containerEdits.deviceNodes[0]: there is no device node /dev/x on this host"],
  ["a FIFO", { deviceNodes: [{ path: "/dev/pipe" }] }, "D: containerEdits.deviceNodes[0]: /dev/pipe is a FIFO, which a runtime that knows no CDI cannot make"],
  ["another number", { deviceNodes: [{ path: "/dev/null", major: 1, minor: 5 }] }, "D: containerEdits.deviceNodes[0].minor: 5 is not that of /dev/null on this host (3), and a runtime that knows no CDI cannot change it"],
  ["another owner", { deviceNodes: [{ path: "/dev/null", uid: 1000 }] }, "D: containerEdits.deviceNodes[0].uid: 1000 is not that of /dev/null on this host (0), and a runtime that knows no CDI cannot change it"],
];
for (const [name, edits, message] of refused) test(`what CRI cannot say is refused by its field: ${name}`, () => assert.throws(() => toCri([{ of: "D", edits }], (path) => nodes[path]), { message }));

test("specs are read from their files, JSON and YAML, as they are now", async (t) => {
  const root = await mkdtemp(join(tmpdir(), "cdi-"));
  t.after(() => rm(root, { recursive: true, force: true }));
  const dirs = [join(root, "static"), join(root, "dynamic")];
  const gift = (...names: string[]): Promise<unknown> => giftOf(names, dirs).then(({ env: given, devices }) => [given, devices], (err: Error) => err.message);
  assert.equal(await giftOf([], dirs), noGift);
  assert.equal(await gift("v/c=a"), "CDI device injection failed: unresolvable CDI devices v/c=a");
  for (const dir of dirs) await mkdir(dir);
  await writeFile(join(root, "static", "a.yaml"), 'cdiVersion: 0.6.0\nkind: v/c\ndevices:\n- name: a\n  containerEdits:\n    env: ["A=yaml"]\n    deviceNodes: [{path: /dev/null, major: 1, minor: 3, fileMode: 0666, type: c}]\n');
  await writeFile(join(root, "static", "b.yml"), "not read: [");
  assert.deepEqual(await gift("v/c=a"), [[["A", "yaml"]], [{ hostPath: "/dev/null", containerPath: "/dev/null", permissions: "rwm" }]]);
  await writeFile(join(root, "dynamic", "a.json"), JSON.stringify({ cdiVersion: "0.6.0", kind: "v/c", devices: [{ name: "a", containerEdits: { env: ["A=json"] } }] }));
  assert.deepEqual(await gift("v/c=a"), [[["A", "json"]], []]);
  await writeFile(join(root, "dynamic", "a.json"), '{"cdiVersion":"0.6.0","kind":"v/c","kind":"v/d","devices":[]}');
  assert.equal(await gift("v/d=a"), `CDI device injection failed: unresolvable CDI devices v/d=a; ${join(root, "dynamic", "a.json")}: duplicate field "kind"`);
});
