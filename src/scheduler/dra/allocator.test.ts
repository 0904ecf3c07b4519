/** The allocator. Upstream: structured/internal/allocatortesting */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Device, DeviceClass, DeviceClaim, DeviceRequest, DeviceRequestAllocationResult, ExactDeviceRequest, ResourceClaim, ResourceSlice, ResourceSliceSpec } from "#api/gen/resource-v1.ts";
import { Allocated } from "./allocated.ts";
import { Allocator, type Allocation } from "./allocator.ts";
import { Pools } from "./pools.ts";
import { Selectors } from "./selectors.ts";

const driver = "acme.io";
const node = { name: "a", labels: { zone: "east" } };
let serial = 0;

interface SliceParts extends Partial<Omit<ResourceSliceSpec, "pool">> { readonly pool?: string; readonly generation?: number; readonly of?: number; readonly named?: string }
/** On node `a`, the only one of its pool, unless something else is said. */
function slice(devices: readonly (string | Device)[] | undefined, { pool = "p", generation = 1, of = 1, named, ...spec }: SliceParts = {}): ResourceSlice {
  const isPlaced = spec.nodeSelector !== undefined || spec.allNodes !== undefined || spec.perDeviceNodeSelection !== undefined;
  return {
    metadata: { name: named ?? `slice-${String(++serial).padStart(3, "0")}` },
    spec: { driver, ...(!isPlaced && { nodeName: "a" }), ...spec, pool: { name: pool, generation, resourceSliceCount: of }, ...(devices && { devices: devices.map((one) => (typeof one === "string" ? { name: one } : one)) }) },
  };
}
const device = (name: string, parts: Partial<Device> = {}): Device => ({ name, ...parts });
const model = (name: string, value: string): Device => device(name, { attributes: { model: { string: value } } });
const cel = (expression: string): { cel: { expression: string } } => ({ cel: { expression } });

const classes: readonly DeviceClass[] = [
  { metadata: { name: "any" }, spec: {} },
  { metadata: { name: "ours" }, spec: { selectors: [cel(`device.driver == "acme.io"`)], config: [{ opaque: { driver, parameters: { from: "class" } } }] } },
  { metadata: { name: "broken" }, spec: { selectors: [cel("device.attributes[\"acme.io\"].nothing")] } },
];
const one = (name: string, exactly: Partial<ExactDeviceRequest> = {}): DeviceRequest => ({ name, exactly: { deviceClassName: "any", allocationMode: "ExactCount", count: 1, ...exactly } });
const all = (name: string, exactly: Partial<ExactDeviceRequest> = {}): DeviceRequest => ({ name, exactly: { deviceClassName: "any", allocationMode: "All", ...exactly } });
const choice = (name: string, ...subs: readonly (Partial<ExactDeviceRequest> & { readonly name: string })[]): DeviceRequest => ({ name, firstAvailable: subs.map((sub) => ({ deviceClassName: "any", allocationMode: "ExactCount", count: 1, ...sub })) });
const claim = (requests: readonly DeviceRequest[], parts: Partial<DeviceClaim> = {}, name = "x"): ResourceClaim => ({ metadata: { name, namespace: "default", uid: `uid-${name}` }, spec: { devices: { requests: [...requests], ...parts } }, status: {} });
const holding = (...results: readonly Partial<DeviceRequestAllocationResult>[]): ResourceClaim => ({ ...claim([one("r")], {}, "holder"), status: { allocation: { devices: { results: results.map((r) => ({ request: "r", driver, pool: "p", device: "d0", ...r })) } } } });

