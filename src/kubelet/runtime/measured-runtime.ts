import type { Runtime } from "#cri/runtime.ts";
import type { KubeletMetrics } from "../metrics.ts";

/** The runtime with every call counted and timed. Upstream: pkg/kubelet/kuberuntime/instrumented_services.go */
export function measuredRuntime(runtime: Runtime, metrics: KubeletMetrics): Runtime {
  const measured = <T extends object>(service: T): T => new Proxy(service, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name === "images" || typeof value !== "function") return typeof value === "object" && value !== null ? measured(value) : value;
      if (name === "events" || name === "close" || typeof name !== "string") return value.bind(target) as unknown;
      return (...args: unknown[]) => metrics.call(operationOf(name), () => Reflect.apply(value, target, args) as Promise<unknown>);
    },
  });
  return measured(runtime);
}

/** `runPodSandbox` → `run_podsandbox`, as upstream names it. */
export const operationOf = (method: string): string => method.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace("pod_sandbox", "podsandbox");
