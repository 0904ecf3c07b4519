/** Profiles of AppArmor, SELinux and seccomp. Upstream: pod-security-admission/policy check_appArmorProfile.go, check_seLinuxOptions.go, check_seccompProfile_*.go */
import type { SELinuxOptions } from "#api/gen/core-v1.ts";
import { visitContainers } from "#api/pod.ts";
import { type Check, type CheckedPod, containersText, containersThat, isWindows, plural, quoted, settersText, sortedSet } from "./check.ts";

const appArmorPrefix = "container.apparmor.security.beta.kubernetes.io/";
const allowedAppArmor: ReadonlySet<string> = new Set(["RuntimeDefault", "Localhost"]);

export const appArmorProfile: Check = {
  id: "appArmorProfile", since: 0,
  run(pod) {
    const isBad = (type: string | undefined): boolean => type !== undefined && !allowedAppArmor.has(type);
    const own = pod.spec.securityContext?.appArmorProfile?.type;
    const types = visitContainers(pod.spec).flatMap(({ container }) => container.securityContext?.appArmorProfile?.type ?? []);
    const annotations = badAnnotations(pod);
    const bad = containersThat(pod, ({ securityContext }) => isBad(securityContext?.appArmorProfile?.type));
    const setters = [settersText(isBad(own), bad), ...(annotations.length > 0 ? [plural("annotation", "annotations", annotations.length)] : [])].filter((text) => text !== "");
    if (setters.length === 0) return undefined;
    const values = [...sortedSet([...(own === undefined ? [] : [own]), ...types].filter(isBad)), ...annotations];
    return { reason: plural("forbidden AppArmor profile", "forbidden AppArmor profiles", values.length), detail: `${setters.join(" and ")} must not set AppArmor profile type to ${quoted(values)}` };
  },
};

const badAnnotations = ({ annotations }: CheckedPod): readonly string[] => Object.entries(annotations)
  .filter(([key, value]) => key.startsWith(appArmorPrefix) && value !== "" && value !== "runtime/default" && !value.startsWith("localhost/"))
  .map(([key, value]) => `${key}=${JSON.stringify(value)}`).sort();

const seLinuxTypes: ReadonlySet<string> = new Set(["", "container_t", "container_init_t", "container_kvm_t"]);
const engineTypeSince = 31;

export const seLinuxOptions: Check = {
  id: "seLinuxOptions", since: 0,
  run(pod, minor) {
    const badType = (type = ""): boolean => !seLinuxTypes.has(type) && !(type === "container_engine_t" && minor >= engineTypeSince);
    const isBad = (options: SELinuxOptions | undefined): boolean => options !== undefined && (badType(options.type) || Boolean(options.user) || Boolean(options.role));
    const own = pod.spec.securityContext?.seLinuxOptions;
    const all = [own, ...visitContainers(pod.spec).map(({ container }) => container.securityContext?.seLinuxOptions)].filter((options) => options !== undefined);
    const setters = settersText(isBad(own), containersThat(pod, ({ securityContext }) => isBad(securityContext?.seLinuxOptions)));
    if (setters === "") return undefined;
    const types = sortedSet(all.map(({ type = "" }) => type).filter(badType));
    const what = [
      ...(types.length > 0 ? [`${plural("type", "types", types.length)} ${quoted(types)}`] : []),
      ...(all.some(({ user }) => user) ? ["user may not be set"] : []),
      ...(all.some(({ role }) => role) ? ["role may not be set"] : []),
    ];
    return { reason: "seLinuxOptions", detail: `${setters} set forbidden securityContext.seLinuxOptions: ${what.join("; ")}` };
  },
};

const allowedSeccomp: ReadonlySet<string> = new Set(["RuntimeDefault", "Localhost"]);
const fieldsSince = 19;

/** Who says outright that there shall be no profile. */
function explicitSeccomp(pod: CheckedPod): { readonly reason: string; readonly detail: string } | undefined {
  const isBad = (type: string | undefined): boolean => type !== undefined && !allowedSeccomp.has(type);
  const own = pod.spec.securityContext?.seccompProfile?.type;
  const bad = containersThat(pod, ({ securityContext }) => isBad(securityContext?.seccompProfile?.type));
  const setters = settersText(isBad(own), bad);
  if (setters === "") return undefined;
  const values = sortedSet([own, ...visitContainers(pod.spec).map(({ container }) => container.securityContext?.seccompProfile?.type)].filter((type) => type !== undefined).filter(isBad));
  return { reason: "seccompProfile", detail: `${setters} must not set securityContext.seccompProfile.type to ${quoted(values)}` };
}

/** Before v1.19 profiles stood in annotations, which no kubelet reads any more. */
export const seccompProfileBaseline: Check = { id: "seccompProfile_baseline", since: fieldsSince, run: explicitSeccomp };

export const seccompProfileRestricted: Check = {
  id: "seccompProfile_restricted", since: fieldsSince, overrides: "seccompProfile_baseline",
  run(pod, minor) {
    if (minor >= 25 && isWindows(pod)) return undefined;
    const explicit = explicitSeccomp(pod);
    if (explicit !== undefined || pod.spec.securityContext?.seccompProfile !== undefined) return explicit;
    const bad = containersThat(pod, ({ securityContext }) => securityContext?.seccompProfile === undefined);
    return bad.length === 0 ? undefined : { reason: "seccompProfile", detail: `pod or ${containersText(bad)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"` };
  },
};