interface World { readonly slices: readonly ResourceSlice[]; readonly taken?: readonly ResourceClaim[] }
function run(claims: readonly ResourceClaim[], { slices, taken = [] }: World): Allocation {
  const allocated = new Allocated();
  for (const holder of taken) allocated.add(holder);
  let shares = 0;
  return new Allocator({ classOf: (name) => classes.find(({ metadata }) => metadata.name === name), pools: new Pools(slices), allocated, selectors: new Selectors(), newShareId: () => `share-${++shares}` }).allocate(claims, node);
}
/** `request:device` of each claim, or why not. */
function outcome(claims: readonly ResourceClaim[], world: World): unknown {
  const answer = run(claims, world);
  return "results" in answer ? answer.results.map(({ devices }) => (devices?.results ?? []).map((r) => `${r.request}:${r.device}`).join(" ")) : answer;
}
const no = { rejected: "cannot allocate all claims" };

interface Case extends World { readonly name: string; readonly claims: readonly ResourceClaim[]; readonly gives: unknown }
function table(title: string, cases: readonly Case[]): void {
  describe(title, () => {
    for (const { name, claims, gives, ...world } of cases) test(name, () => assert.deepEqual(outcome(claims, world), gives));
  });
}

table("pools", [
  { name: "nothing is asked for", claims: [claim([])], slices: [], gives: [""] },
  { name: "nothing is there", claims: [claim([one("r")])], slices: [], gives: no },
  { name: "the first device of the node", claims: [claim([one("r")])], slices: [slice(["d0", "d1"])], gives: ["r:d0"] },
  { name: "a device of another node", claims: [claim([one("r")])], slices: [slice(["d0"], { nodeName: "b" })], gives: no },
  { name: "devices of all nodes", claims: [claim([one("r")])], slices: [slice(["d0"], { allNodes: true })], gives: ["r:d0"] },
  { name: "devices of nodes with a label", claims: [claim([one("r")])], slices: [slice(["d0"], { nodeSelector: { nodeSelectorTerms: [{ matchExpressions: [{ key: "zone", operator: "In", values: ["east"] }] }] } })], gives: ["r:d0"] },
  { name: "devices of nodes with another label", claims: [claim([one("r")])], slices: [slice(["d0"], { nodeSelector: { nodeSelectorTerms: [{ matchExpressions: [{ key: "zone", operator: "In", values: ["west"] }] }] } })], gives: no },
  { name: "each device says where it is", claims: [claim([one("r", { count: 2 })])], slices: [slice([device("d0", { nodeName: "b" }), device("d1", { nodeName: "a" }), device("d2", { allNodes: true })], { perDeviceNodeSelection: true })], gives: ["r:d1 r:d2"] },
  { name: "an older generation is not there any more", claims: [claim([one("r", { count: 2 })])], slices: [slice(["old"]), slice(["d0", "d1"], { generation: 2 })], gives: ["r:d0 r:d1"] },
  { name: "a newer generation has nothing for the node", claims: [claim([one("r")])], slices: [slice(["old"]), slice(["d0"], { generation: 2, nodeName: "b" })], gives: no },
  { name: "a pool of which a slice is missing", claims: [claim([one("r")])], slices: [slice(["d0"], { of: 2 })], gives: no },
  { name: "a pool whose other slice is another node's", claims: [claim([one("r")])], slices: [slice(["d0"], { of: 2 }), slice(["d1"], { of: 2, nodeName: "b" })], gives: ["r:d0"] },
  { name: "a pool with a device twice", claims: [claim([one("r")])], slices: [slice(["d0"], { of: 2 }), slice(["d0"], { of: 2 })], gives: { rejected: "invalid resource pools were encountered" } },
  { name: "another pool helps", claims: [claim([one("r")])], slices: [slice(["d0"], { of: 2 }), slice(["d1"], { pool: "q" })], gives: ["r:d1"] },
  { name: "devices that need nothing before binding come first", claims: [claim([one("r", { count: 2 })])], slices: [slice([device("d0", { bindingConditions: ["ready"], bindingFailureConditions: ["bad"] })], { pool: "p" }), slice(["d1"], { pool: "q" })], gives: ["r:d1 r:d0"] },
]);

