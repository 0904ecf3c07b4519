import assert from "node:assert/strict";
import { test } from "node:test";
import { allocatableOf, podsLimit } from "./node-allocatable.ts";
import { settingsWith, type ChosenSettings } from "../settings/read-settings.ts";

const capacity = { cpu: "4", pods: "110", memory: "8Gi", "ephemeral-storage": "100Gi", "hugepages-2Mi": "0" };
const cases: readonly { readonly name: string; readonly chosen: ChosenSettings; readonly changes?: object; readonly want: object }[] = [
  { name: "the defaults keep memory and disk from eviction", chosen: {}, want: { memory: "8092Mi", "ephemeral-storage": "96636764000" } },
  { name: "reservations add up", chosen: { kubeReserved: { cpu: "500m", memory: "1Gi" }, systemReserved: { cpu: "250m" }, evictionHard: {} }, want: { cpu: "3250m", memory: "7Gi" } },
  { name: "no less than nothing", chosen: { systemReserved: { cpu: "8" }, evictionHard: {} }, want: { cpu: "0" } },
  { name: "huge pages are memory given away", chosen: { evictionHard: {} }, changes: { "hugepages-2Mi": "1Gi" }, want: { memory: "7Gi", "hugepages-2Mi": "1Gi" } },
];
for (const { name, chosen, changes = {}, want } of cases)
  test(name, () => assert.deepEqual(allocatableOf({ ...capacity, ...changes }, settingsWith(chosen)), { ...capacity, ...changes, ...(chosen.evictionHard === undefined ? {} : { "ephemeral-storage": "100Gi" }), ...want }));

test("pods together may have what would have them evicted, but not what is reserved", () => {
  assert.deepEqual(podsLimit(capacity, settingsWith({ kubeReserved: { cpu: "500m", memory: "1Gi" } })), { memory: 7 * 2 ** 30, milliCpu: 3_500 });
});
