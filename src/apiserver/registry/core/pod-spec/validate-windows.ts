/** What a Windows pod may say of its users and hosts. No node of ours is one, but templates are kept for those that are. Upstream: pkg/apis/core/validation */
import type { PodSpec, WindowsSecurityContextOptions } from "#api/gen/core-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, invalidValue } from "#apimachinery/validation/causes.ts";
import { dns1123Subdomain } from "#apimachinery/validation/names.ts";

const [longestSpecKiB, longestDomain, longestUser] = [64, 256, 104];
const isControl = (byte: number): boolean => byte < 0x20 || byte === 0x7f;
const netBios = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const dnsLabel = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
const dnsDomain = new RegExp(`^${dnsLabel}(?:\\.${dnsLabel})*$`);

/** Upstream: validateWindowsSecurityContextOptions */
export function validateWindowsOptions(options: WindowsSecurityContextOptions | undefined, field: string): readonly Cause[] {
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: spec, runAsUserName: user } = options ?? {};
  return [
    ...(name === undefined ? [] : eachInvalid(`${field}.gmsaCredentialSpecName`, name, dns1123Subdomain(name))),
    ...(spec === undefined ? [] : eachInvalid(`${field}.gmsaCredentialSpec`, spec, credentialProblems(spec))),
    ...(user === undefined ? [] : eachInvalid(`${field}.runAsUserName`, user, userNameProblems(user))),
  ];
}

function credentialProblems(spec: string): readonly string[] {
  if (spec === "") return ["gmsaCredentialSpec cannot be an empty string"];
  return Buffer.byteLength(spec) > longestSpecKiB * 1024 ? [`gmsaCredentialSpec size must be under ${longestSpecKiB} KiB`] : [];
}

/** `user` or `DOMAIN\user`. */
function userNameProblems(name: string): readonly string[] {
  if (name === "") return ["runAsUserName cannot be an empty string"];
  if (Buffer.from(name).some(isControl)) return ["runAsUserName cannot contain control characters"];
  const parts = name.split("\\");
  if (parts.length > 2) return ["runAsUserName cannot contain more than one backslash"];
  return [...(parts.length === 2 ? domainProblems(parts[0] ?? "") : []), ...userProblems(parts.at(-1) ?? "")];
}

const domainProblems = (domain: string): readonly string[] => [
  ...(Buffer.byteLength(domain) >= longestDomain ? [`runAsUserName's Domain length must be under ${longestDomain} characters`] : []),
  ...(netBios.test(domain) || dnsDomain.test(domain) ? [] : ["runAsUserName's Domain doesn't match the NetBios nor the DNS format"]),
];

const userProblems = (user: string): readonly string[] => [
  ...(user === "" ? ["runAsUserName's User cannot be empty"] : []),
  ...(Buffer.byteLength(user) > longestUser ? [`runAsUserName's User length must not be longer than ${longestUser} characters`] : []),
  ...(/^[. ]+$/.test(user) ? ["runAsUserName's User cannot contain only periods or spaces"] : []),
  ...(/["/\\:;|=,+*?<>@[\]]/.test(user) ? [`runAsUserName's User cannot contain the following characters: "/\\:;|=,+*?<>@[]`] : []),
];

/** All containers of a pod are processes of the host, or none. Upstream: validateWindowsHostProcessPod */
export function validateHostProcess(spec: PodSpec, field: string): readonly Cause[] {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  const containers = (["initContainers", "containers", "ephemeralContainers"] as const).flatMap((list) =>
    (spec[list] ?? []).map(({ securityContext }, i) => ({ at: `${field}.${list}[${i}]`, own: securityContext?.windowsOptions?.hostProcess })));
  const differing = containers.filter(({ own }) => ofPod !== undefined && own !== undefined && own !== ofPod);
  const hosts = containers.filter(({ own }) => own ?? ofPod ?? false);
  return [
    ...differing.map(({ at, own }) => invalidValue(`${at}.securityContext.windowsOptions.hostProcess`, own, `pod hostProcess value must be identical if both are specified, was ${String(ofPod)}`)),
    ...(hosts.length > 0 && hosts.length < containers.length ? [invalidValue(field, "", "If pod contains any hostProcess containers then all containers must be HostProcess containers")] : []),
    ...(hosts.length > 0 && spec.hostNetwork !== true ? [invalidValue(`${field}.hostNetwork`, false, "hostNetwork must be true if pod contains any hostProcess containers")] : []),
  ];
}
