/**
 * The three metrics that every request touches, counted without making an object of labels each time: a series is found
 * by one text. Written as Prometheus reads them. Upstream: apiserver/pkg/endpoints/metrics/metrics.go
 */
import { asLabels } from "../filters/target-labels.ts";

const seconds = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];
const sizes = [1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];

class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.#bounds.length && value > (this.#bounds[bucket] as number)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += value;
  }

  /** @param labels as they stand within the braces */
  lines(name: string, labels: string): string[] {
    let count = 0;
    const buckets = [...this.#bounds.map(String), "+Inf"].map((bound, i) => `${name}_bucket{${labels},le="${bound}"} ${(count += this.#counts[i] ?? 0)}`);
    return [...buckets, `${name}_sum{${labels}} ${this.#sum}`, `${name}_count{${labels}} ${count}`];
  }
}

interface Series { readonly labels: string; readonly codes: Map<number, number>; readonly durations: Histogram; readonly sizes: Histogram }
export interface Outcome { readonly code: number; /** Absent for streams. */ readonly seconds: number | undefined; /** Absent where the answer came in pieces. */ readonly bytes: number | undefined }

export class RequestMetrics {
  readonly #series = new Map<string, Series>();

  /** @param joined from `targetLabels` */
  observe(joined: string, dryRun: boolean, { code, seconds: took, bytes }: Outcome): void {
    const series = this.#of(joined, dryRun);
    series.codes.set(code, (series.codes.get(code) ?? 0) + 1);
    if (took !== undefined) series.durations.observe(took);
    if (bytes !== undefined) series.sizes.observe(bytes);
  }

  text(): string {
    const all = [...this.#series.values()];
    return [
      ...head("apiserver_request_total", "counter", "Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code."),
      ...all.flatMap(({ labels, codes }) => [...codes].map(([code, count]) => `apiserver_request_total{${labels},code="${code}"} ${count}`)),
      ...head("apiserver_request_duration_seconds", "histogram", "Response latency distribution in seconds, without streams."),
      ...all.flatMap((series) => series.durations.lines("apiserver_request_duration_seconds", series.labels)),
      ...head("apiserver_response_sizes", "histogram", "Response size distribution in bytes, of answers that are whole at once."),
      ...all.flatMap((series) => series.sizes.lines("apiserver_response_sizes", series.labels)),
    ].join("\n").concat("\n");
  }

  #of(joined: string, dryRun: boolean): Series {
    const key = dryRun ? `${joined}\0` : joined;
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const labels = Object.entries({ ...asLabels(joined), dry_run: dryRun ? "All" : "" }).map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(",");
    const made: Series = { labels, codes: new Map(), durations: new Histogram(seconds), sizes: new Histogram(sizes) };
    this.#series.set(key, made);
    return made;
  }
}

const head = (name: string, type: string, help: string): string[] => [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
