/** Rules over `metadata` that hold for every kind. Upstream: apimachinery/pkg/api/validation/objectmeta.go */
import type { ObjectMeta, OwnerReference } from "../meta.ts";
import { quote } from "../quote.ts";
import type { Cause } from "../status.ts";
import { eachInvalid, forbidden, immutable, invalidValue, nonNegative, required, tooLong } from "./causes.ts";
import { dns1123Label, dns1123Subdomain, labelValue, prefixOf, qualifiedName } from "./names.ts";

export interface MetadataRules {
  readonly namespaced: boolean;
  /** Messages against a name, or against a prefix of one. A DNS-1123 subdomain where left out. */
  readonly validateName?: ((name: string, prefix: boolean) => readonly string[]) | undefined;
}

const subdomainName = (name: string, prefix: boolean): readonly string[] => dns1123Subdomain(prefix ? prefixOf(name) : name);

/** @param path of the metadata, for templates too; the name has been generated before */
export function validateObjectMeta(meta: ObjectMeta, rules: MetadataRules, path = "metadata"): Cause[] {
  const check = rules.validateName ?? subdomainName;
  const { name, generateName, namespace } = meta;
  const causes: Cause[] = [];
  if (generateName) causes.push(...eachInvalid(`${path}.generateName`, generateName, check(generateName, true)));
  if (!name) causes.push(required(`${path}.name`, "name or generateName is required"));
  else causes.push(...eachInvalid(`${path}.name`, name, check(name, false)));
  if (!rules.namespaced && namespace) causes.push(forbidden(`${path}.namespace`, "not allowed on this type"));
  if (rules.namespaced) causes.push(...(namespace ? eachInvalid(`${path}.namespace`, namespace, dns1123Label(namespace)) : [required(`${path}.namespace`)]));
  return [...causes, ...nonNegative(`${path}.generation`, meta.generation), ...common(meta, path)];
}

/** Rules over an update; `validateObjectMeta` need not run as well. */
export function validateObjectMetaUpdate(next: ObjectMeta, old: ObjectMeta, path = "metadata"): Cause[] {
  const causes: Cause[] = [];
  if (old.deletionTimestamp !== undefined) causes.push(...noNewFinalizers(next.finalizers ?? [], old.finalizers ?? [], `${path}.finalizers`));
  if (!next.resourceVersion) causes.push(invalidValue(`${path}.resourceVersion`, next.resourceVersion ?? "", "must be specified for an update"));
  if ((next.generation ?? 0) < (old.generation ?? 0)) causes.push(invalidValue(`${path}.generation`, next.generation ?? 0, "must not be decremented"));
  for (const field of ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"] as const) {
    causes.push(...immutable(`${path}.${field}`, next[field], old[field]));
  }
  return [...causes, ...common(next, path)];
}

function common(meta: ObjectMeta, path: string): Cause[] {
  return [
    ...validateLabels(meta.labels, `${path}.labels`), ...validateAnnotations(meta.annotations, `${path}.annotations`),
    ...validateOwnerReferences(meta.ownerReferences ?? [], `${path}.ownerReferences`), ...validateFinalizers(meta.finalizers ?? [], `${path}.finalizers`),
  ];
}

export function validateLabels(labels: Readonly<Record<string, string>> | undefined, path: string): Cause[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [...eachInvalid(path, key, qualifiedName(key)), ...eachInvalid(path, value, labelValue(value))]);
}

const annotationBytes = 256 * 1024;

export function validateAnnotations(annotations: Readonly<Record<string, string>> | undefined, path: string): Cause[] {
  const entries = Object.entries(annotations ?? {});
  const causes = entries.flatMap(([key]) => eachInvalid(path, key, qualifiedName(key.toLowerCase())));
  const size = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  return size > annotationBytes ? [...causes, tooLong(path, annotationBytes)] : causes;
}

function validateOwnerReferences(owners: readonly OwnerReference[], path: string): Cause[] {
  const causes = owners.flatMap((owner) => validateOwner(owner, path));
  const [first, ...others] = owners.filter((o) => o.controller === true).map((o) => `${o.kind}/${o.name}`);
  for (const other of others) causes.push(invalidValue(path, owners, `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${other}`));
  return causes;
}

function validateOwner(owner: OwnerReference, path: string): Cause[] {
  const causes: Cause[] = [];
  const version = owner.apiVersion?.split("/").at(-1) ?? "";
  if (version === "") causes.push(invalidValue(`${path}.apiVersion`, owner.apiVersion ?? "", "version must not be empty"));
  for (const field of ["kind", "name", "uid"] as const) if (!owner[field]) causes.push(invalidValue(`${path}.${field}`, "", "must not be empty"));
  if (owner.apiVersion === "v1" && owner.kind === "Event") causes.push(invalidValue(path, owner, "/v1, Kind=Event is disallowed from being an owner"));
  return causes;
}

function validateFinalizers(finalizers: readonly string[], path: string): Cause[] {
  const causes = finalizers.flatMap((f) => eachInvalid(path, f, qualifiedName(f)));
  if (finalizers.includes("orphan") && finalizers.includes("foregroundDeletion")) causes.push(invalidValue(path, finalizers, "finalizer orphan and foregroundDeletion cannot be both set"));
  return causes;
}

const standardFinalizers: ReadonlySet<string> = new Set(["kubernetes", "orphan", "foregroundDeletion"]);

/** Of built-in kinds: a short name must be one that Kubernetes itself uses. Upstream: pkg/apis/core/validation validateKubeFinalizerName */
export const validateKubeFinalizers = (finalizers: readonly string[] | undefined, path = "metadata.finalizers"): Cause[] =>
  (finalizers ?? []).flatMap((name, i) => (name.includes("/") || standardFinalizers.has(name) || qualifiedName(name).length > 0 ? [] : [invalidValue(`${path}[${i}]`, name, "name is neither a standard finalizer name nor is it fully qualified")]));

function noNewFinalizers(next: readonly string[], old: readonly string[], path: string): Cause[] {
  const added = [...new Set(next)].filter((f) => !old.includes(f)).sort();
  if (added.length === 0) return [];
  return [forbidden(path, `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map(quote).join(", ")}}`)];
}
