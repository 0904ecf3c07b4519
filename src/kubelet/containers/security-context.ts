/** Who a container's processes are and what they may do. Upstream: pkg/securitycontext, kuberuntime/security_context.go */
import { join } from "node:path";
import type { Container, Pod, PodSecurityContext, SecurityContext } from "#api/gen/core-v1.ts";
import type { Image, LinuxContainerSecurityContext, LinuxSandboxSecurityContext, NamespaceOption, SecurityProfile, UserNamespace } from "#cri/gen/cri-v1.ts";
import { containersOf } from "./containers.ts";
import { formatPod } from "../names.ts";
import { StartError } from "./start-error.ts";

const maskedPaths = [
  "/proc/asound",
  "/proc/acpi",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/sys/firmware",
  "/sys/devices/virtual/powercap",
];
const readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];
const largestUid = 4_294_967_294;

export interface SecurityFacts {
  readonly image: Image;
  /** Where Localhost seccomp profiles lie. */
  readonly seccompDir: string;
  /** The container whose process namespace an ephemeral container joins. */
  readonly targetId?: string;
  /** The pod's own users, where it has such. */
  readonly users?: UserNamespace;
  /** Beside the pod's: those of the container's devices. */
  readonly moreGroups?: readonly string[];
}

/** Throws `StartError` `CreateContainerConfigError` when the user breaks the pod's own rules. */
export function containerSecurity(pod: Pod, container: Container, facts: SecurityFacts): LinuxContainerSecurityContext {
  const context = { ...inherited(pod.spec.securityContext), ...defined(container.securityContext) };
  const user = userOf(context, facts.image);
  checkUser(pod, container, context, facts.image);
  const { capabilities } = context;
  const unmasked = context.procMount === "Unmasked" || context.privileged === true;
  return {
    privileged: context.privileged === true,
    readonlyRootfs: context.readOnlyRootFilesystem === true,
    noNewPrivs: context.allowPrivilegeEscalation === false,
    namespaceOptions: { ...namespaces(pod, facts.users), ...(facts.targetId !== undefined && { pid: "TARGET", targetId: facts.targetId }) },
    ...user,
    ...(context.runAsGroup !== undefined && { runAsGroup: { value: String(context.runAsGroup) } }),
    supplementalGroups: [...new Set([...groups(pod), ...(facts.moreGroups ?? [])])],
    ...(pod.spec.securityContext?.supplementalGroupsPolicy !== undefined && {
      supplementalGroupsPolicy: pod.spec.securityContext.supplementalGroupsPolicy,
    }),
    maskedPaths: unmasked ? [] : maskedPaths,
    readonlyPaths: unmasked ? [] : readonlyPaths,
    seccomp: seccomp(context, facts.seccompDir),
    ...(capabilities !== undefined && { capabilities: { addCapabilities: capabilities.add ?? [], dropCapabilities: capabilities.drop ?? [] } }),
    ...(context.seLinuxOptions !== undefined && { selinuxOptions: context.seLinuxOptions }),
    ...(context.appArmorProfile !== undefined && { apparmor: profile(context.appArmorProfile, (name) => name) }),
  };
}

/** The sandbox's own: the pause process needs nothing, the namespaces are the pod's. An ephemeral container may make it privileged later. */
export function sandboxSecurity(pod: Pod, seccompDir: string, users?: UserNamespace): LinuxSandboxSecurityContext {
  const context = pod.spec.securityContext ?? {};
  const privileged = containersOf(pod).some(({ container }) => container.securityContext?.privileged === true);
  return {
    privileged,
    namespaceOptions: namespaces(pod, users),
    supplementalGroups: groups(pod),
    seccomp: seccomp({ ...inherited(context), seccompProfile: { type: "RuntimeDefault" } }, seccompDir),
    ...(context.runAsUser !== undefined && { runAsUser: { value: String(context.runAsUser) } }),
    ...(context.runAsUser !== undefined && context.runAsGroup !== undefined && { runAsGroup: { value: String(context.runAsGroup) } }),
    ...(context.seLinuxOptions !== undefined && { selinuxOptions: context.seLinuxOptions }),
  };
}

