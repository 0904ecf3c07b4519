import { runtimeConfigKey, type OptionalKind } from "#api/optional-kinds.ts";

/**
 * What becomes of each field of a pod's spec here: the one table behind `docs/pod-fields.md`. Every field of every type that
 * a pod's spec reaches has an entry, and every entry names the file that does what it says; `tools/pod-fields.test.ts` holds both.
 */
export type FieldFate =
  /** Obeyed. `whole`: the fields within it are that file's affair and not listed. */
  | { readonly fate: "done"; readonly where: string; readonly whole?: true; readonly note?: string }
  /** Refused in these words, by the file that holds them. */
  | { readonly fate: "refused"; readonly where: string; readonly how: string; readonly words: string; readonly note?: string }
  /** Has no effect on a node like this by the API's own definition. */
  | { readonly fate: "none"; readonly note: string };

type Fates = Readonly<Record<string, FieldFate>>;

const done = (where: string, note?: string): FieldFate => ({ fate: "done", where, ...(note !== undefined && { note }) });
const whole = (where: string): FieldFate => ({ fate: "done", where, whole: true });
const refused = (where: string, how: string, words: string, note?: string): FieldFate => ({ fate: "refused", where, how, words, ...(note !== undefined && { note }) });
const none = (note: string): FieldFate => ({ fate: "none", note });
/** Several fields of one fate. */
const all = (fate: FieldFate, ...fields: readonly string[]): Fates => Object.fromEntries(fields.map((field) => [field, fate]));

const noPlugin = refused("volumes/unsupported.ts", "event FailedMount; the pod waits", "no volume plugin matched");
const optional = (kind: OptionalKind): string => `where the server has \`--runtime-config=${runtimeConfigKey(kind)}=true\`; else it is left out of the pod, as upstream, with a warning`;
const notEphemeral = refused("apiserver/registry/core/pod-spec/validate-ephemeral.ts", "validation", "cannot be set for an Ephemeral Container");
const windows = refused(
  "apiserver/registry/core/pod-spec/validate-spec.ts",
  "validation, where `os.name` is `linux`",
  "windows options cannot be set for a linux pod",
  "without `os.name` it has no effect on a Linux node, as upstream",
);
const files = "volumes/object-files.ts";
const security = "kubelet/containers/security-context.ts";
const config = "kubelet/containers/container-config.ts";

