import assert from "node:assert/strict";
import { test } from "node:test";
import { StatusError } from "#apimachinery/status.ts";
import { slowStart } from "./pod-control.ts";

const refusal = new StatusError("Forbidden", "exceeded quota");
const leaving = new StatusError("Forbidden", "namespace is going", { causes: [{ reason: "NamespaceTerminating", message: "", field: "metadata.namespace" }] });

// Upstream: pkg/controller/controller_utils.go slowStartBatch
const cases: readonly { readonly name: string; readonly count: number; readonly fits: number; readonly because?: Error; readonly tried: number; readonly want: { readonly done: number; readonly failure: unknown } }[] = [
  { name: "all that fit", count: 10, fits: 10, tried: 10, want: { done: 10, failure: undefined } },
  { name: "none", count: 0, fits: 10, tried: 0, want: { done: 0, failure: undefined } },
  { name: "what fails at once fails once", count: 500, fits: 0, tried: 1, want: { done: 0, failure: refusal } },
  { name: "a batch of four fails whole, and is the last", count: 500, fits: 3, tried: 7, want: { done: 3, failure: refusal } },
  { name: "those of the last batch that fit are made", count: 500, fits: 5, tried: 7, want: { done: 5, failure: refusal } },
  { name: "a namespace that goes is no failure", count: 500, fits: 0, because: leaving, tried: 1, want: { done: 0, failure: undefined } },
];
for (const { name, count, fits, because = refusal, tried, want } of cases) {
  test(`a slow start: ${name}`, async () => {
    const indexes: number[] = [];
    const result = await slowStart(count, async (index) => {
      indexes.push(index);
      if (index >= fits) throw because;
    });
    assert.deepEqual([indexes, result], [Array.from({ length: tried }, (_, i) => i), want]);
  });
}
