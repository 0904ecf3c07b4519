/** What the benches share: percentiles, lines of JSON, a cluster reached by KUBECONFIG. */
import { performance } from "node:perf_hooks";

/** Milliseconds since the process started, with fractions. */
export const nowMs = (): number => performance.now();

/** The value below which `share` (0..1) of the sample lies. */
export function percentile(sample: readonly number[], share: number): number {
  const sorted = sample.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** One line of JSON per step, so that runs can be compared by machine. */
export function say(step: string, values: Readonly<Record<string, number | string>>): void {
  console.log(JSON.stringify({ step, ...values }));
}

/** p50, p99 and count of a sample of milliseconds. */
export const latency = (sample: readonly number[]): Record<string, number> => ({
  n: sample.length, p50Ms: round(percentile(sample, 0.5)), p99Ms: round(percentile(sample, 0.99)),
});

export const round = (value: number): number => Math.round(value * 100) / 100;

/** Runs `total` pieces of work by `writers` at once; returns each one's milliseconds and the rate. */
export async function many(total: number, writers: number, work: (i: number) => Promise<void>): Promise<{ readonly sample: number[]; readonly perSecond: number }> {
  const sample: number[] = [];
  let next = 0;
  const start = nowMs();
  await Promise.all(Array.from({ length: writers }, async () => {
    while (next < total) {
      const i = next++;
      const from = nowMs();
      await work(i);
      sample.push(nowMs() - from);
    }
  }));
  return { sample, perSecond: Math.round(total / ((nowMs() - start) / 1000)) };
}