const podSpec: Fates = {
  volumes: done("kubelet/volumes/volume-manager.ts"),
  ...all(done("kubelet/containers/containers.ts"), "initContainers", "containers", "ephemeralContainers"),
  restartPolicy: done("kubelet/containers/restart.ts"),
  terminationGracePeriodSeconds: done("kubelet/containers/container-killer.ts"),
  activeDeadlineSeconds: done("kubelet/pods/pod-worker.ts"),
  dnsPolicy: done("kubelet/sandbox/dns.ts"),
  dnsConfig: done("kubelet/sandbox/dns.ts"),
  nodeSelector: done("kubelet/pods/admission.ts", "and by the scheduler"),
  affinity: whole("kubelet/pods/admission.ts"),
  nodeName: done("kubelet/config.ts"),
  ...all(done("apiserver/admission/service-account.ts"), "serviceAccountName", "serviceAccount", "automountServiceAccountToken"),
  ...all(done(security), "hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "securityContext"),
  imagePullSecrets: done("kubelet/images/image-auth.ts"),
  ...all(done("kubelet/sandbox/etc-hosts.ts"), "hostname", "subdomain", "hostAliases", "setHostnameAsFQDN", "hostnameOverride"),
  schedulerName: done("scheduler/watch-cluster.ts"),
  tolerations: done("scheduler/plugins/taint-toleration.ts", "and by taint eviction"),
  priorityClassName: done("apiserver/admission/priority.ts"),
  priority: done("scheduler/plugins/priority-sort.ts"),
  preemptionPolicy: done("scheduler/plugins/default-preemption.ts"),
  readinessGates: done("kubelet/status/pod-conditions.ts"),
  runtimeClassName: done("kubelet/sandbox/sandbox.ts"),
  enableServiceLinks: done("kubelet/containers/service-env.ts"),
  overhead: done("api/pod-resources.ts"),
  topologySpreadConstraints: whole("scheduler/spread-constraints.ts"),
  os: done("kubelet/pods/admission-features.ts"),
  hostUsers: done("kubelet/sandbox/sandbox.ts", "false where the runtime cannot (containerd before 2.0): event FailedCreatePodSandBox, the pod waits"),
  schedulingGates: done("scheduler/plugins/scheduling-gates.ts"),
  resourceClaims: done("kubelet/dra/dra-manager.ts", "drivers that register with the kubelet (v1, v1beta1); one that has not: event FailedPrepareDynamicResources, the pod waits"),
  resources: done("kubelet/resources/resources.ts", "requests and limits of CPU and memory: the pod's cgroup, quality of service, admission"),
  schedulingGroup: refused("apiserver/registry/core/pod-spec/validate-spec.ts", "validation", "pod groups are not supported"),
};

const container: Fates = {
  ...all(done(config), "name", "image", "command", "args", "workingDir", "stdin", "stdinOnce", "tty", "terminationMessagePath", "terminationMessagePolicy"),
  ports: done("kubelet/sandbox/sandbox-config.ts"),
  ...all(done("kubelet/containers/env.ts"), "env", "envFrom"),
  resources: done("kubelet/resources/resources.ts"),
  resizePolicy: done("kubelet/resources/allocation.ts"),
  restartPolicy: done("kubelet/containers/restart.ts"),
  restartPolicyRules: done("api/restart-rules.ts"),
  volumeMounts: done("kubelet/containers/container-mounts.ts"),
  volumeDevices: done("kubelet/containers/container-mounts.ts", "block devices of `csi` and `local` volumes; a file system as a device: event FailedMount"),
  ...all(done("kubelet/probes/probe-manager.ts"), "readinessProbe", "startupProbe"),
  livenessProbe: done("kubelet/pods/sync-pod.ts"),
  lifecycle: done("kubelet/containers/container-starter.ts"),
  imagePullPolicy: done("kubelet/images/images.ts"),
  securityContext: done(security),
};

const handlers: Fates = {
  exec: done("kubelet/containers/lifecycle.ts"),
  httpGet: done("kubelet/containers/lifecycle.ts"),
  tcpSocket: refused("kubelet/containers/lifecycle.ts", "events FailedPostStartHook, FailedPreStopHook", "invalid handler: no action is set", "as upstream"),
  sleep: done("kubelet/containers/lifecycle.ts"),
};

const volume: Fates = {
  name: done("kubelet/volumes/volume-manager.ts"),
  hostPath: done("volumes/host-path.ts"),
  emptyDir: done("volumes/empty-dir.ts"),
  secret: done("volumes/secret.ts"),
  configMap: done("volumes/config-map.ts"),
  downwardAPI: done("volumes/downward-api.ts"),
  projected: done("volumes/projected.ts"),
  persistentVolumeClaim: done("volumes/persistent-claim.ts"),
  ephemeral: whole("volumes/persistent-claim.ts"),
  csi: done("volumes/csi/csi-volume.ts", "as upstream, for drivers that register with the kubelet"),
  ...all(noPlugin, "gcePersistentDisk", "awsElasticBlockStore", "gitRepo", "nfs", "iscsi", "glusterfs", "rbd", "flexVolume", "cinder", "cephfs", "flocker", "fc"),
  ...all(noPlugin, "azureFile", "azureDisk", "vsphereVolume", "quobyte", "photonPersistentDisk", "portworxVolume", "scaleIO", "storageos"),
  image: done("volumes/image.ts"),
};

const securityShared: Fates = {
  ...all(done(security), "seLinuxOptions", "runAsUser", "runAsGroup", "runAsNonRoot", "seccompProfile"),
  appArmorProfile: done(security, "a host without AppArmor: the pod fails with reason AppArmor"),
  windowsOptions: windows,
};

const items: Fates = all(done(files), "items", "optional");

/** By type, without its package. */
export const podFields: Readonly<Record<string, Fates>> = {
  PodSpec: podSpec,
  Container: container,
  EphemeralContainer: {
    ...container,
    ...all(notEphemeral, "ports", "resources", "resizePolicy", "restartPolicy", "restartPolicyRules", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"),
    targetContainerName: done("kubelet/containers/containers.ts"),
  },
  PodSecurityContext: {
    ...securityShared,
    supplementalGroups: done(security),
    supplementalGroupsPolicy: done("kubelet/pods/admission-features.ts", "Strict where the runtime cannot: the pod fails with reason SupplementalGroupsPolicyNotSupported"),
    fsGroup: done("volumes/ownership.ts"),
    fsGroupChangePolicy: done("volumes/persistent-claim.ts"),
    sysctls: done("kubelet/pods/admission-features.ts", "one that is not safe: the pod fails with reason SysctlForbidden"),
    seLinuxChangePolicy: none("chooses how volumes get their SELinux label; none of the volumes here is labelled by the kubelet"),
  },
  SecurityContext: {
    ...securityShared,
    ...all(done(security), "capabilities", "privileged", "readOnlyRootFilesystem", "allowPrivilegeEscalation", "procMount"),
  },
  Probe: {
    ...all(done("kubelet/probes/probe.ts"), "exec", "httpGet", "tcpSocket", "grpc", "timeoutSeconds"),
    ...all(done("kubelet/probes/probe-worker.ts"), "initialDelaySeconds", "periodSeconds", "successThreshold", "failureThreshold"),
    terminationGracePeriodSeconds: done("kubelet/pods/sync-pod.ts"),
  },
  Lifecycle: {
    postStart: done("kubelet/containers/container-starter.ts"),
    preStop: done("kubelet/containers/container-killer.ts"),
    stopSignal: done(config, "a runtime that does not know it: CreateContainerError"),
  },
  LifecycleHandler: handlers,
  Volume: volume,
  HostPathVolumeSource: all(done("volumes/host-path.ts"), "path", "type"),
  EmptyDirVolumeSource: {
    medium: done("volumes/empty-dir.ts"),
    sizeLimit: done("kubelet/volumes/storage-limits.ts", "a pod with more on disk is evicted within a minute or so; one in memory has that size"),
  },
  SecretVolumeSource: { ...items, secretName: done("volumes/secret.ts"), defaultMode: done("volumes/secret.ts") },
  ConfigMapVolumeSource: { ...items, name: done("volumes/config-map.ts"), defaultMode: done("volumes/config-map.ts") },
  ImageVolumeSource: all(done("kubelet/images/image-volumes.ts"), "reference", "pullPolicy"),
  DownwardAPIVolumeSource: all(done("volumes/downward-api.ts"), "items", "defaultMode"),
  PersistentVolumeClaimVolumeSource: { claimName: done("api/pod-references.ts"), readOnly: done("volumes/persistent-claim.ts") },
  ProjectedVolumeSource: all(done("volumes/projected.ts"), "sources", "defaultMode"),
  VolumeProjection: {
    ...all(done("volumes/projected.ts"), "secret", "downwardAPI", "configMap", "serviceAccountToken"),
    clusterTrustBundle: done("kubelet/volumes/trust-anchors.ts", optional("clustertrustbundles")),
    podCertificate: done("volumes/projected.ts", optional("podcertificaterequests")),
  },
  SecretProjection: all(done("volumes/projected.ts"), "name", "items", "optional"),
  ConfigMapProjection: all(done("volumes/projected.ts"), "name", "items", "optional"),
  DownwardAPIProjection: all(done("volumes/projected.ts"), "items"),
  ServiceAccountTokenProjection: all(done("volumes/projected.ts"), "audience", "expirationSeconds", "path"),
  ClusterTrustBundleProjection: { ...all(done("kubelet/volumes/trust-anchors.ts"), "name", "signerName", "labelSelector", "optional"), path: done("volumes/projected.ts") },
  PodCertificateProjection: {
    ...all(done("kubelet/pod-certificates/request.ts"), "signerName", "maxExpirationSeconds", "userAnnotations"),
    keyType: done("kubelet/pod-certificates/pod-certificates.ts"),
    ...all(done("volumes/projected.ts"), "credentialBundlePath", "keyPath", "certificateChainPath"),
  },
  KeyToPath: all(done(files), "key", "path", "mode"),
  DownwardAPIVolumeFile: { ...all(done(files), "path", "mode"), ...all(done("kubelet/volumes/volume-sources.ts"), "fieldRef", "resourceFieldRef") },
  ObjectFieldSelector: {
    fieldPath: done("kubelet/containers/downward.ts"),
    apiVersion: done("apiserver/registry/core/pod-spec/validate-env.ts", "v1 is the only one"),
  },
  ResourceFieldSelector: all(done("kubelet/containers/downward.ts"), "containerName", "resource", "divisor"),
  VolumeMount: {
    ...all(done("kubelet/containers/container-mounts.ts"), "name", "readOnly", "mountPath", "subPath", "mountPropagation", "subPathExpr"),
    recursiveReadOnly: done("kubelet/containers/container-mounts.ts", "Enabled where the runtime cannot: CreateContainerConfigError"),
  },
  ContainerPort: {
    ...all(done("kubelet/sandbox/sandbox-config.ts"), "hostPort", "containerPort", "protocol", "hostIP"),
    name: done("kubelet/probes/http-get.ts", "for probes, hooks and services"),
  },
  EnvFromSource: all(done("kubelet/containers/env.ts"), "prefix", "configMapRef", "secretRef"),
  EnvVar: all(done("kubelet/containers/env.ts"), "name", "value", "valueFrom"),
  EnvVarSource: {
    ...all(done("kubelet/containers/env.ts"), "fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"),
  },
  FileKeySelector: all(done("kubelet/containers/env-file.ts"), "volumeName", "path", "key", "optional"),
  ConfigMapEnvSource: all(done("kubelet/containers/env.ts"), "name", "optional"),
  SecretEnvSource: all(done("kubelet/containers/env.ts"), "name", "optional"),
  ConfigMapKeySelector: all(done("kubelet/containers/env.ts"), "name", "key", "optional"),
  SecretKeySelector: all(done("kubelet/containers/env.ts"), "name", "key", "optional"),
  ResourceRequirements: {
    ...all(done("kubelet/resources/resources.ts", "a pod over its limits of `ephemeral-storage` is evicted, `kubelet/volumes/storage-limits.ts`"), "limits", "requests"),
    claims: done("kubelet/dra/claims.ts", "the devices' CDI specs are resolved by the kubelet where the runtime cannot, `docs/decisions/0008`"),
  },
  ContainerResizePolicy: all(done("kubelet/resources/allocation.ts"), "resourceName", "restartPolicy"),
  ContainerRestartRule: {
    action: done("kubelet/pods/restart-all.ts", "or of the one alone: kubelet/containers/restart.ts"),
    exitCodes: done("api/restart-rules.ts"),
  },
  ContainerRestartRuleOnExitCodes: all(done("api/restart-rules.ts"), "operator", "values"),
  ExecAction: all(done("kubelet/probes/probe.ts"), "command"),
  HTTPGetAction: all(done("kubelet/probes/http-get.ts"), "path", "port", "host", "scheme", "httpHeaders"),
  HTTPHeader: all(done("kubelet/probes/http-get.ts"), "name", "value"),
  TCPSocketAction: all(done("kubelet/probes/probe.ts"), "port", "host"),
  GRPCAction: all(done("kubelet/probes/probe.ts"), "port", "service"),
  SleepAction: all(done("kubelet/containers/lifecycle.ts"), "seconds"),
  Capabilities: all(done(security), "add", "drop"),
  SELinuxOptions: all(none("handed to the runtime, which has no use for it where the kernel has no SELinux"), "user", "role", "type", "level"),
  SeccompProfile: all(done(security), "type", "localhostProfile"),
  AppArmorProfile: all(done(security), "type", "localhostProfile"),
  Sysctl: all(done("kubelet/sandbox/sandbox-config.ts"), "name", "value"),
  HostAlias: all(done("kubelet/sandbox/etc-hosts.ts"), "ip", "hostnames"),
  VolumeDevice: all(done("kubelet/containers/container-mounts.ts"), "name", "devicePath"),
  CSIVolumeSource: all(done("volumes/csi/spec.ts"), "driver", "readOnly", "fsType", "volumeAttributes", "nodePublishSecretRef"),
  LocalObjectReference: { name: done("kubelet/images/image-auth.ts") },
  PodDNSConfig: all(done("kubelet/sandbox/dns.ts"), "nameservers", "searches", "options"),
  PodDNSConfigOption: all(done("kubelet/sandbox/dns.ts"), "name", "value"),
  PodReadinessGate: { conditionType: done("kubelet/status/pod-conditions.ts") },
  PodOS: { name: done("kubelet/pods/admission-features.ts") },
  PodResourceClaim: all(done("kubelet/dra/claims.ts"), "name", "resourceClaimName", "resourceClaimTemplateName"),
  ResourceClaim: all(done("kubelet/dra/claims.ts"), "name", "request"),
  PodSchedulingGate: { name: done("apiserver/registry/core/pod-spec/validate-scheduling.ts") },
  Toleration: {
    ...all(done("api/taints.ts"), "key", "operator", "value", "effect"),
    tolerationSeconds: done("api/taints.ts"),
  },
};
