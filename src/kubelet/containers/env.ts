/** A container's environment, from every source. Upstream: pkg/kubelet/kubelet_pods.go makeEnvironmentVariables */
import { isStatus } from "#apimachinery/status.ts";
import type { ConfigMap, Container, EnvVar, Pod, Secret } from "#api/gen/core-v1.ts";
import { messageOf } from "#base/error-message.ts";
import type { MountedVolume } from "#volumes/plugin.ts";
import { fieldValue, resourceValue } from "./downward.ts";
import { fileKeyValue } from "./env-file.ts";
import { expand } from "./expansion.ts";
import { namespaceOf } from "../names.ts";
import { StartError } from "./start-error.ts";

export interface EnvFacts {
  readonly podIps: readonly string[];
  readonly hostIps: readonly string[];
  readonly allocatable: Readonly<Record<string, string>>;
  readonly services: ReadonlyMap<string, string>;
  readonly volumes: ReadonlyMap<string, MountedVolume>;
  readonly objects: {
    configMap(namespace: string, name: string): Promise<ConfigMap>;
    secret(namespace: string, name: string): Promise<Secret>;
  };
}

/** Names and values, in the order in which they were defined. Throws `StartError` `CreateContainerConfigError` when a source is missing. */
export async function containerEnv(pod: Pod, container: Container, facts: EnvFacts): Promise<Map<string, string>> {
  const env = new Map<string, string>();
  for (const source of container.envFrom ?? []) {
    const data =
      source.configMapRef !== undefined ? await configMapData(pod, source.configMapRef, facts) : await secretData(pod, source.secretRef ?? {}, facts);
    for (const [key, value] of Object.entries(data)) env.set(`${source.prefix ?? ""}${key}`, value);
  }
  for (const variable of container.env ?? []) {
    const value =
      variable.valueFrom === undefined
        ? expand(variable.value ?? "", (name) => env.get(name) ?? facts.services.get(name))
        : await valueFrom(pod, container, variable, facts);
    if (value !== undefined) env.set(variable.name, value);
  }
  for (const [name, value] of facts.services) if (!env.has(name)) env.set(name, value);
  return env;
}

/** Undefined when the source is optional and not there. */
async function valueFrom(pod: Pod, container: Container, variable: EnvVar, facts: EnvFacts): Promise<string | undefined> {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = variable.valueFrom ?? {};
  if (fieldRef !== undefined) return configured(() => fieldValue(pod, fieldRef.fieldPath, facts));
  if (resourceFieldRef !== undefined) return configured(() => resourceValue(pod, resourceFieldRef, container, facts.allocatable));
  const namespace = namespaceOf(pod);
  if (configMapKeyRef !== undefined) {
    const { name = "", key, optional } = configMapKeyRef;
    const map = await optionally(optional, () => facts.objects.configMap(namespace, name));
    const value = map?.data?.[key];
    if (value === undefined && map !== undefined && optional !== true)
      throw new StartError("CreateContainerConfigError", `couldn't find key ${key} in ConfigMap ${namespace}/${name}`);
    return value;
  }
  if (secretKeyRef !== undefined) {
    const { name = "", key, optional } = secretKeyRef;
    const secret = await optionally(optional, () => facts.objects.secret(namespace, name));
    const value = secret?.data?.[key];
    if (value === undefined && secret !== undefined && optional !== true)
      throw new StartError("CreateContainerConfigError", `couldn't find key ${key} in Secret ${namespace}/${name}`);
    return value === undefined ? undefined : decoded(value);
  }
  if (fileKeyRef !== undefined) return optionally(undefined, () => fileKeyValue(fileKeyRef, facts.volumes));
  return "";
}

async function configMapData(
  pod: Pod,
  { name = "", optional }: { readonly name?: string; readonly optional?: boolean },
  facts: EnvFacts,
): Promise<Readonly<Record<string, string>>> {
  return (await optionally(optional, () => facts.objects.configMap(namespaceOf(pod), name)))?.data ?? {};
}

async function secretData(
  pod: Pod,
  { name = "", optional }: { readonly name?: string; readonly optional?: boolean },
  facts: EnvFacts,
): Promise<Readonly<Record<string, string>>> {
  const data = (await optionally(optional, () => facts.objects.secret(namespaceOf(pod), name)))?.data ?? {};
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, decoded(value)]));
}

async function optionally<T>(optional: boolean | undefined, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (err) {
    if (optional === true && isStatus(err, "NotFound")) return undefined;
    throw new StartError("CreateContainerConfigError", messageOf(err), { cause: err });
  }
}

function configured(value: () => string): string {
  try {
    return value();
  } catch (err) {
    throw new StartError("CreateContainerConfigError", messageOf(err), { cause: err });
  }
}

const decoded = (base64: string): string => Buffer.from(base64, "base64").toString("utf8");
