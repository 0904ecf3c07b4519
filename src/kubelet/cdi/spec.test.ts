import assert from "node:assert/strict";
import { test } from "node:test";
import { nameProblem } from "./names.ts";
import { readSpec } from "./spec.ts";

const spec = (edits: object, more: object = {}): object => ({ cdiVersion: "1.1.0", kind: "example.com/gpu", devices: [{ name: "a", containerEdits: edits }], ...more });
const named = (name: string, cdiVersion: string): object => spec({}, { cdiVersion, devices: [{ name, containerEdits: { env: ["A=1"] } }] });

const specs: readonly (readonly [string, unknown, string | undefined])[] = [
  ["all that there is", spec({
    env: ["A=", "B=1=2"], additionalGids: [5], deviceNodes: [{ path: "/dev/a", hostPath: "/dev/b", type: "c", major: 1, minor: 3, fileMode: 438, permissions: "rw", uid: 0, gid: 0 }],
    mounts: [{ hostPath: "/a", containerPath: "/b", options: ["ro"], type: "bind" }], hooks: [{ hookName: "createContainer", path: "/x", args: ["x"], env: ["A=1"], timeout: 1 }],
    intelRdt: { closID: "x", enableMonitoring: true }, netDevices: [{ hostInterfaceName: "e0", name: "e1" }],
  }, { annotations: { a: "b" }, containerEdits: {} }), undefined],
  ["no object", [], "the spec: must be an object"],
  ["no kind", spec({ env: ["A=1"] }, { kind: null }), "kind: must be set"],
  ["a field that there is not", spec({ env: ["A=1"], devicenodes: [] }), "devices[0].containerEdits.devicenodes: unknown field"],
  ["a field of every object", JSON.parse('{"cdiVersion":"1.0.0","kind":"a/b","devices":[],"__proto__":1}'), "__proto__: unknown field"],
  ["another type", spec({ env: "A=1" }), "devices[0].containerEdits.env: must be a list"],
  ["a half number", spec({ additionalGids: [1.5] }), "devices[0].containerEdits.additionalGids[0]: must be an integer"],
  ["a mount from nowhere", spec({ mounts: [{ hostPath: "", containerPath: "/b" }] }), "devices[0].containerEdits.mounts[0].hostPath: must be set"],
  ["a kind without a class", spec({ env: ["A=1"] }, { kind: "example.com" }), 'kind "example.com" is not vendor/class'],
  ["a class that begins with a digit", spec({ env: ["A=1"] }, { kind: "a/1" }), 'invalid class "1": its first character is not allowed there'],
  ["no devices", spec({}, { devices: [] }), "devices: must have one at least"],
  ["one device twice", spec({}, { devices: [{ name: "a", containerEdits: { env: ["A=1"] } }, { name: "a", containerEdits: { env: ["A=1"] } }] }), 'devices: "a" is there twice'],
  ["a device that brings nothing", spec({}), "devices[0].containerEdits: must not be empty"],
  ["a variable without a value", spec({ env: ["A"] }), 'devices[0].containerEdits.env[0]: "A" is not name=value'],
  ["a hook at no time", spec({ hooks: [{ hookName: "never", path: "/x" }] }), 'devices[0].containerEdits.hooks[0].hookName: there is no "never"'],
  ["permissions to execute", spec({ deviceNodes: [{ path: "/dev/a", permissions: "rwx" }] }), 'devices[0].containerEdits.deviceNodes[0].permissions: "rwx" is not of r, w and m'],
  ["edits for all that are wrong", spec({ env: ["A=1"] }, { containerEdits: { env: ["=1"] } }), 'containerEdits.env[0]: "=1" is not name=value'],
  ["a version of the future", named("a", "9.0.0"), 'cdiVersion: "9.0.0" is not supported, only 0.3.0, 0.4.0, 0.5.0, 0.6.0, 0.7.0, 0.8.0, 1.0.0, 1.1.0'],
  ["the oldest", named("a", "0.3.0"), undefined],
  ["a version as a tag", named("a", "v0.6.0"), undefined],
  ["a digit first, too early", named("0", "0.4.0"), "the spec version must be at least v0.5.0"],
  ["a digit first", named("0", "0.5.0"), undefined],
  ["groups, too early", spec({ additionalGids: [1] }, { cdiVersion: "0.6.0" }), "the spec version must be at least v0.7.0"],
  ["network devices, too early", spec({ netDevices: [{ hostInterfaceName: "a", name: "b" }] }, { cdiVersion: "1.0.0" }), "the spec version must be at least v1.1.0"],
  ["the type of a mount, too early", spec({ mounts: [{ hostPath: "/a", containerPath: "/b", type: "bind" }] }, { cdiVersion: "0.3.0" }), "the spec version must be at least v0.4.0"],
  ["a dot in the class, too early", spec({ env: ["A=1"] }, { kind: "a/b.c", cdiVersion: "0.5.0" }), "the spec version must be at least v0.6.0"],
];
for (const [name, value, want] of specs)
  test(`a spec: ${name}`, () => {
    if (want === undefined) assert.equal(readSpec(value), value);
    else assert.throws(() => readSpec(value), { message: want });
  });

test("the name of a device is vendor/class=device", () => {
  const names = ["example.com/gpu=0", "v/c=a:b_c", "gpu0", "a=b", "/c=a", "v/c=", "v/c=a/b", "v/c=a.", "v/c/d=a"];
  assert.deepEqual(names.map(nameProblem), [
    undefined, undefined, 'unqualified CDI device "gpu0"', 'kind "a" is not vendor/class', 'invalid vendor "": empty name', 'invalid device name "": empty name',
    'invalid device name "a/b": "/" is not allowed', 'invalid device name "a.": its last character is not a letter or digit', 'kind "v/c/d" is not vendor/class',
  ]);
});