table("selectors", [
  { name: "the class's", claims: [claim([one("r", { deviceClassName: "ours" })])], slices: [slice(["d0"], { driver: "other.io" }), slice(["d1"])], gives: ["r:d1"] },
  { name: "the claim's, of which all must hold", claims: [claim([one("r", { selectors: [cel(`device.driver == "acme.io"`), cel(`device.attributes["acme.io"].model == "big"`)] })])], slices: [slice([model("d0", "small"), model("d1", "big")])], gives: ["r:d1"] },
  { name: "an expression that fails is nobody's fault but the claim's", claims: [claim([one("r", { selectors: [cel(`device.attributes["acme.io"].model == "big"`)] })])], slices: [slice(["d0"])], gives: { error: "claim default/x: selector #0: CEL runtime error: no such key: model" } },
  { name: "but not where a device before was found", claims: [claim([one("r", { selectors: [cel(`device.attributes["acme.io"].model == "big"`)] })])], slices: [slice([model("d0", "big"), "d1"])], gives: ["r:d0"] },
  { name: "or the class's", claims: [claim([one("r", { deviceClassName: "broken" })])], slices: [slice(["d0"])], gives: { error: "class broken: selector #0: CEL runtime error: no such key: nothing" } },
  { name: "an expression that cannot be understood", claims: [claim([one("r", { selectors: [cel("1")] })])], slices: [slice(["d0"])], gives: { error: "claim default/x: selector #0: CEL compile error: must evaluate to bool or the unknown type, not int" } },
  { name: "a class that is not there", claims: [claim([one("r", { deviceClassName: "gone" })])], slices: [], gives: { error: `claim default/x, request r: could not retrieve device class gone: deviceclass.resource.k8s.io "gone" not found` } },
]);

table("how many", [
  { name: "several", claims: [claim([one("r", { count: 2 })])], slices: [slice(["d0", "d1", "d2"])], gives: ["r:d0 r:d1"] },
  { name: "too many", claims: [claim([one("r", { count: 3 })])], slices: [slice(["d0", "d1"])], gives: no },
  { name: "more than a claim can hold", claims: [claim([one("r", { count: 33 })])], slices: [], gives: { error: "claim default/x: number of requested devices 33 exceeds the claim limit of 32" } },
  { name: "several requests and claims", claims: [claim([one("r"), one("s")]), claim([one("r")], {}, "y")], slices: [slice(["d0", "d1", "d2"])], gives: ["r:d0 s:d1", "r:d2"] },
  { name: "what others have is not there", claims: [claim([one("r")])], slices: [slice(["d0", "d1"])], taken: [holding({})], gives: ["r:d1"] },
  { name: "an earlier request makes way for a later one", claims: [claim([one("r"), one("s", { selectors: [cel(`device.attributes["acme.io"].model == "big"`)] })])], slices: [slice([model("d0", "big"), model("d1", "small")])], gives: ["r:d1 s:d0"] },
  { name: "all that match", claims: [claim([all("r", { selectors: [cel(`device.attributes["acme.io"].model == "big"`)] })])], slices: [slice([model("d0", "big"), model("d1", "small"), model("d2", "big")])], gives: ["r:d0 r:d2"] },
  { name: "all, of which one is taken", claims: [claim([all("r")])], slices: [slice(["d0", "d1"])], taken: [holding({})], gives: no },
  { name: "all of none", claims: [claim([all("r")])], slices: [], gives: no },
  { name: "all of a pool of which a slice is missing", claims: [claim([all("r")])], slices: [slice(["d0"], { of: 2 })], gives: { rejected: "claim default/x, request r: asks for all devices, but resource pool acme.io/p is currently being updated" } },
  { name: "all of a pool that cannot be", claims: [claim([all("r")])], slices: [slice(["d0", "d0"])], gives: { rejected: "claim default/x, request r: asks for all devices, but resource pool acme.io/p is currently invalid" } },
]);

