/** The objects that a binding hands to its policy. Upstream: apiserver/pkg/admission/plugin/policy/generic CollectParams */
import type { ParamKind, ParamRef } from "#api/gen/admissionregistration-v1.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { labelSelectorOf } from "#apimachinery/selectors.ts";
import type { AnyResource } from "../../registry/resource.ts";
import type { AdmissionAttributes, Reader } from "../attributes.ts";

export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

/** A served resource of this kind. */
export type ResourceOfKind = (apiVersion: string, kind: string) => AnyResource | undefined;

/** One run for each; a single undefined where the policy takes none. Throws ConfigurationError. */
export async function collectParams(kind: ParamKind | undefined, ref: ParamRef | undefined, { namespace, reader }: AdmissionAttributes, resourceOf: ResourceOfKind): Promise<readonly (KubeObject | undefined)[]> {
  if (kind === undefined || ref === undefined) return [undefined];
  const resource = resourceOf(kind.apiVersion ?? "", kind.kind ?? "");
  if (resource === undefined) throw new ConfigurationError(`failed to find resource referenced by paramKind: '${kind.apiVersion}, Kind=${kind.kind}'`);
  const found = await find(reader, resource, ref, namespaceOf(resource, ref, namespace));
  if (found.length === 0 && ref.parameterNotFoundAction === "Deny") throw new ConfigurationError("no params found for policy binding with `Deny` parameterNotFoundAction");
  return found.map((param) => ({ apiVersion: kind.apiVersion ?? "", kind: kind.kind ?? "", ...param }));
}

/** Empty for a cluster-scoped kind. */
function namespaceOf({ scope }: AnyResource, ref: ParamRef, namespace: string): string {
  if (scope === "Cluster") {
    if (ref.namespace) throw new ConfigurationError("paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
    return "";
  }
  const found = ref.namespace || namespace;
  if (found === "") throw new ConfigurationError("cannot use namespaced paramRef in policy binding that matches cluster-scoped resources");
  return found;
}

async function find(reader: Reader, { group, version, names, kind, scope }: AnyResource, ref: ParamRef, namespace: string): Promise<readonly KubeObject[]> {
  const resource = { group, version, resource: names.plural, kind, namespaced: scope === "Namespaced" };
  if (ref.name) {
    const one = await reader.get(resource, ref.name, namespace);
    return one === undefined ? [] : [one];
  }
  const selector = labelSelectorOf(ref.selector ?? {});
  return (await reader.list(resource, namespace)).filter((one) => selector.matches(one.metadata.labels ?? {}));
}
