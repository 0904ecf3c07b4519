import assert from "node:assert/strict";
import { test } from "node:test";
import { Quantity, QuantityError } from "./quantity.ts";

const canonical: readonly [given: string | number, printed: string][] = [
  ["0", "0"], ["0m", "0"], ["100m", "100m"], ["1000m", "1"], ["0.1", "100m"], ["0.5", "500m"], ["1.5", "1500m"], ["1500m", "1500m"], ["2", "2"], ["1000", "1k"],
  ["1024", "1024"], ["1Ki", "1Ki"], ["1024Ki", "1Mi"], ["1.5Gi", "1536Mi"], ["0.5Mi", "512Ki"], ["0.5Ki", "512"], ["1000Mi", "1000Mi"], ["1e3", "1e3"], ["100e2", "10e3"], ["12E6", "12E6"],
  ["1E", "1E"], ["0.1n", "1n"], ["1e-3", "1e-3"], ["-1.5", "-1500m"], ["+5", "+5"], ["1.234", "1.234"], ["9223372036854775807", "9223372036854775807"], ["16Ei", "9223372036854775807"], [4, "4"], [0.25, "250m"], ["1000E", "1000E"],
];
for (const [given, printed] of canonical) test(`${given} is printed as ${printed}`, () => assert.equal(Quantity.parse(given).toString(), printed));

const refused: readonly [text: string, message: RegExp][] = [
  ["", /^quantities must match the regular expression/], ["abc", /^quantities must match the regular expression '\^\(\[\+-\]\?\[0-9\.\]\+\)\(\[eEinumkKMGTP\]\*\[-\+\]\?\[0-9\]\*\)\$'$/],
  ["1 Gi", /regular expression/], ["1.2.3", /regular expression/], ["1Kx", /regular expression/], ["1KM", /^unable to parse quantity's suffix$/], ["1e99999", /suffix/], [".", /numeric part/],
];
for (const [text, message] of refused) test(`"${text}" is refused`, () => assert.throws(() => Quantity.parse(text), (e: unknown) => e instanceof QuantityError && message.test(e.message)));

test("whole and milli values are rounded up", () => {
  assert.equal(Quantity.parse("100m").value, 1);
  assert.equal(Quantity.parse("1u").milliValue, 1);
  assert.equal(Quantity.parse("1.5Gi").value, 1610612736);
});

test("sums keep the first format, a zero takes the other's", () => {
  assert.equal(Quantity.parse("1Gi").add(Quantity.parse("512Mi")).toString(), "1536Mi");
  assert.equal(Quantity.parse("0").add(Quantity.parse("1Gi")).toString(), "1Gi");
  assert.equal(Quantity.parse("1").sub(Quantity.parse("100m")).toString(), "900m");
});

test("amounts in different units compare by what they are worth", () => {
  assert.equal(Quantity.parse("1Ki").cmp(Quantity.parse("1024")), 0);
  assert.equal(Quantity.parse("1k").cmp(Quantity.parse("1Ki")), -1);
});
