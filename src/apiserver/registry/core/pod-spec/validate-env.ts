import type { EnvFromSource, EnvVar, ObjectFieldSelector, ResourceFieldSelector } from "#api/gen/core-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";
import { configMapKey, dns1123Subdomain, envVarName, prefixOf, qualifiedName } from "#apimachinery/validation/names.ts";
import { quantityOf } from "../../common/quantity-of.ts";
import { unreservedPath } from "./validate-paths.ts";

const envFieldPaths: readonly string[] = ["metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"];
/** Fields of the pod that a downward API volume may show. */
export const volumeFieldPaths: readonly string[] = ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];
/** All that downward API paths may name. Upstream: pkg/apis/core/pods ConvertDownwardAPIFieldLabel */
const knownFieldPaths: ReadonlySet<string> = new Set([...envFieldPaths, ...volumeFieldPaths, "spec.restartPolicy", "spec.schedulerName", "status.phase"]);

const resourcePaths: readonly string[] = ["limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"];
const byteDivisors: ReadonlySet<string> = new Set(["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"]);
const isHugePages = (resource: string): boolean => /^(requests|limits)\.hugepages-/.test(resource);

/** Upstream: pkg/apis/core/validation ValidateEnv */
export const validateEnv = (variables: readonly EnvVar[], field: string): readonly Cause[] =>
  variables.flatMap((variable, i) => [
    ...(variable.name === "" ? [required(`${field}[${i}].name`)] : eachInvalid(`${field}[${i}].name`, variable.name, envVarName(variable.name))),
    ...validateValueFrom(variable, `${field}[${i}].valueFrom`),
  ]);

