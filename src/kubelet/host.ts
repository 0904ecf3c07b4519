import type { Pod } from "#api/gen/core-v1.ts";
import type { Runtime } from "#cri/runtime.ts";

/** What the kubelet's own HTTPS server may see of the kubelet. Reads only what is known now; never waits for the API server. */
export interface KubeletHost {
  readonly runtime: Runtime;
  /** Every pod file of this directory's tree is a log: `<namespace>_<pod>_<uid>/<container>/<n>.log`. */
  readonly podLogsDir: string;
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
