import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { test } from "node:test";
import { blockDeviceBytes, deviceNumbers } from "./file-system.ts";

for (const { rdev, numbers } of [{ rdev: 0x801, numbers: "8:1" }, { rdev: 0x10_0103, numbers: "1:259" }, { rdev: 0x1_0000_0000_00 + 0x105, numbers: "1:268435461" }])
  test(`the device ${rdev} is ${numbers}`, () => assert.equal(deviceNumbers(rdev), numbers));

test("a block device has a size, nothing else has", async () => {
  assert.deepEqual(await Promise.all(["/dev/null", "/", "/nowhere"].map((path) => blockDeviceBytes(path))), [undefined, undefined, undefined]);
  for (const size of globSync("/sys/class/block/*/size")) {
    const told = await blockDeviceBytes(`/dev/${basename(size.slice(0, -"/size".length))}`);
    assert([undefined, Number(readFileSync(size, "utf8")) * 512].includes(told));
  }
});
