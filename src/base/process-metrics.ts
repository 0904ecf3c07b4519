import { collectDefaultMetrics, type Registry } from "prom-client";

/**
 * The text of a registry with the metrics of its process (process_*, nodejs_eventloop_lag_*, whose largest value is that
 * since the last look). They are measured from the first look on: to know the event loop's delay, an idle process wakes a
 * hundred times a second, and most are never asked.
 */
export function processMetrics(registry: Registry): () => Promise<string> {
  let measured = false;
  return () => {
    if (!measured) collectDefaultMetrics({ register: registry });
    measured = true;
    return registry.metrics();
  };
}
