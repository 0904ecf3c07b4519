import assert from "node:assert/strict";
import { test } from "node:test";
import { Gauge, Registry } from "prom-client";
import { processMetrics } from "./process-metrics.ts";

test("the process is measured from the first look on, beside what the registry has of its own", async () => {
  const registry = new Registry();
  new Gauge({ name: "own", help: "One of ours.", registers: [registry] }).set(3);
  const text = processMetrics(registry);
  assert.equal(registry.getSingleMetric("nodejs_eventloop_lag_seconds"), undefined);
  for (let look = 0; look < 2; look++) {
    const shown = await text();
    assert.match(shown, /^own 3$/m);
    assert.match(shown, /^process_cpu_seconds_total \d/m);
    assert.match(shown, /^nodejs_eventloop_lag_max_seconds /m);
  }
});