function namespaces({ spec }: Pod, users?: UserNamespace): NamespaceOption {
  return {
    network: spec.hostNetwork === true ? "NODE" : "POD",
    ipc: spec.hostIPC === true ? "NODE" : "POD",
    pid: spec.hostPID === true ? "NODE" : spec.shareProcessNamespace === true ? "POD" : "CONTAINER",
    ...(users !== undefined && { usernsOptions: users }),
  };
}

const groups = ({ spec: { securityContext } }: Pod): string[] =>
  [...(securityContext?.fsGroup === undefined ? [] : [securityContext.fsGroup]), ...(securityContext?.supplementalGroups ?? [])].map(String);

type Effective = Pick<SecurityContext, keyof SecurityContext>;

const inherited = (context: PodSecurityContext | undefined): Effective =>
  defined({
    ...(context?.runAsUser !== undefined && { runAsUser: context.runAsUser }),
    ...(context?.runAsGroup !== undefined && { runAsGroup: context.runAsGroup }),
    ...(context?.runAsNonRoot !== undefined && { runAsNonRoot: context.runAsNonRoot }),
    ...(context?.seccompProfile !== undefined && { seccompProfile: context.seccompProfile }),
    ...(context?.seLinuxOptions !== undefined && { seLinuxOptions: context.seLinuxOptions }),
    ...(context?.appArmorProfile !== undefined && { appArmorProfile: context.appArmorProfile }),
  });

const defined = (context: SecurityContext | undefined): Effective =>
  Object.fromEntries(Object.entries(context ?? {}).filter(([, value]) => value !== undefined));

function userOf(context: Effective, image: Image): Pick<LinuxContainerSecurityContext, "runAsUser" | "runAsUsername"> {
  if (context.runAsUser !== undefined) return { runAsUser: { value: String(context.runAsUser) } };
  if (image.uid?.value !== undefined) return { runAsUser: { value: image.uid.value } };
  return image.username !== undefined && image.username !== "" ? { runAsUsername: image.username } : {};
}

/** Upstream: pkg/kubelet/kuberuntime/security_context.go verifyRunAsNonRoot; and no uid that the kernel would cut (CVE-2019-11245). */
function checkUser(pod: Pod, { name }: Container, context: Effective, image: Image): void {
  const where = `(pod: ${JSON.stringify(formatPod(pod))}, container: ${name})`;
  const fromImage = image.uid?.value === undefined ? undefined : Number(image.uid.value);
  const uid = context.runAsUser ?? fromImage;
  const imageUser = image.username ?? "";
  if ((uid !== undefined && (uid < 0 || uid > largestUid)) || (uid === undefined && /^\d+$/.test(imageUser)))
    throw refused(`container's user ${uid ?? imageUser} is not a valid user id ${where}`);
  if (context.runAsNonRoot !== true) return;
  if (context.runAsUser === 0) throw refused(`container's runAsUser breaks non-root policy ${where}`);
  if (context.runAsUser !== undefined) return;
  if (fromImage === 0 || (fromImage === undefined && imageUser === ""))
    throw refused(`container has runAsNonRoot and image will run as root ${where}`);
  if (fromImage === undefined)
    throw refused(`container has runAsNonRoot and image has non-numeric user (${imageUser}), cannot verify user is non-root ${where}`);
}

const refused = (message: string): StartError => new StartError("CreateContainerConfigError", message);

function seccomp(context: Effective, dir: string): SecurityProfile {
  if (context.seccompProfile === undefined || context.privileged === true) return { profileType: "Unconfined" };
  return profile(context.seccompProfile, (name) => join(dir, join("/", name)));
}

function profile(
  { type, localhostProfile }: { readonly type: "Unconfined" | "RuntimeDefault" | "Localhost"; readonly localhostProfile?: string },
  path: (name: string) => string,
): SecurityProfile {
  if (type !== "Localhost") return { profileType: type };
  if (localhostProfile === undefined || localhostProfile === "") throw refused("localhostProfile must be set if seccompProfile type is Localhost.");
  return { profileType: "Localhost", localhostRef: path(localhostProfile) };
}