table("choices", [
  { name: "the first that is there", claims: [claim([choice("r", { name: "many", count: 3 }, { name: "some", count: 2 })])], slices: [slice(["d0", "d1"])], gives: ["r/some:d0 r/some:d1"] },
  { name: "a worse one, so that the next request has something", claims: [claim([choice("r", { name: "two", count: 2 }, { name: "one" }), one("s")])], slices: [slice(["d0", "d1"])], gives: ["r/one:d0 s:d1"] },
  { name: "or the next claim", claims: [claim([choice("r", { name: "two", count: 2 }, { name: "one" })]), claim([one("s")], {}, "y")], slices: [slice(["d0", "d1"])], gives: ["r/one:d0", "s:d1"] },
  { name: "one that does not make the claim too large", claims: [claim([one("r", { count: 31 }), choice("s", { name: "two", count: 2 }, { name: "one" })])], slices: [slice(Array.from({ length: 40 }, (_, i) => `d${i}`))], gives: [`${Array.from({ length: 31 }, (_, i) => `r:d${i}`).join(" ")} s/one:d31`] },
  { name: "none of all is no choice", claims: [claim([choice("r", { name: "all", allocationMode: "All", selectors: [cel("false")] }, { name: "one" })])], slices: [slice(["d0"])], gives: ["r/one:d0"] },
]);

const numa = (name: string, int: number): Device => device(name, { attributes: { numa: { int } } });
table("constraints", [
  { name: "alike", claims: [claim([one("r"), one("s")], { constraints: [{ matchAttribute: "acme.io/numa" }] })], slices: [slice([numa("d0", 0), numa("d1", 1), numa("d2", 1)])], gives: ["r:d1 s:d2"] },
  { name: "alike, of a choice", claims: [claim([choice("r", { name: "a" }), one("s"), one("t")], { constraints: [{ requests: ["r/a", "t"], matchAttribute: "acme.io/numa" }] })], slices: [slice([numa("d0", 0), numa("d1", 1), numa("d2", 0)])], gives: ["r/a:d0 s:d1 t:d2"] },
  { name: "not alike", claims: [claim([one("r", { count: 2 })], { constraints: [{ matchAttribute: "acme.io/numa" }] })], slices: [slice([numa("d0", 0), numa("d1", 1)])], gives: no },
  { name: "without the attribute", claims: [claim([one("r")], { constraints: [{ matchAttribute: "acme.io/numa" }] })], slices: [slice(["d0"])], gives: no },
  { name: "different", claims: [claim([one("r", { count: 2 })], { constraints: [{ distinctAttribute: "acme.io/numa" }] })], slices: [slice([numa("d0", 0), numa("d1", 0), numa("d2", 1)])], gives: ["r:d0 r:d2"] },
  { name: "all, which are not alike", claims: [claim([all("r")], { constraints: [{ matchAttribute: "acme.io/numa" }] })], slices: [slice([numa("d0", 0), numa("d1", 1)])], gives: { error: "claim default/x, request r: cannot add device acme.io/p/d1 because a claim constraint would not be satisfied" } },
  { name: "of a kind that nobody knows", claims: [claim([one("r")], { constraints: [{}] })], slices: [], gives: { error: "claim default/x, constraint #0: empty constraint (unsupported constraint type?)" } },
]);

table("admin access", [
  { name: "sees what others have", claims: [claim([one("r", { adminAccess: true })])], slices: [slice(["d0"])], taken: [holding({})], gives: ["r:d0"] },
  { name: "takes nothing away", claims: [claim([one("r")])], slices: [slice(["d0"])], taken: [holding({ adminAccess: true })], gives: ["r:d0"] },
  { name: "has each device once", claims: [claim([one("r", { adminAccess: true, count: 2 })])], slices: [slice(["d0"])], gives: no },
  { name: "to all", claims: [claim([all("r", { adminAccess: true })])], slices: [slice(["d0", "d1"])], taken: [holding({})], gives: ["r:d0 r:d1"] },
]);

