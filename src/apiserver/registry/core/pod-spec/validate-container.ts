import type { Container, ContainerPort, ContainerResizePolicy, ContainerRestartRule, PodSpec } from "#api/gen/core-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, eachInvalid, forbidden, invalidValue, notSupported, oneOf, required, tooMany } from "#apimachinery/validation/causes.ts";
import { dns1123Label, portName, portNumber } from "#apimachinery/validation/names.ts";
import { validateEnv, validateEnvFrom } from "./validate-env.ts";
import { validateDevices, validateEnvVolumes, validateMounts, type Volumes } from "./validate-mounts.ts";
import { validateProbesAndHooks } from "./validate-probes.ts";
import { validateResources } from "./validate-resources.ts";
import { validateContainerSecurity } from "./validate-security.ts";

/** What containers share with their pod. */
export interface PodContext { readonly spec: PodSpec; readonly volumes: Volumes; readonly claimNames: ReadonlySet<string>; readonly isPod: boolean }

const protocols: readonly string[] = ["SCTP", "TCP", "UDP"];

/** Upstream: pkg/apis/core/validation validateContainerPorts */
function validatePorts(ports: readonly ContainerPort[], field: string): readonly Cause[] {
  const names = new Set<string>();
  return ports.flatMap(({ name = "", containerPort, hostPort = 0, protocol }, i) => {
    const at = `${field}[${i}]`;
    const nameProblems = name === "" ? [] : portName(name);
    const twice = nameProblems.length === 0 && names.has(name) ? [duplicate(`${at}.name`, name)] : [];
    if (name !== "" && nameProblems.length === 0) names.add(name);
    return [
      ...eachInvalid(`${at}.name`, name, nameProblems), ...twice,
      ...(containerPort === 0 ? [required(`${at}.containerPort`)] : eachInvalid(`${at}.containerPort`, containerPort, portNumber(containerPort))),
      ...(hostPort === 0 ? [] : eachInvalid(`${at}.hostPort`, hostPort, portNumber(hostPort))),
      ...oneOf(`${at}.protocol`, protocol, protocols),
    ];
  });
}

/** Two containers that run at once may not ask for the same port of the host. Upstream: pkg/apis/core/validation checkHostPortConflicts */
function hostPortConflicts(containers: readonly Container[], field: string): readonly Cause[] {
  const taken = new Set<string>();
  return containers.flatMap(({ ports = [] }, i) => ports.flatMap(({ hostPort = 0, hostIP = "", protocol = "" }, j) => {
    const key = `${protocol}/${hostIP}/${hostPort}`;
    if (hostPort === 0) return [];
    if (taken.has(key)) return [duplicate(`${field}[${i}].ports[${j}].hostPort`, key)];
    taken.add(key);
    return [];
  }));
}

/** Upstream: pkg/apis/core/validation validateResizePolicy */
function validateResizePolicy(policies: readonly ContainerResizePolicy[], podRestartPolicy: string | undefined, field: string): readonly Cause[] {
  return policies.flatMap(({ resourceName, restartPolicy }, i) => [
    ...(policies.findIndex((p) => p.resourceName === resourceName) < i ? [duplicate(`${field}[${i}]`, resourceName)] : []),
    ...oneOf(field, resourceName, ["cpu", "memory"]),
    ...oneOf(field, restartPolicy, ["NotRequired", "RestartContainer"]),
    ...(podRestartPolicy === "Never" && restartPolicy !== "NotRequired"
      ? [invalidValue(field, restartPolicy, "must be 'NotRequired' when `restartPolicy` is 'Never'")]
      : []),
  ]);
}

/** What holds for every sort of container. Upstream: pkg/apis/core/validation validateContainerCommon */
export function validateCommon(container: Container, pod: PodContext, field: string): readonly Cause[] {
  const { name, image = "" } = container;
  return [
    ...(name === "" ? [required(`${field}.name`)] : eachInvalid(`${field}.name`, name, dns1123Label(name))),
    ...(image === "" ? [required(`${field}.image`)] : []),
    ...oneOf(`${field}.terminationMessagePolicy`, container.terminationMessagePolicy, ["File", "FallbackToLogsOnError"]),
    ...validatePorts(container.ports ?? [], `${field}.ports`),
    ...validateEnv(container.env ?? [], `${field}.env`),
    ...validateEnvVolumes(container.env ?? [], pod.volumes, `${field}.env`),
    ...validateEnvFrom(container.envFrom ?? [], `${field}.envFrom`),
    ...validateMounts(container, pod.volumes, `${field}.volumeMounts`),
    ...validateDevices(container, pod.volumes, `${field}.volumeDevices`),
    ...oneOf(`${field}.imagePullPolicy`, container.imagePullPolicy, ["Always", "IfNotPresent", "Never"]),
    ...validateResources(container.resources, pod.claimNames, `${field}.resources`),
    ...validateResizePolicy(container.resizePolicy ?? [], pod.spec.restartPolicy, `${field}.resizePolicy`),
    ...validateContainerSecurity(container.securityContext, pod.spec.hostUsers !== false, `${field}.securityContext`),
    ...(pod.isPod && image.trim() !== image ? [invalidValue(`${field}.image`, image, "must not have leading or trailing whitespace")] : []),
  ];
}

