import { join } from "node:path";
import type { Pod } from "#api/gen/core-v1.ts";
import type { Runtime } from "#cri/runtime.ts";
import { namespaceOf, uidOf } from "./names.ts";
import { containerLogPath, type Paths } from "./paths.ts";
import { readySandbox } from "./runtime/pod-runtime.ts";
import type { Stats } from "./stats/stats.ts";
import type { KubeletMetrics } from "./metrics.ts";
import type { RuntimeCache } from "./runtime/runtime-cache.ts";

/** What the kubelet's own HTTPS server may see of the kubelet. Reads only what is known now; never waits for the API server. */
export interface KubeletHost {
  readonly runtime: Runtime;
  /** Every pod file of this directory's tree is a log: `<namespace>_<pod>_<uid>/<container>/<n>.log`. */
  readonly podLogsDir: string;
  /** What the node itself logs; undefined: nobody is shown it. */
  readonly nodeLogsDir: string | undefined;
  readonly stats: Stats;
  readonly metrics: KubeletMetrics;
  /** The effective KubeletConfiguration. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The pods of this node, each with the status that this kubelet computed last. */
  pods(): readonly Pod[];
  /** Undefined when no such pod is on this node. */
  pod(namespace: string, name: string): Pod | undefined;
  /** The newest instance of a container of any kind (init, app, ephemeral), or with `previous` the one before it. Undefined when the runtime has none. */
  findContainer(namespace: string, pod: string, container: string, options?: { readonly previous?: boolean }): Promise<FoundContainer | undefined>;
  /** The ready sandbox of a pod, undefined when there is none. */
  findSandbox(namespace: string, pod: string): Promise<string | undefined>;
}

export interface FoundContainer {
  /** The runtime's id, without the `containerd://` of the API. */
  readonly id: string;
  readonly sandboxId: string;
  readonly running: boolean;
  /** Absolute path of the current log file. */
  readonly logPath: string;
}

/** @param deps.pods the pods of this node with their newest status */
export function newHost({
  runtime,
  cache,
  paths,
  pods,
  ...rest
}: Pick<KubeletHost, "stats" | "metrics" | "config" | "nodeLogsDir"> & {
  readonly runtime: Runtime;
  readonly cache: RuntimeCache;
  readonly paths: Paths;
  readonly pods: () => readonly Pod[];
}): KubeletHost {
  const find = (namespace: string, name: string): Pod | undefined => pods().find((p) => p.metadata.name === name && namespaceOf(p) === namespace);
  return {
    ...rest,
    runtime,
    podLogsDir: paths.podLogs,
    pods,
    pod: find,
    async findContainer(namespace, name, container, { previous = false } = {}) {
      const pod = find(namespace, name);
      if (pod === undefined) return undefined;
      const { containers } = await cache.get(uidOf(pod));
      const instance = containers.filter((c) => c.name === container)[previous ? 1 : 0];
      if (instance === undefined) return undefined;
      return {
        id: instance.id,
        sandboxId: instance.sandboxId,
        running: instance.state === "running",
        logPath: instance.logPath || join(paths.logs(pod), containerLogPath(container, instance.restartCount)),
      };
    },
    async findSandbox(namespace, name) {
      const pod = find(namespace, name);
      return pod === undefined ? undefined : readySandbox(await cache.get(uidOf(pod)))?.id;
    },
  };
}