const tainted = (effect: "NoSchedule" | "NoExecute" | "None"): Device => device("d0", { taints: [{ key: "sick", value: "very", effect }] });
table("taints", [
  { name: "keep claims away", claims: [claim([one("r")])], slices: [slice([tainted("NoSchedule"), "d1"])], gives: ["r:d1"] },
  { name: "that evict as well", claims: [claim([one("r")])], slices: [slice([tainted("NoExecute")])], gives: no },
  { name: "that do nothing", claims: [claim([one("r")])], slices: [slice([tainted("None")])], gives: ["r:d0"] },
  { name: "tolerated", claims: [claim([one("r", { tolerations: [{ key: "sick", operator: "Equal", value: "very" }] })])], slices: [slice([tainted("NoSchedule")])], gives: ["r:d0"] },
  { name: "of another effect", claims: [claim([one("r", { tolerations: [{ operator: "Exists", effect: "NoExecute" }] })])], slices: [slice([tainted("NoSchedule")])], gives: no },
]);

const part = (name: string, gib: number): Device => device(name, { consumesCounters: [{ counterSet: "gpu", counters: { memory: { value: `${gib}Gi` } } }] });
const counters = slice(undefined, { of: 2, allNodes: true, sharedCounters: [{ name: "gpu", counters: { memory: { value: "8Gi" } } }] });
table("partitions", [
  { name: "as much as there is", claims: [claim([one("r", { count: 2 })])], slices: [counters, slice([part("d0", 4), part("d1", 4), part("d2", 4)], { of: 2 })], gives: ["r:d0 r:d1"] },
  { name: "more than there is", claims: [claim([one("r", { count: 3 })])], slices: [counters, slice([part("d0", 4), part("d1", 4), part("d2", 4)], { of: 2 })], gives: no },
  { name: "others have a part of it", claims: [claim([one("r")])], slices: [counters, slice([part("d0", 4), part("d1", 8), part("d2", 2)], { of: 2 })], taken: [holding({})], gives: ["r:d2"] },
  { name: "a large one makes way for two small ones", claims: [claim([one("r", { count: 2 })])], slices: [counters, slice([part("d0", 8), part("d1", 4), part("d2", 4)], { of: 2 })], gives: ["r:d1 r:d2"] },
  { name: "of what is not there", claims: [claim([one("r")])], slices: [slice([part("d0", 4)])], gives: { rejected: "invalid resource pools were encountered" } },
]);

const nic = (policy?: object): Device => device("d0", { allowMultipleAllocations: true, capacity: { bandwidth: { value: "10", ...(policy && { requestPolicy: policy }) } } });
const wants = (bandwidth: string): Partial<ExactDeviceRequest> => ({ capacity: { requests: { bandwidth } } });
table("shared devices", [
  { name: "a part for each", claims: [claim([one("r", wants("4")), one("s", wants("6"))])], slices: [slice([nic()])], gives: ["r:d0 s:d0"] },
  { name: "more than there is", claims: [claim([one("r", wants("4")), one("s", wants("7"))])], slices: [slice([nic()])], gives: no },
  { name: "all of it, where nothing is said", claims: [claim([one("r"), one("s", wants("1"))])], slices: [slice([nic()])], gives: no },
  { name: "a usual part, where nothing is said", claims: [claim([one("r", { count: 5 })])], slices: [slice([nic({ default: "2", validRange: { min: "1" } })])], gives: ["r:d0 r:d0 r:d0 r:d0 r:d0"] },
  { name: "others have a part of it", claims: [claim([one("r", wants("4"))])], slices: [slice([nic()])], taken: [holding({ shareID: "1", consumedCapacity: { bandwidth: "7" } })], gives: no },
  { name: "what it does not have", claims: [claim([one("r", { capacity: { requests: { memory: "1" } } })])], slices: [slice([nic()])], gives: no },
  { name: "more than the device lets one have", claims: [claim([one("r", wants("6"))])], slices: [slice([nic({ default: "1", validRange: { min: "1", max: "5" } })])], gives: no },
  { name: "an amount of a device that is not shared", claims: [claim([one("r", { capacity: { requests: { memory: "2Gi" } } })])], slices: [slice([device("d0", { capacity: { memory: { value: "1Gi" } } }), device("d1", { capacity: { memory: { value: "4Gi" } } })])], gives: ["r:d1"] },
]);

