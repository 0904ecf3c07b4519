import assert from "node:assert/strict";
import { test } from "node:test";
import { compileSelector, selects } from "./device-selector.ts";
import type { Device } from "./gen/resource-v1.ts";

const gpu: Device = {
  name: "gpu-0", allowMultipleAllocations: true,
  attributes: { model: { string: "A100" }, cores: { int: 8 }, "acme.io/ready": { bool: true }, "other.io/driverVersion": { version: "1.10.0" } },
  capacity: { memory: { value: "40Gi" } },
};

/** `true`, `false` or why it cannot be said. */
function answer(expression: string, device: Device = gpu): unknown {
  const compiled = compileSelector(expression);
  if ("error" in compiled) return compiled.error;
  const selection = selects(compiled.program, device, "acme.io");
  return "error" in selection ? selection.error : selection.matches;
}

// Upstream: dynamic-resource-allocation/cel/compile_test.go
const cases: readonly (readonly [expression: string, expected: unknown])[] = [
  [`device.driver == "acme.io"`, true],
  [`device.attributes["acme.io"].model == "A100" && device.attributes["acme.io"].cores > 4`, true],
  [`device.attributes["acme.io"].ready`, true],
  [`device.capacity["acme.io"].memory.compareTo(quantity("32Gi")) >= 0`, true],
  [`device.attributes["other.io"].driverVersion.isGreaterThan(semver("1.9.9"))`, true],
  [`cel.bind(acme, device.attributes["acme.io"], acme.cores == 8 && acme.ready)`, true],
  [`device.allowMultipleAllocations`, true],
  [`"acme.io" in device.attributes && !("nobody.io" in device.attributes)`, true],
  [`has(device.attributes["nobody.io"].model)`, false],
  [`device.attributes["acme.io"].size == 1`, "no such key: size"],
  [`device.attributes["nobody.io"].model == "A100"`, "no such key: model"],
  [`device.attributes["acme.io"].model`, "CEL result of type string could not be converted to bool"],
  [`device.driver`, "must evaluate to bool or the unknown type, not string"],
  [`[1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, [1,2,3,4,5,6,7,8,9,10].all(c, [1,2,3,4,5,6,7,8,9,10].all(d, [1,2,3,4,5,6,7,8,9,10].all(e, a+b+c+d+e > 0)))))`, "operation cancelled: actual cost limit exceeded"],
];
for (const [expression, expected] of cases) test(`${expression.slice(0, 80)} is ${String(expected)}`, () => assert.equal(answer(expression), expected));

test("an expression that cannot be understood says where", () => assert.match(String(answer("device.nothing")), /^compilation failed: ERROR: <input>:1:7: undefined field 'nothing'/));
