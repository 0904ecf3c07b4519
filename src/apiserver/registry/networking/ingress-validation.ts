import { isIP } from "node:net";
import type { TypedLocalObjectReference } from "#api/gen/core-v1.ts";
import type { HTTPIngressPath, Ingress, IngressBackend, IngressRule, IngressServiceBackend, IngressTLS } from "#api/gen/networking-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";
import { dns1035Label, dns1123Subdomain, ipAddress, pathSegment, portName, portNumber, wildcardDns1123Subdomain } from "#apimachinery/validation/names.ts";

const classAnnotation = "kubernetes.io/ingress.class";
const forbiddenInPath: readonly string[] = ["//", "/./", "/../", "%2f", "%2F"];
const forbiddenAtEnd: readonly string[] = ["/..", "/."];

/** Upstream: pkg/apis/networking/validation ValidateIngressCreate, ValidateIngressSpec */
export function validateIngress({ metadata, spec }: Ingress): readonly Cause[] {
  const { rules = [], defaultBackend, tls = [], ingressClassName: className } = spec;
  const annotated = metadata.resourceVersion === undefined ? metadata.annotations?.[classAnnotation] : undefined;
  return [
    ...(rules.length === 0 && defaultBackend === undefined ? [invalidValue("spec", null, "either `defaultBackend` or `rules` must be specified")] : []),
    ...(defaultBackend === undefined ? [] : validateBackend(defaultBackend, "spec.defaultBackend")),
    ...rules.flatMap((rule, i) => validateRule(rule, `spec.rules[${i}]`)),
    ...tls.flatMap((entry, i) => validateTls(entry, `spec.tls[${i}]`)),
    ...(className === undefined ? [] : eachInvalid("spec.ingressClassName", className, dns1123Subdomain(className))),
    ...(annotated !== undefined && className !== undefined && annotated !== className
      ? [invalidValue(`annotations.${classAnnotation}`, annotated, "must match `ingressClassName` when both are specified")]
      : []),
  ];
}

const validateHost = (host: string, field: string): readonly Cause[] => eachInvalid(field, host, host.includes("*") ? wildcardDns1123Subdomain(host) : dns1123Subdomain(host));
const notAnAddress = (host: string, field: string): readonly Cause[] => (isIP(host) === 0 ? [] : [invalidValue(field, host, "must be a DNS name, not an IP address")]);

const validateTls = ({ hosts = [], secretName }: IngressTLS, field: string): readonly Cause[] => [
  ...hosts.flatMap((host, i) => validateHost(host, `${field}.hosts[${i}]`)),
  ...(secretName ? eachInvalid(`${field}.secretName`, secretName, dns1123Subdomain(secretName)) : []),
];

function validateRule({ host, http }: IngressRule, field: string): readonly Cause[] {
  const paths = http?.paths ?? [];
  return [
    ...(host ? [...notAnAddress(host, `${field}.host`), ...validateHost(host, `${field}.host`)] : []),
    ...(http !== undefined && paths.length === 0 ? [required(`${field}.http.paths`)] : []),
    ...paths.flatMap((path, i) => validatePath(path, `${field}.http.paths[${i}]`)),
  ];
}

/** Upstream: pkg/apis/networking/validation validateHTTPIngressPath */
function validatePath({ path = "", pathType, backend }: HTTPIngressPath, field: string): readonly Cause[] {
  if (pathType === undefined) return [required(`${field}.pathType`, "pathType must be specified")];
  return [...validatePathText(path, pathType, field), ...validateBackend(backend, `${field}.backend`)];
}

function validatePathText(path: string, pathType: string, field: string): readonly Cause[] {
  const bad = (detail: string): Cause => invalidValue(`${field}.path`, path, detail);
  switch (pathType) {
    case "Exact": case "Prefix":
      return [
        ...(path.startsWith("/") ? [] : [bad("must be an absolute path")]),
        ...forbiddenInPath.filter((part) => path.includes(part)).map((part) => bad(`must not contain '${part}'`)),
        ...forbiddenAtEnd.filter((part) => path.endsWith(part)).map((part) => bad(`cannot end with '${part}'`)),
      ];
    case "ImplementationSpecific":
      return path === "" || path.startsWith("/") ? [] : [bad("must be an absolute path")];
    default:
      return [notSupported(`${field}.pathType`, pathType, ["Exact", "ImplementationSpecific", "Prefix"])];
  }
}

/** Upstream: pkg/apis/networking/validation validateIngressBackend */
function validateBackend({ service, resource }: IngressBackend, field: string): readonly Cause[] {
  if (resource !== undefined && service !== undefined) return [invalidValue(field, "", "cannot set both resource and service backends")];
  if (resource !== undefined) return validateReference(resource, `${field}.resource`);
  return service === undefined ? [invalidValue(field, "", "resource or service backend is required")] : validateService(service, field);
}

function validateService({ name, port = {} }: IngressServiceBackend, field: string): readonly Cause[] {
  const at = `${field}.service`;
  const { name: portText = "", number = 0 } = port;
  return [
    ...(name === "" ? [required(`${at}.name`)] : eachInvalid(`${at}.name`, name, dns1035Label(name))),
    ...(portText !== "" && number !== 0 ? [invalidValue(field, "", "cannot set both port name & port number")]
      : portText !== "" ? eachInvalid(`${at}.port.name`, portText, portName(portText))
      : number !== 0 ? eachInvalid(`${at}.port.number`, number, portNumber(number))
      : [required(field, "port name or number is required")]),
  ];
}

/** An object of another kind in the same namespace. Upstream: pkg/apis/networking/validation validateIngressTypedLocalObjectReference */
export function validateReference({ apiGroup, kind, name }: TypedLocalObjectReference, field: string): readonly Cause[] {
  return [
    ...(apiGroup === undefined ? [] : eachInvalid(`${field}.apiGroup`, apiGroup, dns1123Subdomain(apiGroup))),
    ...(kind === "" ? [required(`${field}.kind`)] : eachInvalid(`${field}.kind`, kind, pathSegment(kind))),
    ...(name === "" ? [required(`${field}.name`)] : eachInvalid(`${field}.name`, name, pathSegment(name))),
  ];
}

/** Upstream: pkg/apis/networking/validation ValidateIngressLoadBalancerStatus */
export const validateIngressStatus = ({ status }: Ingress): readonly Cause[] =>
  (status.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }, i) => {
    const field = `status.loadBalancer.ingress[${i}]`;
    return [
      ...(ip ? eachInvalid(`${field}.ip`, ip, ipAddress(ip)) : []),
      ...(hostname ? [...eachInvalid(`${field}.hostname`, hostname, dns1123Subdomain(hostname)), ...notAnAddress(hostname, `${field}.hostname`)] : []),
    ];
  });
