import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ChosenSettings } from "#kubelet/settings/read-settings.ts";
import type { Chosen } from "./tuning/flags.ts";
import { UserError } from "./user-error.ts";

/** What is chosen once, when an instance is made, and kept in `instance.json`. */
export interface InstanceSettings {
  readonly name: string;
  readonly bindAddress: string;
  readonly port: number;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly nodeName: string;
  /** Of the kubelet's HTTPS API. */
  readonly kubeletPort: number;
  /** Where the state lives, if not in the instance's own file. */
  readonly etcd?: EtcdSettings;
  /** What the kubelet was told; the rest has its defaults. */
  readonly kubelet?: ChosenSettings;
  /** What the control plane was told, by flags; the rest has its defaults. */
  readonly controlPlane?: Chosen;
}

/** An etcd cluster. Absolute paths; keys begin with `prefix`. */
export interface EtcdSettings {
  readonly servers: readonly string[];
  readonly prefix: string;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

/** Where everything of an instance is, and what its things are called on the host. Known from the data directory alone, so that `down` can clean even when nothing else is left. */
export interface InstancePaths {
  readonly dataDir: string;
  /** Eight hexadecimal digits. */
  readonly id: string;
  readonly bridge: string;
  readonly table: string;
  /** Of the pod network and in comments of rules. */
  readonly networkName: string;
  /** Of every pod's cgroup, in each hierarchy. */
  readonly cgroupParent: string;
  readonly settingsFile: string;
  readonly kubeconfig: string;
  readonly pkiDir: string;
  readonly storeFile: string;
  readonly agentDir: string;
  readonly containerdDir: string;
  readonly containerdSocket: string;
  readonly containerdPid: string;
  /** Where the socket is when the data directory's path is too long for it. */
  readonly shortDir: string;
  readonly cniDir: string;
  readonly kubeletDir: string;
  /** Logs of containers. */
  readonly podLogsDir: string;
  /** Files of pods that the node runs by itself. */
  readonly manifestsDir: string;
  /** Directories of persistent volumes that the local-path provisioner hands out. */
  readonly volumesDir: string;
  readonly logDir: string;
  readonly runDir: string;
  /** Exists while the instance should be running. */
  readonly wantedFile: string;
}

export type Instance = InstancePaths & InstanceSettings;

const dataRoot = "/var/lib/seedpod";
/** The bytes of a unix socket's address, less what containerd adds to the name (`.ttrpc`). */
const maxSocketPath = 107 - 6;

/** Where an instance of this name lives that was told no directory. Throws `UserError` for what is no name. */
export function defaultDataDir(name: string): string {
  if (!/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/.test(name)) throw new UserError(`"${name}" cannot be an instance's name: use lower case letters, digits and hyphens, at most 40.`);
  return join(dataRoot, name);
}

/** Where everything of an instance is: all names on the host follow from its directory, so that `down` finds them with nothing else left. */
export function instancePaths(dataDir: string): InstancePaths {
  const dir = resolve(dataDir);
  const id = createHash("sha256").update(dir).digest("hex").slice(0, 8);
  const agentDir = join(dir, "agent");
  const containerdDir = join(agentDir, "containerd");
  const shortDir = `/run/seedpod-${id}`;
  const socket = join(containerdDir, "containerd.sock");
  return {
    dataDir: dir, id, agentDir, containerdDir, shortDir,
    bridge: `sp${id}`, table: `seedpod_${id}`, networkName: `seedpod-${id}`, cgroupParent: `/seedpod-${id}`,
    settingsFile: join(dir, "instance.json"),
    kubeconfig: join(dir, "kubeconfig"),
    pkiDir: join(dir, "pki"),
    storeFile: join(dir, "server", "store.db"),
    containerdSocket: Buffer.byteLength(socket) <= maxSocketPath ? socket : join(shortDir, "containerd.sock"),
    containerdPid: join(containerdDir, "containerd.pid"),
    cniDir: join(agentDir, "cni"),
    kubeletDir: join(agentDir, "kubelet"),
    podLogsDir: join(agentDir, "pod-logs"),
    manifestsDir: join(agentDir, "manifests"),
    volumesDir: join(dir, "volumes"),
    logDir: join(dir, "logs"),
    runDir: join(dir, "run"),
    wantedFile: join(dir, "run", "wanted"),
  };
}

/** The instance of a data directory, or undefined when there is none. Throws `UserError` when its settings cannot be read. */
export function loadInstance(dataDir: string): Instance | undefined {
  const paths = instancePaths(dataDir);
  try {
    return { ...paths, ...(JSON.parse(readFileSync(paths.settingsFile, "utf8")) as InstanceSettings) };
  } catch (err) {
    const code = (err as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (code === "EACCES") throw new UserError(`${paths.settingsFile} may only be read by root: run this with sudo.`);
    throw new UserError(`${paths.settingsFile} cannot be read (${(err as Error).message}). "seedpod down --purge" forgets the instance.`);
  }
}

/** What of an instance is kept in its file. */
export function settingsOf({ name, bindAddress, port, podCidr, serviceCidr, nodeName, kubeletPort, etcd, kubelet, controlPlane }: InstanceSettings): InstanceSettings {
  return { name, bindAddress, port, podCidr, serviceCidr, nodeName, kubeletPort, ...(etcd && { etcd }), ...(kubelet && { kubelet }), ...(controlPlane && { controlPlane }) };
}

/** Writes the settings in one piece, and gives the instance that they make. */
export function saveInstance(dataDir: string, settings: InstanceSettings): Instance {
  const paths = instancePaths(dataDir);
  mkdirSync(paths.dataDir, { recursive: true, mode: 0o755 });
  writeFileSync(`${paths.settingsFile}.new`, `${JSON.stringify(settings, undefined, 2)}\n`);
  renameSync(`${paths.settingsFile}.new`, paths.settingsFile);
  return { ...paths, ...settings };
}
