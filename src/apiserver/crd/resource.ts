/** From a definition to resources that the registry can serve: one per served version. */
import type { CustomResourceDefinitionVersion } from "#api/gen/apiextensions-v1.ts";
import { setOf } from "#apimachinery/apply/field-set.ts";
import { isRecord } from "#apimachinery/equal.ts";
import { apiVersionOf, type KubeObject } from "#apimachinery/meta.ts";
import { cloneJson, setOwn } from "#apimachinery/records.ts";
import { internalError, type Cause } from "#apimachinery/status.ts";
import { invalidValue } from "#apimachinery/validation/causes.ts";
import type { AnyResource, StatusLike, Subresource } from "../registry/resource.ts";
import { columnsOf } from "./columns.ts";
import type { Definition } from "./definition.ts";
import { runRules } from "./rules/run.ts";
import { scaleOver, validateScale } from "./scale.ts";
import { applyDefaults } from "./schema/defaulting.ts";
import { jsonPath } from "./schema/json-path.ts";
import { validateLists } from "./schema/list-types.ts";
import { validateEmbedded } from "./schema/object-meta.ts";
import { validateValue } from "./schema/validate.ts";
import { readBody, readStored } from "./read.ts";

/** @param retired aborts when the definition has changed or is gone */
export function customResource(definition: Definition, version: CustomResourceDefinitionVersion, retired: AbortSignal): AnyResource {
  const { metadata, spec, status } = definition.crd;
  const { group } = spec;
  const names = status.acceptedNames ?? spec.names;
  const { listKind = `${names.kind}List`, singular = names.kind.toLowerCase() } = names;
  const schema = (): ReturnType<Definition["structuralOf"]> => definition.structuralOf(version.name);
  const validate = (next: KubeObject, old: KubeObject | undefined): readonly Cause[] => validateObject(next, old, definition, version);
  return {
    group, version: version.name, kind: names.kind, schema: "", scope: spec.scope === "Cluster" ? "Cluster" : "Namespaced",
    names: { plural: names.plural, singular, ...(names.shortNames && { short: names.shortNames }), ...(names.categories && { categories: names.categories }) },
    generation: true, unconditionalUpdate: false,
    defaults: (obj) => applyDefaults(obj, schema()),
    subresources: subresourcesOf(version, validate),
    selectableFields: Object.fromEntries((version.selectableFields ?? []).map(({ jsonPath: path }) => [path.replace(/^\./, ""), selectable(path)])),
    columns: columnsOf(version.additionalPrinterColumns),
    storedAs: conversion(definition, version.name),
    ...(version.deprecated === true && { deprecation: version.deprecationWarning ?? `${apiVersionOf(group, version.name)} ${names.kind} is deprecated` }),
    custom: {
      edition: `${metadata.uid ?? ""}/${metadata.generation ?? 0}`, listKind, versions: spec.versions.map(({ name }) => name), retired, terminating: definition.terminating,
      read: (value) => readBody(value, schema()), validate, schema: (other = "") => definition.schemaOf(other === "" ? version.name : other),
    },
  };
}

/** Upstream: apiextensions-apiserver/pkg/registry/customresource/strategy.go Validate, ValidateUpdate; metadata is checked for every kind alike */
function validateObject(next: KubeObject, old: KubeObject | undefined, definition: Definition, { name, subresources }: CustomResourceDefinitionVersion): readonly Cause[] {
  const schema = definition.structuralOf(name);
  const scale = isRecord(subresources?.scale) ? subresources.scale : undefined;
  const twice = old !== undefined && validateLists(old, schema).length > 0 ? [] : validateLists(next, schema); // what was wrong before may stay so
  const before = old && { value: old };
  const causes = [...validateValue(next, schema, before), ...validateScale(next, scale), ...validateEmbedded(next, schema), ...twice];
  const rules = definition.rulesOf(name);
  if (rules === undefined) return causes;
  return [...causes, ...(causes.some(({ reason }) => blocking.has(reason)) ? [unchecked] : runRules(next, rules, before))];
}

/** Values so wrong that rules would stumble over them. Upstream: apiextensions-apiserver/pkg/registry/customresource/strategy.go hasBlockingErr */
const blocking: ReadonlySet<string> = new Set(["FieldValueRequired", "FieldValueTooLong", "FieldValueTooMany", "FieldValueTypeInvalid"]);
const unchecked = invalidValue("<nil>", null, "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation");

function subresourcesOf({ subresources }: CustomResourceDefinitionVersion, validate: (next: KubeObject, old: KubeObject) => readonly Cause[]): Readonly<Record<string, Subresource<KubeObject>>> {
  return {
    ...(subresources?.status !== undefined && { status: statusOf(validate) }),
    ...(isRecord(subresources?.scale) && { scale: scaleOver(subresources.scale) }),
  };
}

/** Everything but the status stays as it was. Upstream: apiextensions-apiserver/pkg/registry/customresource/status_strategy.go */
const statusOf = (validate: (next: KubeObject, old: KubeObject) => readonly Cause[]): StatusLike<KubeObject> => ({
  type: "write",
  prepareUpdate(next, old) {
    const { status } = next as { readonly status?: unknown };
    const loose = next as unknown as Record<string, unknown>;
    for (const key of Object.keys(loose)) delete loose[key];
    for (const [key, value] of Object.entries(cloneJson(old))) if (key !== "status") setOwn(loose, key, value);
    if (status !== undefined) loose["status"] = status;
  },
  validateUpdate: validate,
  resetFields: setOf(["spec"], ["metadata"]),
});

function selectable(path: string): (obj: KubeObject) => string {
  const read = jsonPath(path);
  return (obj) => {
    const [value] = read(obj);
    return value === undefined || value === null ? "" : String(value as string | number | boolean);
  };
}

/** Objects lie in the storage version; without a webhook one version becomes another by its name alone. Upstream: apiserver/conversion/nop_converter.go */
function conversion(definition: Definition, version: string): NonNullable<AnyResource["storedAs"]> {
  const { spec } = definition.crd;
  const { group, names: { plural } } = spec;
  const storage = definition.storageVersion?.name ?? version;
  const own = apiVersionOf(group, version);
  const stored = apiVersionOf(group, storage);
  const convert = (obj: KubeObject, to: string): void => {
    if (obj.apiVersion === to) return;
    if (spec.conversion?.strategy === "Webhook") throw internalError(new Error(`conversion webhook for ${obj.apiVersion ?? ""}, Kind=${obj.kind ?? ""} failed: conversion by webhooks is not supported by this server`));
    obj.apiVersion = to;
  };
  return {
    group, version: storage, plural,
    to(obj) {
      const copy = { ...obj };
      convert(copy, stored);
      return copy;
    },
    from(obj) {
      convert(obj, own);
      readStored(obj, definition.structuralOf(version));
      return obj;
    },
  };
}
