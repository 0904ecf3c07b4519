/** The whole of a definition. Upstream: apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go */
import type { CustomResourceConversion, CustomResourceDefinition, CustomResourceDefinitionSpec, CustomResourceDefinitionStatus, CustomResourceDefinitionVersion } from "#api/gen/apiextensions-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { forbidden, immutable, invalidValue, notSupported, oneOf, required } from "#apimachinery/validation/causes.ts";
import { dns1035Label, dns1123Subdomain } from "#apimachinery/validation/names.ts";
import { validateApproval } from "./approval.ts";
import { isTrue } from "./conditions.ts";
import { requiredNames, validateNames } from "./names.ts";
import { validateVersion } from "./version-rules.ts";

export function validateDefinition(crd: CustomResourceDefinition): readonly Cause[] {
  const { spec, status } = crd;
  return [
    ...validateSpec(spec), ...validateStatus(status), ...validateStoredVersions(status.storedVersions ?? [], spec.versions), ...validateApproval(crd),
    ...(spec.preserveUnknownFields === true
      ? [invalidValue("spec.preserveUnknownFields", true, "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead")] : []),
  ];
}

/** Of one that is there, what its name is made of may not change. */
export const validateDefinitionName = ({ metadata: { name }, spec }: CustomResourceDefinition): readonly Cause[] =>
  name === `${spec.names.plural}.${spec.group}` ? [] : [invalidValue("metadata.name", name, 'must be spec.names.plural+"."+spec.group')];

/** Where objects lie in the store cannot move. Upstream: validateCustomResourceDefinitionSpecUpdate */
export function validateDefinitionUpdate({ spec }: CustomResourceDefinition, old: CustomResourceDefinition): readonly Cause[] {
  const established = isTrue(old, "Established");
  return [
    ...(established ? [...immutable("spec.scope", spec.scope, old.spec.scope), ...immutable("spec.names.kind", spec.names.kind, old.spec.names.kind)] : []),
    ...immutable("spec.group", spec.group, old.spec.group), ...immutable("spec.names.plural", spec.names.plural, old.spec.names.plural),
  ];
}

function validateSpec(spec: CustomResourceDefinitionSpec): readonly Cause[] {
  const { versions, names } = spec;
  const causes: Cause[] = [...validateGroup(spec.group), ...oneOf("spec.scope", spec.scope, ["Cluster", "Namespaced"])];
  versions.forEach(({ schema }, i) => {
    if (schema?.openAPIV3Schema === undefined) causes.push(required(`spec.versions[${i}].schema.openAPIV3Schema`, "schemas are required"));
  });
  versions.forEach((version, i) => causes.push(...validateVersionName(version, i), ...validateVersion(version, `spec.versions[${i}]`)));
  if (new Set(versions.map(({ name }) => name)).size !== versions.length) causes.push(invalidValue("spec.versions", versions, "must contain unique version names"));
  if (versions.filter(({ storage }) => storage).length !== 1) causes.push(invalidValue("spec.versions", versions, "must have exactly one version marked as storage version"));
  return [...causes, ...requiredNames(names, "spec.names"), ...validateNames(names, "spec.names"), ...validateConversion(spec.conversion)];
}

function validateGroup(group: string): readonly Cause[] {
  if (group === "") return [required("spec.group")];
  const messages = dns1123Subdomain(group);
  if (messages.length > 0) return [invalidValue("spec.group", group, messages.join(","))];
  return group.includes(".") ? [] : [invalidValue("spec.group", group, "should be a domain with at least one dot")];
}

function validateVersionName({ name }: CustomResourceDefinitionVersion, i: number): readonly Cause[] {
  const messages = dns1035Label(name);
  return messages.length === 0 ? [] : [invalidValue(`spec.versions[${i}].name`, name, messages.join(","))];
}

const reviewVersions = ["v1", "v1beta1"];

function validateConversion(conversion: CustomResourceConversion | undefined): readonly Cause[] {
  if (conversion === undefined) return [];
  const { strategy, webhook } = conversion;
  const causes: Cause[] = strategy === "" ? [required("spec.conversion.strategy")] : strategy === "None" || strategy === "Webhook" ? [] : [notSupported("spec.conversion.strategy", strategy, ["None", "Webhook"])];
  if (strategy !== "Webhook") return webhook === undefined ? causes : [...causes, forbidden("spec.conversion.webhookClientConfig", "should not be set when strategy is not set to Webhook")];
  const config = webhook?.clientConfig;
  if (config === undefined) causes.push(required("spec.conversion.webhookClientConfig", "required when strategy is set to Webhook"));
  else if ((config.url === undefined) === (config.service === undefined)) causes.push(required("spec.conversion.webhookClientConfig", "exactly one of url or service is required"));
  return [...causes, ...validateReviewVersions(webhook?.conversionReviewVersions ?? [], "spec.conversion.conversionReviewVersions")];
}

function validateReviewVersions(versions: readonly string[], path: string): readonly Cause[] {
  if (versions.length === 0) return [required(path)];
  const causes = versions.flatMap((version, i) => (versions.indexOf(version) < i ? [invalidValue(`${path}[${i}]`, version, "duplicate version")] : dns1035Label(version).map((text) => invalidValue(`${path}[${i}]`, version, text))));
  return versions.some((version) => reviewVersions.includes(version)) ? causes : [...causes, invalidValue(path, versions, `must include at least one of ${reviewVersions.join(", ")}`)];
}

export const validateStatus = ({ acceptedNames }: CustomResourceDefinitionStatus): readonly Cause[] => (acceptedNames === undefined ? [] : validateNames(acceptedNames, "status.acceptedNames"));

/** Upstream: ValidateCustomResourceDefinitionStoredVersions */
export function validateStoredVersions(stored: readonly string[], versions: readonly CustomResourceDefinitionVersion[]): readonly Cause[] {
  if (stored.length === 0) return [invalidValue("status.storedVersions", stored, "must have at least one stored version")];
  const lacking = versions.filter(({ name, storage }) => storage && !stored.includes(name)).map(({ name }) => invalidValue("status.storedVersions", stored, `must have the storage version ${name}`));
  const gone = stored.flatMap((version, i) => (versions.some(({ name }) => name === version) ? [] : [invalidValue(`status.storedVersions[${i}]`, version,
    `missing from spec.versions; ${version} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${version} and removes ${version} from status.storedVersions`)]));
  return [...lacking, ...gone];
}
