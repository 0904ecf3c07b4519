import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import { defaultPod } from "./defaults.ts";
import { validatePodSpec, validatePodTemplate } from "./validate-spec.ts";

/** The problems of a pod with one good container, changed by `spec`; `container` goes into that container. */
function problems(spec: object, container: object = {}): readonly string[] {
  const pod = { metadata: { name: "web", namespace: "default" }, spec: { containers: [{ name: "web", image: "nginx", ...container }], ...structuredClone(spec) }, status: {} } as unknown as Pod;
  defaultPod(pod);
  return validatePodSpec(pod.spec, "web").map(({ field, message }) => `${field}: ${message}`);
}

interface Case { readonly name: string; readonly spec?: object; readonly container?: object; readonly want: readonly string[] }

// The words are those of pkg/apis/core/validation/validation.go of release 1.36.
const label = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const at = "spec.containers[0]";
const cases: readonly Case[] = [
  { name: "a good pod has none", want: [] },
  { name: "no containers", spec: { containers: [] }, want: ["spec.containers: Required value"] },
  { name: "a container without name", container: { name: "" }, want: [`${at}.name: Required value`] },
  { name: "a container's name in capitals", container: { name: "Web" }, want: [`${at}.name: Invalid value: "Web": ${label}`] },
  { name: "a container without image", container: { image: "" }, want: [`${at}.image: Required value`] },
  { name: "an image with a space behind", container: { image: "nginx " }, want: [`${at}.image: Invalid value: "nginx ": must not have leading or trailing whitespace`] },
  { name: "two containers of one name", spec: { containers: [{ name: "a", image: "a" }, { name: "a", image: "a" }] }, want: ['spec.containers[1].name: Duplicate value: "a"'] },
  { name: "an init container named like an app container", spec: { initContainers: [{ name: "web", image: "a" }] }, want: ['spec.initContainers[0].name: Duplicate value: "web"'] },
  { name: "an unknown restart policy", spec: { restartPolicy: "Sometimes" }, want: ['spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"'] },
  { name: "an unknown pull policy", container: { imagePullPolicy: "Maybe" }, want: [`${at}.imagePullPolicy: Unsupported value: "Maybe": supported values: "Always", "IfNotPresent", "Never"`] },
  { name: "a restart rule without policy", container: { restartPolicyRules: [{ action: "Restart", exitCodes: { operator: "In", values: [1] } }] }, want: [`${at}.restartPolicy: Required value: must specify restartPolicy when restart rules are used`] },
  { name: "a restart rule for all containers", container: { restartPolicy: "Never", restartPolicyRules: [{ action: "RestartAllContainers", exitCodes: { operator: "In", values: [1] } }] }, want: [] },
  { name: "a restart rule that does something else", container: { restartPolicy: "Never", restartPolicyRules: [{ action: "Stop", exitCodes: { operator: "In", values: [1] } }] }, want: [`${at}.restartPolicyRules[0].action: Unsupported value: "Stop": supported values: "Restart", "RestartAllContainers"`] },
  { name: "a restart rule about nothing", container: { restartPolicy: "Never", restartPolicyRules: [{ action: "Restart" }] }, want: [`${at}.restartPolicyRules[0].exitCodes: Required value: must be specified`] },
  { name: "a stop signal without operating system", container: { lifecycle: { stopSignal: "SIGUSR1" } }, want: [`${at}.lifecycle.stopSignal: Forbidden: may not be set for containers with empty \`spec.os.name\``] },
  { name: "a stop signal of Linux", spec: { os: { name: "linux" } }, container: { lifecycle: { stopSignal: "SIGRTMINPLUS3" } }, want: [] },
  { name: "a stop signal that is none", spec: { os: { name: "linux" } }, container: { lifecycle: { stopSignal: "USR1" } }, want: [`${at}.lifecycle.stopSignal: Unsupported value: "USR1"`] },
  { name: "Windows options on Linux", spec: { os: { name: "linux" }, securityContext: { windowsOptions: { hostProcess: true } } }, want: ["spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers", "spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod"] },
  { name: "a scheduling group", spec: { schedulingGroup: { podGroupName: "g" } }, want: ["spec.schedulingGroup: Forbidden: pod groups are not supported"] },
  { name: "a variable from a file of an emptyDir", spec: { volumes: [{ name: "v", emptyDir: {} }] }, container: { env: [{ name: "A", valueFrom: { fileKeyRef: { volumeName: "v", path: "env", key: "A" } } }] }, want: [] },
  { name: "a variable from a file of a hostPath", spec: { volumes: [{ name: "v", hostPath: { path: "/" } }] }, container: { env: [{ name: "A", valueFrom: { fileKeyRef: { volumeName: "v", path: "env", key: "A" } } }] }, want: [`${at}.env[0].valueFrom.fileKeyRef.volumeName: Invalid value: "v": referenced volume must be of type emptyDir`] },
  { name: "a variable from no volume", container: { env: [{ name: "A", valueFrom: { fileKeyRef: { volumeName: "v", path: "env", key: "A" } } }] }, want: [`${at}.env[0].valueFrom.fileKeyRef.volumeName: Not found: "v"`] },
  { name: "a port of 0", container: { ports: [{ containerPort: 0 }] }, want: [`${at}.ports[0].containerPort: Required value`] },
  { name: "a port too high", container: { ports: [{ containerPort: 70000 }] }, want: [`${at}.ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive`] },
  { name: "two ports of one name", container: { ports: [{ name: "http", containerPort: 1 }, { name: "http", containerPort: 2 }] }, want: [`${at}.ports[1].name: Duplicate value: "http"`] },
  { name: "two containers that want one host port", spec: { containers: [{ name: "a", image: "a", ports: [{ containerPort: 1, hostPort: 8080 }] }, { name: "b", image: "b", ports: [{ containerPort: 1, hostPort: 8080 }] }] }, want: ['spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//8080"'] },
  { name: "a host port beside the host's network", spec: { hostNetwork: true }, container: { ports: [{ containerPort: 80, hostPort: 81 }] }, want: [`${at}.ports[0].hostPort: Invalid value: 81: must match \`containerPort\` when \`hostNetwork\` is true`] },
  { name: "an environment variable without name", container: { env: [{ name: "" }] }, want: [`${at}.env[0].name: Required value`] },
  { name: "a value and a source of it", container: { env: [{ name: "A", value: "1", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }] }, want: [`${at}.env[0].valueFrom: Invalid value: "": may not be specified when \`value\` is not empty`] },
  { name: "a source of nothing", container: { env: [{ name: "A", valueFrom: {} }] }, want: [`${at}.env[0].valueFrom: Invalid value: "": must specify one of: \`fieldRef\`, \`resourceFieldRef\`, \`configMapKeyRef\` or \`secretKeyRef\``] },
  { name: "an unknown field of the pod", container: { env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.whoops" } } }] }, want: [`${at}.env[0].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.whoops": error converting fieldPath: field label not supported: metadata.whoops`] },
  { name: "a field of another version's pod", container: { env: [{ name: "A", valueFrom: { fieldRef: { apiVersion: "v2", fieldPath: "metadata.name" } } }] }, want: [`${at}.env[0].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.name": error converting fieldPath: unsupported pod version: v2`] },
  { name: "all labels in one variable", container: { env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.labels" } } }] }, want: [`${at}.env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"`] },
  { name: "a mount of a volume that is not there", container: { volumeMounts: [{ name: "data", mountPath: "/data" }] }, want: [`${at}.volumeMounts[0].name: Not found: "data"`] },
  { name: "two mounts at one place", spec: { volumes: [{ name: "data" }] }, container: { volumeMounts: [{ name: "data", mountPath: "/a" }, { name: "data", mountPath: "/a" }] }, want: [`${at}.volumeMounts[1].mountPath: Invalid value: "/a": must be unique`] },
  { name: "a sub path that climbs", spec: { volumes: [{ name: "data" }] }, container: { volumeMounts: [{ name: "data", mountPath: "/a", subPath: "../x" }] }, want: [`${at}.volumeMounts.subPath: Invalid value: "../x": must not contain '..'`] },
  { name: "two kinds of volume in one", spec: { volumes: [{ name: "v", emptyDir: {}, hostPath: { path: "/" } }] }, want: ["spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type"] },
  { name: "a key path that climbs", spec: { volumes: [{ name: "v", configMap: { name: "c", items: [{ key: "k", path: "../k" }] } }] }, want: [`spec.volumes[0].configMap.items[0].path: Invalid value: "../k": must not contain '..'`] },
  { name: "a file mode too wide", spec: { volumes: [{ name: "v", secret: { secretName: "s", defaultMode: 1000 } }] }, want: ["spec.volumes[0].secret.defaultMode: Invalid value: 1000: must be a number between 0 and 0777 (octal), both inclusive"] },
  { name: "a token for a minute", spec: { volumes: [{ name: "v", projected: { sources: [{ serviceAccountToken: { path: "t", expirationSeconds: 60 } }] } }] }, want: ["spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes"] },
  { name: "a probe that does nothing", container: { livenessProbe: {} }, want: [`${at}.livenessProbe: Required value: must specify a handler type`] },
  { name: "a probe that does two things", container: { readinessProbe: { exec: { command: ["x"] }, tcpSocket: { port: 1 } } }, want: [`${at}.readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type`] },
  { name: "a liveness probe that must succeed twice", container: { livenessProbe: { exec: { command: ["x"] }, successThreshold: 2 } }, want: [`${at}.livenessProbe.successThreshold: Invalid value: 2: must be 1`] },
  { name: "an init container resized without running again", spec: { initContainers: [{ name: "i", image: "i", resizePolicy: [{ resourceName: "cpu", restartPolicy: "NotRequired" }] }] }, want: [] },
  { name: "an init container resized by running again", spec: { initContainers: [{ name: "i", image: "i", resizePolicy: [{ resourceName: "cpu", restartPolicy: "NotRequired" }, { resourceName: "memory", restartPolicy: "RestartContainer" }] }] }, want: ["spec.initContainers[0].resizePolicy[1].restartPolicy: Invalid value: \"RestartContainer\": must not be set to 'RestartContainer' for non-sidecar initContainers"] },
  { name: "a sidecar resized by running again", spec: { initContainers: [{ name: "i", image: "i", restartPolicy: "Always", resizePolicy: [{ resourceName: "memory", restartPolicy: "RestartContainer" }] }] }, want: [] },
  { name: "a probe of an init container", spec: { initContainers: [{ name: "i", image: "i", livenessProbe: { exec: { command: ["x"] } } }] }, want: ["spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always"] },
  { name: "a request above its limit", container: { resources: { limits: { cpu: "1" }, requests: { cpu: "2" } } }, want: [`${at}.resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1`] },
  { name: "a resource nobody knows", container: { resources: { limits: { gpus: "1" } } }, want: [...["limits", "requests"].flatMap((list) => [`${at}.resources.${list}[gpus]: Invalid value: "gpus": must be a standard resource type or fully qualified`, `${at}.resources.${list}[gpus]: Invalid value: "gpus": must be a standard resource for containers`])] },
  { name: "huge pages alone", container: { resources: { limits: { "hugepages-2Mi": "2Mi" } } }, want: [`${at}.resources: Forbidden: HugePages require cpu or memory`] },
  { name: "a privileged container that may not gain privileges", container: { securityContext: { privileged: true, allowPrivilegeEscalation: false } }, want: [`${at}.securityContext: Invalid value: {"privileged":true,"allowPrivilegeEscalation":false}: cannot set \`allowPrivilegeEscalation\` to false and \`privileged\` to true`] },
  { name: "a negative user", container: { securityContext: { runAsUser: -1 } }, want: [`${at}.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive`] },
  { name: "a local seccomp profile without path", container: { securityContext: { seccompProfile: { type: "Localhost", localhostProfile: "" } } }, want: [`${at}.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost`] },
  { name: "one PID namespace too many", spec: { hostPID: true, shareProcessNamespace: true }, want: ["spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled"] },
  { name: "a deadline of nothing", spec: { activeDeadlineSeconds: 0 }, want: ["spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive"] },
  { name: "a toleration of everything without Exists", spec: { tolerations: [{ operator: "Equal" }] }, want: ['spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"'] },
  { name: "seconds for an effect that knows none", spec: { tolerations: [{ key: "k", operator: "Exists", effect: "NoSchedule", tolerationSeconds: 1 }] }, want: [`spec.tolerations[0].effect: Invalid value: "NoSchedule": effect must be 'NoExecute' when \`tolerationSeconds\` is set`] },
  { name: "node affinity without terms", spec: { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } } }, want: ["spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term"] },
  { name: "a weight of 0", spec: { affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 0, preference: {} }] } } }, want: ["spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 0: must be in the range 1-100"] },
  ...[
    { iqn: "x", says: "must be valid format starting with iqn, eui, or naa" }, { iqn: "iqn.nope", says: "must be valid format" }, { iqn: "eui.02004567A425678D", says: undefined }, { iqn: "iqn.2015-02.example.com:test", says: undefined },
  ].map(({ iqn, says }) => ({ name: `the iSCSI target ${iqn}`, spec: { volumes: [{ name: "v", iscsi: { targetPortal: "p", iqn, lun: 0 } }] }, want: says === undefined ? [] : [`spec.volumes[0].iscsi.iqn: Invalid value: "${iqn}": ${says}`] })),
  { name: "a spread twice: the first is told", spec: { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" }, { maxSkew: 2, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" }] }, want: ['spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, DoNotSchedule}"'] },
  { name: "a spread without skew", spec: { topologySpreadConstraints: [{ maxSkew: 0, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" }] }, want: ["spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero"] },
  { name: "DNS of nobody", spec: { dnsPolicy: "None" }, want: ["spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"] },
  { name: "a gate twice", spec: { schedulingGates: [{ name: "a" }, { name: "a" }] }, want: ['spec.schedulingGates[1]: Duplicate value: "a"'] },
  { name: "an ephemeral container with ports", spec: { ephemeralContainers: [{ name: "e", image: "e", ports: [{ containerPort: 1 }] }] }, want: ["spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container"] },
  { name: "an ephemeral container that targets nobody", spec: { ephemeralContainers: [{ name: "e", image: "e", targetContainerName: "x" }] }, want: ['spec.ephemeralContainers[0].targetContainerName: Not found: "x"'] },
];
for (const { name, spec = {}, container = {}, want } of cases) test(`pod: ${name}`, () => assert.deepEqual(problems(spec, container), want));

test("a template may hold no ephemeral containers", () => {
  const template = { spec: { containers: [{ name: "a", image: "a" }], ephemeralContainers: [{ name: "e", image: "e" }] } };
  defaultPod({ metadata: { name: "" }, spec: template.spec, status: {} } as unknown as Pod);
  assert.deepEqual(validatePodTemplate(template, "spec.template").map((c) => `${c.field}: ${c.message}`), ["spec.template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template"]);
});
