import assert from "node:assert/strict";
import { test } from "node:test";
import type { VolumeAttachment } from "#api/gen/storage-v1.ts";
import { cells, changeRefusals, objectOf, table, texts } from "../fixture.ts";
import type { StatusLike } from "../resource.ts";
import { csiDrivers } from "./csi-driver.ts";
import { csiNodes } from "./csi-node.ts";
import { csiStorageCapacities } from "./csi-storage-capacity.ts";
import { storageClasses } from "./storage-class.ts";
import { volumeAttachments } from "./volume-attachment.ts";
import { volumeAttributesClasses } from "./volume-attributes-class.ts";

// Upstream: pkg/apis/storage/validation
table(csiDrivers, [
  ["nothing", {}, []],
  ["another policy", { spec: { fsGroupPolicy: "Some" } }, ['spec.fsGroupPolicy: Unsupported value: "Some": supported values: "File", "None", "ReadWriteOnceWithFSType"']],
  ["another mode", { spec: { volumeLifecycleModes: ["Other"] } }, ['spec.volumeLifecycleModes: Unsupported value: "Other": supported values: "Persistent", "Ephemeral"']],
  ["short and repeated tokens", { spec: { tokenRequests: [{ audience: "a", expirationSeconds: 1 }, { audience: "a" }, { audience: "b", expirationSeconds: 2 ** 33 }] } }, [
    "spec.tokenRequests[0].expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes", 'spec.tokenRequests[1].audience: Duplicate value: "a"',
    "spec.tokenRequests[2].expirationSeconds: Invalid value: 8589934592: may not specify a duration larger than 2^32 seconds",
  ]],
  ["a short period", { spec: { nodeAllocatableUpdatePeriodSeconds: 9 } }, ["spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than or equal to 10 seconds"]],
  ["secrets for no tokens", { spec: { serviceAccountTokenInSecrets: true } }, ["spec.serviceAccountTokenInSecrets: Invalid value: true: serviceAccountTokenInSecrets is set but no tokenRequests are specified"]],
]);

test("a CSIDriver says what it leaves out, and keeps how its volumes come", () => {
  assert.deepEqual(objectOf(csiDrivers, {}).spec, {
    attachRequired: true, podInfoOnMount: false, storageCapacity: false, fsGroupPolicy: "ReadWriteOnceWithFSType", volumeLifecycleModes: ["Persistent"], requiresRepublish: false, seLinuxMount: false,
  });
  assert.deepEqual(changeRefusals(csiDrivers, {}, { spec: { attachRequired: false, podInfoOnMount: true } }), ["spec.attachedRequired: Invalid value: false: field is immutable"]);
  assert.deepEqual(cells(csiDrivers, { spec: { tokenRequests: [{ audience: "a" }, { audience: "b" }] } }), ["x", true, false, false, "a,b", false, "Persistent", "<unknown>"]);
});

const driver = { name: "a.io", nodeID: "n" };
table(csiNodes, [
  ["a driver", { spec: { drivers: [{ ...driver, topologyKeys: ["a.io/zone"], allocatable: { count: 3 } }] } }, []],
  ["a driver twice", { spec: { drivers: [driver, driver] } }, ['spec.drivers[1].name: Duplicate value: "a.io"']],
  ["a driver without a name", { spec: { drivers: [{ name: "", nodeID: "" }] } }, ["spec.drivers[0].name: Required value", "spec.drivers[0].nodeID: Required value"]],
  ["a long id", { spec: { drivers: [{ ...driver, nodeID: "n".repeat(257) }] } }, [`spec.drivers[0].nodeID: Invalid value: "${"n".repeat(257)}": must be 256 characters or less`]],
  ["less than no room", { spec: { drivers: [{ ...driver, allocatable: { count: -1 } }] } }, ["spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0"]],
]);

test("a CSINode's driver may change its room and nothing else", () => {
  const of = (fields: object): object => ({ spec: { drivers: [{ ...driver, ...fields }] } });
  assert.deepEqual(changeRefusals(csiNodes, of({}), of({ allocatable: { count: 1 } })), []);
  assert.deepEqual(changeRefusals(csiNodes, of({}), of({ nodeID: "m" })), ['spec.drivers: Invalid value: {"name":"a.io","nodeID":"m","topologyKeys":[]}: field is immutable']);
  assert.deepEqual(cells(csiNodes, of({})), ["x", 1, "<unknown>"]);
});

table(csiStorageCapacities, [
  ["a class and room", { storageClassName: "fast", capacity: "1Gi", nodeTopology: { matchLabels: { a: "b" } } }, []],
  ["less than nothing", { storageClassName: "fast", capacity: "-1" }, ['capacity: Invalid value: "-1": must be greater than or equal to 0']],
]);
test("a CSIStorageCapacity keeps its class and place", () => {
  assert.deepEqual(changeRefusals(csiStorageCapacities, { storageClassName: "a" }, { storageClassName: "b", nodeTopology: { matchLabels: { a: "b" } } }), [
    'nodeTopology: Invalid value: {"matchLabels":{"a":"b"}}: field is immutable', 'storageClassName: Invalid value: "b": field is immutable',
  ]);
  assert.deepEqual(cells(csiStorageCapacities, { storageClassName: "a" }), ["x", "a", "<unset>"]);
});

