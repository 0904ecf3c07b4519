import { exponentialBuckets, Gauge, Histogram, type Registry } from "prom-client";
import type { Clock } from "#base/clock.ts";
import { GrpcError } from "#base/grpc/errors.ts";

const buckets = exponentialBuckets(0.1, 1.5, 15);

/** What the kubelet counts of claims, under upstream's names. Upstream: pkg/kubelet/metrics/metrics.go DRA* */
export class DraMetrics {
  readonly #operations: Histogram<"operation_name" | "is_error">;
  readonly #calls: Histogram<"driver_name" | "method_name" | "grpc_status_code">;
  readonly #clock: Clock;

  /** @param inUse how many claims are in use, by driver; `<any>` is of all */
  constructor(registry: Registry, clock: Clock, inUse: () => ReadonlyMap<string, number>) {
    const registers = [registry];
    this.#clock = clock;
    this.#operations = new Histogram({ name: "dra_operations_duration_seconds", help: "Duration in seconds of preparing or unpreparing all claims of a pod, by operation and whether it failed.", buckets, labelNames: ["operation_name", "is_error"], registers });
    this.#calls = new Histogram({ name: "dra_grpc_operations_duration_seconds", help: "Duration in seconds of calls of DRA drivers.", buckets, labelNames: ["driver_name", "method_name", "grpc_status_code"], registers });
    new Gauge({
      name: "dra_resource_claims_in_use", help: "How many claims are in use on this node, by driver; <any> counts each once.", labelNames: ["driver_name"], registers,
      collect() {
        this.reset();
        for (const [driver_name, count] of inUse()) this.set({ driver_name }, count);
      },
    });
  }

  /** Times what is done for all claims of a pod. */
  operation<T>(operation_name: "PrepareResources" | "UnprepareResources", work: () => Promise<T>): Promise<T> {
    return this.#timed(work, (seconds, err) => this.#operations.observe({ operation_name, is_error: String(err !== undefined) }, seconds));
  }

  /** Times a call of a driver. @param method_name `/service/method` */
  call<T>(driver_name: string, method_name: string, work: () => Promise<T>): Promise<T> {
    return this.#timed(work, (seconds, err) => this.#calls.observe({ driver_name, method_name, grpc_status_code: err === undefined ? "OK" : err instanceof GrpcError ? err.code : "Unknown" }, seconds));
  }

  async #timed<T>(work: () => Promise<T>, done: (seconds: number, err?: unknown) => void): Promise<T> {
    const began = this.#clock.now();
    const seconds = (): number => Math.max(0, this.#clock.now() - began) / 1_000;
    try {
      const result = await work();
      done(seconds());
      return result;
    } catch (err) {
      done(seconds(), err);
      throw err;
    }
  }
}
