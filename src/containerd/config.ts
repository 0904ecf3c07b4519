/** What our own containerd is told. Everything it keeps stands under the instance's directories. */
export interface ContainerdSettings {
  readonly root: string;
  readonly state: string;
  /** Its path and `.ttrpc` must fit into the 107 bytes of a unix socket's address. */
  readonly socket: string;
  readonly runcRoot: string;
  readonly cniBinDir: string;
  readonly cniConfDir: string;
  readonly registryHostsDir: string;
  readonly sandboxImage: string;
  readonly snapshotter: "overlayfs" | "native";
  /** Where we may not lower `oom_score_adj`, neither may runc: it dies of it. */
  readonly restrictOomScoreAdj: boolean;
}

/** Plugins that only cost time at the start. */
const unused = [
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.blockfile", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing", "io.containerd.nri.v1.nri",
];

/** The text of `config.toml`. Since 2.0 containerd has configuration version 3, with other names of the CRI plugin's parts. @param majorVersion containerd's */
export function containerdConfig(settings: ContainerdSettings, majorVersion: number): string {
  const common = [
    `root = ${quoted(settings.root)}`,
    `state = ${quoted(settings.state)}`,
    `disabled_plugins = [${unused.map(quoted).join(", ")}]`,
    "[grpc]",
    `address = ${quoted(settings.socket)}`,
  ];
  return [`version = ${majorVersion >= 2 ? 3 : 2}`, ...common, ...(majorVersion >= 2 ? version3(settings) : version2(settings)), ""].join("\n");
}

function version2(settings: ContainerdSettings): string[] {
  const cri = `plugins."io.containerd.grpc.v1.cri"`;
  return [
    `[${cri}]`,
    `sandbox_image = ${quoted(settings.sandboxImage)}`,
    "enable_cdi = true", // off by default in 1.7, on since 2.0, nothing to 1.6
    ...criRuntime(settings),
    ...streamServer,
    `[${cri}.cni]`,
    ...cni(settings),
    `[${cri}.containerd]`,
    `snapshotter = ${quoted(settings.snapshotter)}`,
    ...runc(`${cri}.containerd`, settings),
    `[${cri}.registry]`,
    `config_path = ${quoted(settings.registryHostsDir)}`,
  ];
}

function version3(settings: ContainerdSettings): string[] {
  const [images, runtime] = [`plugins."io.containerd.cri.v1.images"`, `plugins."io.containerd.cri.v1.runtime"`];
  return [
    `[${images}]`,
    `snapshotter = ${quoted(settings.snapshotter)}`,
    `[${images}.pinned_images]`,
    `sandbox = ${quoted(settings.sandboxImage)}`,
    `[${images}.registry]`,
    `config_path = ${quoted(settings.registryHostsDir)}`,
    `[${runtime}]`,
    ...criRuntime(settings),
    `[${runtime}.cni]`,
    ...cni(settings),
    `[${runtime}.containerd]`,
    ...runc(`${runtime}.containerd`, settings),
    `[plugins."io.containerd.grpc.v1.cri"]`,
    ...streamServer,
  ];
}

const criRuntime = (settings: ContainerdSettings): string[] => [`restrict_oom_score_adj = ${settings.restrictOomScoreAdj}`, "netns_mounts_under_state_dir = true"];
const streamServer = [`stream_server_address = "127.0.0.1"`, `stream_server_port = "0"`];
const cni = (settings: ContainerdSettings): string[] => [`bin_dir = ${quoted(settings.cniBinDir)}`, `conf_dir = ${quoted(settings.cniConfDir)}`];
const runc = (parent: string, settings: ContainerdSettings): string[] => [
  `default_runtime_name = "runc"`,
  `[${parent}.runtimes.runc]`,
  `runtime_type = "io.containerd.runc.v2"`,
  `[${parent}.runtimes.runc.options]`,
  `Root = ${quoted(settings.runcRoot)}`,
  "SystemdCgroup = false",
];

/** TOML's basic string is JSON's, for the paths that we have. */
const quoted = (value: string): string => JSON.stringify(value);