const attachment = { attacher: "a.io", nodeName: "n", source: { persistentVolumeName: "pv" } };
table(volumeAttachments, [
  ["all it needs", { spec: attachment }, []],
  ["no volume", { spec: { ...attachment, source: {} } }, ["spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName"]],
  ["two volumes", { spec: { ...attachment, source: { persistentVolumeName: "a", inlineVolumeSpec: {} } } }, ["spec.source: Forbidden: must specify exactly one of inlineVolumeSpec and persistentVolumeName"]],
  ["an empty name", { spec: { ...attachment, source: { persistentVolumeName: "" } } }, ["spec.source.persistentVolumeName: Required value: must specify non empty persistentVolumeName"]],
  ["no attacher", { spec: { ...attachment, attacher: "" } }, ["spec.attacher: Required value"]],
  ["a volume within", { spec: { ...attachment, source: { inlineVolumeSpec: { accessModes: ["ReadWriteOnce"], csi: { driver: "a.io", volumeHandle: "h" } } } } }, []],
  ["a volume within that claims to be one of its own", { spec: { ...attachment, source: { inlineVolumeSpec: { capacity: { storage: "1Gi" }, claimRef: { name: "c" }, storageClassName: "s", persistentVolumeReclaimPolicy: "Delete", volumeMode: "Block", nodeAffinity: { required: { nodeSelectorTerms: [] } }, nfs: { server: "s", path: "/" } } } } }, [
    ...["claimRef", "capacity"].map((name) => `spec.source.inlineVolumeSpec.${name}: Forbidden: may not be specified in the context of inline volumes`),
    "spec.source.inlineVolumeSpec.csi: Required value: has to be specified in the context of inline volumes", "spec.source.inlineVolumeSpec.accessModes: Required value",
    "spec.source.inlineVolumeSpec.persistentVolumeReclaimPolicy: Forbidden: may only be Retain in the context of inline volumes",
    ...["nodeAffinity", "storageClassName"].map((name) => `spec.source.inlineVolumeSpec.${name}: Forbidden: may not be specified in the context of inline volumes`),
    "spec.source.inlineVolumeSpec.volumeMode: Forbidden: may not specify volumeMode other than Filesystem in the context of inline volumes",
  ]],
]);
test("a VolumeAttachment keeps its spec, and errors are short", () => {
  assert.deepEqual(changeRefusals(volumeAttachments, { spec: attachment }, { spec: { ...attachment, nodeName: "m" } }), ['spec: Invalid value: {"attacher":"a.io","source":{"persistentVolumeName":"pv"},"nodeName":"m"}: field is immutable']);
  const write = volumeAttachments.subresources?.["status"] as StatusLike<VolumeAttachment>;
  const failed = objectOf(volumeAttachments, { spec: attachment, status: { attached: false, attachError: { message: "x".repeat(1025), errorCode: -1 } } });
  assert.deepEqual(texts(write.validateUpdate?.(failed, failed)), ["status.attachError.message: Too long: may not be more than 262144 bytes", "status.attachError.errorCode: Invalid value: -1: must be between 0 and 2147483647, inclusive"]);
  assert.deepEqual(cells(volumeAttachments, { spec: attachment, status: { attached: true } }), ["x", "a.io", "pv", "n", true, "<unknown>"]);
});

table(volumeAttributesClasses, [
  ["parameters", { driverName: "a.io", parameters: { iops: "1" } }, []],
  ["no parameters", { driverName: "a.io" }, ["parameters: Required value: must contain at least one key/value pair"]],
  ["no driver", { parameters: { "": "1" } }, ["driverName: Required value", 'parameters: Invalid value: "": field can not be empty.']],
]);
test("a VolumeAttributesClass keeps all it says", () => {
  const old = { driverName: "a.io", parameters: { iops: "1" } };
  assert.deepEqual(changeRefusals(volumeAttributesClasses, old, { driverName: "b.io", parameters: { iops: "2" } }), ["driverName: Forbidden: updates to driverName are forbidden.", "parameters: Forbidden: updates to parameters are forbidden."]);
  assert.deepEqual(cells(volumeAttributesClasses, old), ["x", "a.io", "<unknown>"]);
});

const zones = (...terms: readonly (readonly [key: string, ...values: readonly string[]])[]): object => ({ provisioner: "a.io", allowedTopologies: terms.map(([key, ...values]) => ({ matchLabelExpressions: [{ key, values }] })) });
table(storageClasses, [
  ["places", zones(["zone", "a", "b"], ["zone", "a"]), []],
  ["one place twice", zones(["zone", "a", "b"], ["zone", "b", "a"]), ['allowedTopologies[1].matchLabelExpressions: Duplicate value: ""']],
  ["anywhere", { provisioner: "a.io", allowedTopologies: [{}] }, ['allowedTopologies[0].matchLabelExpressions: Duplicate value: ""']],
  ["anywhere, or anywhere", { provisioner: "a.io", allowedTopologies: [{}, { matchLabelExpressions: [] }] }, [0, 0, 1, 1, 1].map((i) => `allowedTopologies[${i}].matchLabelExpressions: Duplicate value: ""`)],
  ["no place", zones(["zone"]), ["allowedTopologies[0].matchLabelExpressions[0].values: Required value"]],
  ["too many parameters", { provisioner: "a.io", parameters: Object.fromEntries(Array.from({ length: 513 }, (_, i) => [`p${i}`, ""])) }, ["parameters: Too long: may not be more than 512 bytes"]],
]);