const restartPolicies: readonly string[] = ["Always", "OnFailure", "Never"];
const maxRules = 20;
const maxExitCodes = 255;

/** Upstream: pkg/apis/core/validation validateContainerRestartPolicy */
function validateRestart({ restartPolicy: policy, restartPolicyRules: rules = [] }: Container, field: string): readonly Cause[] {
  if (policy === undefined) return rules.length > 0 ? [required(`${field}.restartPolicy`, "must specify restartPolicy when restart rules are used")] : [];
  return [
    ...(restartPolicies.includes(policy) ? [] : [notSupported(`${field}.restartPolicy`, policy, restartPolicies)]),
    ...(rules.length > maxRules ? [tooMany(`${field}.restartPolicyRules`, rules.length, maxRules)] : []),
    ...rules.flatMap((rule, i) => validateRule(rule, `${field}.restartPolicyRules[${i}]`)),
  ];
}

/** Upstream: pkg/apis/core/validation validateContainerRestartPolicy */
function validateRule({ action, exitCodes }: ContainerRestartRule, field: string): readonly Cause[] {
  const { operator, values = [] } = exitCodes ?? {};
  return [
    ...oneOf(`${field}.action`, action, ["Restart", "RestartAllContainers"]),
    ...(exitCodes === undefined ? [required(`${field}.exitCodes`, "must be specified")] : oneOf(`${field}.exitCodes.operator`, operator, ["In", "NotIn"])),
    ...(values.length > maxExitCodes ? [tooMany(`${field}.exitCodes.values`, values.length, maxExitCodes)] : []),
  ];
}

/** Signals by name; the kernel's own numbers stay behind them. Upstream: pkg/apis/core/validation validateStopSignal */
function validateStopSignal({ lifecycle }: Container, os: string | undefined, field: string): readonly Cause[] {
  const signal = lifecycle?.stopSignal;
  if (signal === undefined) return [];
  const at = `${field}.lifecycle.stopSignal`;
  if (os === undefined) return [forbidden(at, "may not be set for containers with empty `spec.os.name`")];
  if (os === "windows") return signal === "SIGTERM" || signal === "SIGKILL" ? [] : [notSupported(at, signal, ["SIGKILL", "SIGTERM"])];
  return /^SIG(?:[A-Z]+[12]?|RTMIN(?:PLUS\d+)?|RTMAX(?:MINUS\d+)?)$/.test(signal) ? [] : [notSupported(at, signal, [])];
}

/** Upstream: pkg/apis/core/validation validateContainers */
export function validateContainers(containers: readonly Container[], pod: PodContext, field: string): readonly Cause[] {
  if (containers.length === 0) return [required(field)];
  const grace = pod.spec.terminationGracePeriodSeconds ?? 0;
  return [
    ...containers.flatMap((container, i) => [
      ...validateCommon(container, pod, `${field}[${i}]`),
      ...(containers.findIndex((c) => c.name === container.name) < i ? [duplicate(`${field}[${i}].name`, container.name)] : []),
      ...validateProbesAndHooks(container, grace, `${field}[${i}]`),
      ...validateRestart(container, `${field}[${i}]`),
      ...validateStopSignal(container, pod.spec.os?.name, `${field}[${i}]`),
    ]),
    ...hostPortConflicts(containers, field),
  ];
}

const onlyForSidecars = "may not be set for init containers without restartPolicy=Always";

/** Upstream: pkg/apis/core/validation validateInitContainers */
export function validateInitContainers(containers: readonly Container[], pod: PodContext, field: string): readonly Cause[] {
  const names = new Set((pod.spec.containers ?? []).map((c) => c.name));
  return containers.flatMap((container, i) => {
    const at = `${field}[${i}]`;
    const sidecar = container.restartPolicy === "Always";
    const causes = [
      ...validateCommon(container, pod, at),
      ...validateRestart(container, at),
      ...(sidecar ? validateStopSignal(container, pod.spec.os?.name, at) : []),
      ...(names.has(container.name) ? [duplicate(`${at}.name`, container.name)] : []),
      ...hostPortConflicts([container], field),
      ...(sidecar ? validateProbesAndHooks(container, pod.spec.terminationGracePeriodSeconds ?? 0, at) : []),
      ...(sidecar
        ? []
        : (["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] as const).filter((name) => container[name] !== undefined).map((name) => forbidden(`${at}.${name}`, onlyForSidecars))),
      ...(sidecar ? [] : noRestartToResize(container, `${at}.resizePolicy`)),
    ];
    if (container.name !== "") names.add(container.name);
    return causes;
  });
}

/** An init container runs to its end; run again, it would do its work twice. */
const noRestartToResize = ({ resizePolicy = [] }: Container, field: string): readonly Cause[] =>
  resizePolicy.flatMap(({ restartPolicy }, i) => (restartPolicy === "RestartContainer" ? [invalidValue(`${field}[${i}].restartPolicy`, restartPolicy, "must not be set to 'RestartContainer' for non-sidecar initContainers")] : []));
