/** What every pod of the level restricted does: harden itself. Upstream: pod-security-admission/policy check_*.go */
import { visitContainers } from "#api/pod.ts";
import { type Check, containersText, containersThat, hasOwnUsers, isWindows, plural, quoted, settersText, sortedSet } from "./check.ts";
import { seccompProfileRestricted } from "./profiles.ts";

const windowsSince = 25;
const userNamespacesSince = 35;
const volumeTypes: ReadonlySet<string> = new Set(["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"]);

const allowPrivilegeEscalation: Check = {
  id: "allowPrivilegeEscalation", since: 8,
  run(pod, minor) {
    if (minor >= windowsSince && isWindows(pod)) return undefined;
    const bad = containersThat(pod, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false);
    return bad.length === 0 ? undefined : { reason: "allowPrivilegeEscalation != false", detail: `${containersText(bad)} must set securityContext.allowPrivilegeEscalation=false` };
  },
};

const capabilities: Check = {
  id: "capabilities_restricted", since: 22, overrides: "capabilities_baseline",
  run(pod, minor) {
    if (minor >= windowsSince && isWindows(pod)) return undefined;
    const added = (list: readonly string[] | undefined): readonly string[] => (list ?? []).filter((name) => name !== "NET_BIND_SERVICE");
    const keeping = containersThat(pod, ({ securityContext }) => securityContext?.capabilities?.drop?.includes("ALL") !== true);
    const adding = containersThat(pod, ({ securityContext }) => added(securityContext?.capabilities?.add).length > 0);
    const names = sortedSet(visitContainers(pod.spec).flatMap(({ container }) => added(container.securityContext?.capabilities?.add)));
    const details = [
      ...(keeping.length > 0 ? [`${containersText(keeping)} must set securityContext.capabilities.drop=["ALL"]`] : []),
      ...(adding.length > 0 ? [`${containersText(adding)} must not include ${quoted(names)} in securityContext.capabilities.add`] : []),
    ];
    return details.length === 0 ? undefined : { reason: "unrestricted capabilities", detail: details.join("; ") };
  },
};

const restrictedVolumes: Check = {
  id: "restrictedVolumes", since: 0, overrides: "hostPathVolumes",
  run({ spec }) {
    const typeOf = ({ name: _name, ...source }: { readonly name: string }): string => Object.keys(source)[0] ?? "unknown";
    const bad = (spec.volumes ?? []).map((volume) => ({ name: volume.name, type: typeOf(volume) })).filter(({ type }) => !volumeTypes.has(type));
    if (bad.length === 0) return undefined;
    const types = sortedSet(bad.map(({ type }) => type));
    const what = `${plural("volume", "volumes", bad.length)} ${quoted(bad.map(({ name }) => name))}`;
    return { reason: "restricted volume types", detail: `${what} ${plural("uses", "use", bad.length)} restricted volume ${plural("type", "types", types.length)} ${quoted(types)}` };
  },
};

const runAsNonRoot: Check = {
  id: "runAsNonRoot", since: 0,
  run(pod, minor) {
    if (minor >= userNamespacesSince && hasOwnUsers(pod)) return undefined;
    const reason = "runAsNonRoot != true";
    const own = pod.spec.securityContext?.runAsNonRoot;
    const setters = settersText(own === false, containersThat(pod, ({ securityContext }) => securityContext?.runAsNonRoot === false));
    if (setters !== "") return { reason, detail: `${setters} must not set securityContext.runAsNonRoot=false` };
    const silent = own === true ? [] : containersThat(pod, ({ securityContext }) => securityContext?.runAsNonRoot === undefined);
    return silent.length === 0 ? undefined : { reason, detail: `pod or ${containersText(silent)} must set securityContext.runAsNonRoot=true` };
  },
};

const runAsUser: Check = {
  id: "runAsUser", since: 23,
  run(pod, minor) {
    if (minor >= userNamespacesSince && hasOwnUsers(pod)) return undefined;
    const setters = settersText(pod.spec.securityContext?.runAsUser === 0, containersThat(pod, ({ securityContext }) => securityContext?.runAsUser === 0));
    return setters === "" ? undefined : { reason: "runAsUser=0", detail: `${setters} must not set runAsUser=0` };
  },
};

export const restrictedChecks: readonly Check[] = [allowPrivilegeEscalation, capabilities, restrictedVolumes, runAsNonRoot, runAsUser, seccompProfileRestricted];
