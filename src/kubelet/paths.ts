/** Where the kubelet keeps what on disk. Upstream: pkg/kubelet/kubelet_getters.go */
import { join } from "node:path";
import type { Pod } from "#api/gen/core-v1.ts";
import { directoryOf } from "#volumes/plugin.ts";
import { namespaceOf, uidOf } from "./names.ts";

export class Paths {
  readonly root: string;
  readonly podLogs: string;

  /** @param root such as `/var/lib/kubelet` @param podLogs such as `/var/log/pods` */
  constructor(root: string, podLogs: string) {
    this.root = root;
    this.podLogs = podLogs;
  }

  get pods(): string {
    return join(this.root, "pods");
  }
  /** Seccomp profiles of type Localhost lie beneath. */
  get seccomp(): string {
    return join(this.root, "seccomp");
  }
  /** Where device plugins register, with what is remembered of them. */
  get devicePlugins(): string {
    return join(this.root, "device-plugins");
  }
  /** What is remembered of claims. */
  get draState(): string {
    return join(this.root, "dra_manager_state");
  }
  /** Where it is asked which pods have what. */
  get podResources(): string {
    return join(this.root, "pod-resources");
  }
  pod(uid: string): string {
    return join(this.pods, uid);
  }
  volumes(uid: string): string {
    return join(this.pod(uid), "volumes");
  }
  subPaths(uid: string): string {
    return join(this.pod(uid), "volume-subpaths");
  }
  /** `plugin` is a volume plugin's name. */
  volume(uid: string, plugin: string, name: string): string {
    return join(this.volumes(uid), directoryOf(plugin), name);
  }
  /** Which of the host's ids the pod's users are. */
  userNamespace(uid: string): string {
    return join(this.pod(uid), "userns");
  }
  volumeDevices(uid: string): string {
    return join(this.pod(uid), "volumeDevices");
  }
  /** The link to a block device. */
  volumeDevice(uid: string, plugin: string, name: string): string {
    return join(this.volumeDevices(uid), directoryOf(plugin), name);
  }
  /** Where registrars of plugins make their sockets. */
  get pluginsRegistry(): string {
    return join(this.root, "plugins_registry");
  }
  hosts(uid: string): string {
    return join(this.pod(uid), "etc-hosts");
  }
  terminationLogs(uid: string): string {
    return join(this.pod(uid), "containers");
  }
  /** Each instance of a container has a termination log of its own. */
  terminationLog(uid: string, container: string, instance: string): string {
    return join(this.terminationLogs(uid), container, instance);
  }
  /** `<namespace>_<name>_<uid>` */
  logs(pod: Pod): string {
    return join(this.podLogs, logsName(pod));
  }
}

const logsName = (pod: Pod): string => `${namespaceOf(pod)}_${pod.metadata.name}_${uidOf(pod)}`;

/** A container's log relative to its pod's log directory. */
export const containerLogPath = (container: string, restartCount: number): string => join(container, `${restartCount}.log`);