const consumed = (wish: string | undefined, policy: object): unknown => {
  const answer = run([claim([one("r", wish === undefined ? {} : wants(wish))])], { slices: [slice([nic(policy)])] });
  return "results" in answer ? answer.results[0]?.devices?.results?.[0]?.consumedCapacity?.["bandwidth"] : undefined;
};
test("an amount is rounded up to what the device lets one have", () => {
  const steps = { default: "3", validRange: { min: "1", max: "9", step: "2" } };
  assert.deepEqual(["0", "1", "2", "3", "8", "9"].map((wish) => consumed(wish, steps)), ["1", "1", "3", "3", "9", "9"]);
  assert.deepEqual(["1", "3", "6"].map((wish) => consumed(wish, { default: "2", validValues: ["2", "4"] })), ["2", "4", undefined]);
  assert.equal(consumed(undefined, steps), "3");
});

test("a result says what was given, as what, and for which requests what configuration is", () => {
  const opaque = { driver, parameters: { from: "claim" } };
  const asked = claim(
    [one("r", { deviceClassName: "ours", tolerations: [{ operator: "Exists" }] }), choice("s", { name: "big", count: 9 }, { name: "small", deviceClassName: "ours" }), one("t")],
    { config: [{ opaque }, { requests: ["s/small"], opaque }, { requests: ["s/big"], opaque }] },
  );
  const answer = run([asked], { slices: [slice([tainted("NoExecute"), device("d1", { bindingConditions: ["ready"], bindingFailureConditions: ["bad"] }), nic()].map((d, i) => ({ ...d, name: `d${i}` })))] });
  assert.deepEqual(answer, { results: [{
    devices: {
      results: [
        { request: "r", driver, pool: "p", device: "d0", tolerations: [{ operator: "Exists" }] },
        { request: "s/small", driver, pool: "p", device: "d1", bindingConditions: ["ready"], bindingFailureConditions: ["bad"] },
        { request: "t", driver, pool: "p", device: "d2", shareID: "share-1", consumedCapacity: { bandwidth: "10" } },
      ],
      config: [
        { source: "FromClass", requests: ["r", "s/small"], opaque: { driver, parameters: { from: "class" } } },
        { source: "FromClaim", opaque },
        { source: "FromClaim", requests: ["s/small"], opaque },
      ],
    },
    nodeSelector: { nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["a"] }] }] },
  }] });
});

test("a result says where it can be used", () => {
  const place = (...slices: readonly ResourceSlice[]): unknown => {
    const answer = run([claim([one("r", { count: slices.length })])], { slices });
    return "results" in answer ? answer.results[0]?.nodeSelector?.nodeSelectorTerms : answer;
  };
  const east = { key: "zone", operator: "In" as const, values: ["east"] };
  const named = { key: "metadata.name", operator: "In" as const, values: ["a"] };
  const inEast = { nodeSelectorTerms: [{ matchExpressions: [east] }] };
  assert.deepEqual(place(slice(["d0"], { allNodes: true })), undefined);
  assert.deepEqual(place(slice(["d0"], { nodeSelector: inEast }), slice(["d0"], { pool: "q", nodeSelector: { nodeSelectorTerms: [{ matchExpressions: [east], matchFields: [named] }] } })), [{ matchFields: [named], matchExpressions: [east] }]);
  assert.deepEqual(place(slice(["d0"], { nodeSelector: inEast }), slice(["d0"], { pool: "q" })), [{ matchFields: [named] }]);
  assert.deepEqual(place(slice([device("d0", { bindsToNode: true })], { allNodes: true })), [{ matchFields: [named] }]);
});

test("a search that finds no end is given up", () => {
  const devices = Array.from({ length: 128 }, (_, i) => numa(`d${i}`, i));
  const hopeless = claim([one("r", { count: 8 }), one("s", { count: 8 }), one("t", { selectors: [cel("false")] })]);
  assert.deepEqual(outcome([hopeless], { slices: [slice(devices)] }), { rejected: "timed out trying to allocate devices" });
});