function validateValueFrom({ value, valueFrom }: EnvVar, field: string): readonly Cause[] {
  if (valueFrom === undefined) return [];
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = valueFrom;
  const given = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter((source) => source !== undefined).length;
  const causes = [
    ...(fieldRef ? validateFieldRef(fieldRef, envFieldPaths, `${field}.fieldRef`) : []),
    ...(resourceFieldRef ? validateResourceFieldRef(resourceFieldRef, false, `${field}.resourceFieldRef`) : []),
    ...(configMapKeyRef ? validateKeyRef(configMapKeyRef, `${field}.configMapKeyRef`) : []),
    ...(secretKeyRef ? validateKeyRef(secretKeyRef, `${field}.secretKeyRef`) : []),
    ...(fileKeyRef ? validateFileRef(fileKeyRef, `${field}.fileKeyRef`) : []),
  ];
  if (given === 0) return [invalidValue(field, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`")];
  if (value) return [...causes, invalidValue(field, "", "may not be specified when `value` is not empty")];
  return given > 1 ? [...causes, invalidValue(field, "", "may not have more than one field specified at a time")] : causes;
}

function validateKeyRef({ name = "", key }: { readonly name?: string; readonly key: string }, field: string): readonly Cause[] {
  return [
    ...eachInvalid(`${field}.name`, name, dns1123Subdomain(name)),
    ...(key === "" ? [required(`${field}.key`)] : eachInvalid(`${field}.key`, key, configMapKey(key))),
  ];
}

const validateFileRef = (ref: { readonly volumeName: string; readonly path: string; readonly key: string }, field: string): readonly Cause[] => [
  ...(ref.key === "" ? [required(`${field}.key`)] : eachInvalid(`${field}.key`, ref.key, envVarName(ref.key))),
  ...(ref.volumeName === "" ? [required(`${field}.volumeName`)] : []),
  ...(ref.path === "" ? [required(`${field}.path`)] : unreservedPath(`${field}.path`, ref.path)),
];

/** `metadata.labels['key']` and its like: the path and the key. */
const subscript = /^(.*)\['(.*)'\]$/;

/** A field of the pod. @param allowed paths without subscript. Upstream: pkg/apis/core/validation validateObjectFieldSelector */
export function validateFieldRef({ apiVersion, fieldPath }: ObjectFieldSelector, allowed: readonly string[], field: string): readonly Cause[] {
  if (!apiVersion) return [required(`${field}.apiVersion`)];
  if (fieldPath === "") return [required(`${field}.fieldPath`)];
  if (apiVersion !== "v1") return [invalidValue(`${field}.fieldPath`, fieldPath, `error converting fieldPath: unsupported pod version: ${apiVersion}`)];
  const [, path, key] = subscript.exec(fieldPath) ?? [];
  if (path !== undefined && key !== undefined) {
    if (path === "metadata.annotations") return eachInvalid(field, key.toLowerCase(), qualifiedName(key.toLowerCase()));
    if (path === "metadata.labels") return eachInvalid(field, key, qualifiedName(key));
    if (!knownFieldPaths.has(path)) return [invalidValue(`${field}.fieldPath`, fieldPath, `error converting fieldPath: field label not supported: ${fieldPath}`)];
    return [invalidValue(field, path, "does not support subscript")];
  }
  if (!knownFieldPaths.has(fieldPath)) return [invalidValue(`${field}.fieldPath`, fieldPath, `error converting fieldPath: field label not supported: ${fieldPath}`)];
  return allowed.includes(fieldPath) ? [] : [notSupported(`${field}.fieldPath`, fieldPath, allowed)];
}

/** Upstream: pkg/apis/core/validation validateContainerResourceFieldSelector */
export function validateResourceFieldRef(ref: ResourceFieldSelector, inVolume: boolean, field: string): readonly Cause[] {
  const problems = (): readonly Cause[] => {
    if (inVolume && !ref.containerName) return [required(`${field}.containerName`)];
    if (ref.resource === "") return [required(`${field}.resource`)];
    return resourcePaths.includes(ref.resource) || isHugePages(ref.resource) ? [] : [notSupported(`${field}.resource`, ref.resource, resourcePaths)];
  };
  return [...problems(), ...validateDivisor(ref, field)];
}

function validateDivisor({ resource, divisor }: ResourceFieldSelector, field: string): readonly Cause[] {
  const amount = quantityOf(divisor);
  if (amount === undefined || amount.isZero()) return [];
  const text = amount.toString();
  if (resource.endsWith(".cpu")) {
    return text === "1m" || text === "1" ? [] : [invalidValue(`${field}.divisor`, resource, "only divisor's values 1m and 1 are supported with the cpu resource")];
  }
  const what = resource.endsWith(".memory") ? "memory" : resource.endsWith(".ephemeral-storage") ? "local ephemeral storage" : isHugePages(resource) ? "hugepages" : undefined;
  if (what === undefined || byteDivisors.has(text)) return [];
  return [invalidValue(`${field}.divisor`, resource, `only divisor's values ${[...byteDivisors].join(", ")} are supported with the ${what} resource`)];
}

/** Upstream: pkg/apis/core/validation ValidateEnvFrom */
export const validateEnvFrom = (sources: readonly EnvFromSource[], field: string): readonly Cause[] =>
  sources.flatMap(({ prefix, configMapRef, secretRef }, i) => [
    ...(prefix ? eachInvalid(`${field}[${i}].prefix`, prefix, envVarName(prefix)) : []),
    ...(configMapRef ? validateRefName(configMapRef.name, `${field}[${i}].configMapRef.name`) : []),
    ...(secretRef ? validateRefName(secretRef.name, `${field}[${i}].secretRef.name`) : []),
    ...(configMapRef === undefined && secretRef === undefined ? [invalidValue(field, "", "must specify one of: `configMapRef` or `secretRef`")] : []),
    ...(configMapRef !== undefined && secretRef !== undefined ? [invalidValue(field, "", "may not have more than one field specified at a time")] : []),
  ]);

const validateRefName = (name: string | undefined, field: string): readonly Cause[] =>
  (name ? eachInvalid(field, name, dns1123Subdomain(prefixOf(name))) : [required(field)]);
