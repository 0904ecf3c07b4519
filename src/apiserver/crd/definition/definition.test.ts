import assert from "node:assert/strict";
import { test } from "node:test";
import type { CustomResourceDefinition, CustomResourceDefinitionVersion, JSONSchemaProps } from "#api/gen/apiextensions-v1.ts";
import { decode } from "#apimachinery/decode.ts";
import { apiSchema } from "#api/schema.ts";
import { customResourceDefinitions } from "../../registry/apiextensions/custom-resource-definition.ts";
import { compareVersions } from "./versions.ts";

type Change = (crd: CustomResourceDefinition, version: CustomResourceDefinitionVersion) => void;

function definition(change: Change = () => {}): CustomResourceDefinition {
  const schema: JSONSchemaProps = { type: "object", properties: { spec: { type: "object", properties: { color: { type: "string" }, list: { type: "array", items: { type: "string" } } } } } };
  const version: CustomResourceDefinitionVersion = { name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } };
  const crd: CustomResourceDefinition = {
    apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name: "widgets.example.com" },
    spec: { group: "example.com", scope: "Namespaced", names: { plural: "widgets", kind: "Widget" }, versions: [version] }, status: {},
  };
  change(crd, version);
  const made = decode(apiSchema, "apiextensions/v1.CustomResourceDefinition", crd).object as unknown as CustomResourceDefinition;
  customResourceDefinitions.defaults?.(made);
  customResourceDefinitions.prepareCreate?.(made);
  return made;
}

const found = (crd: CustomResourceDefinition): string[] => [...(customResourceDefinitions.validateCreate?.(crd) ?? []), ...(customResourceDefinitions.validate?.(crd) ?? [])].map(({ field, message }) => `${field}: ${message}`);
const schemaIs = (change: (spec: JSONSchemaProps, root: JSONSchemaProps) => void): Change => (_crd, { schema }) => {
  const root = schema?.openAPIV3Schema as JSONSchemaProps;
  change(root.properties?.["spec"] as JSONSchemaProps, root);
};
const root = "spec.versions[0].schema.openAPIV3Schema";
const at = `${root}.properties[spec]`;

test("defaults are filled, and a sound definition has no causes", () => {
  const crd = definition();
  assert.deepEqual(found(crd), []);
  assert.deepEqual([crd.spec.names, crd.spec.conversion, crd.status], [
    { plural: "widgets", singular: "widget", kind: "Widget", listKind: "WidgetList" }, { strategy: "None" }, { acceptedNames: { plural: "", kind: "" }, storedVersions: ["v1"] },
  ]);
});

const table: readonly [what: string, change: Change, ...causes: string[]][] = [
  ["another name", ({ metadata }) => { metadata.name = "x.example.com"; }, 'metadata.name: Invalid value: "x.example.com": must be spec.names.plural+"."+spec.group'],
  ["a group without a dot", (crd) => { crd.spec.group = "example"; crd.metadata.name = "widgets.example"; }, 'spec.group: Invalid value: "example": should be a domain with at least one dot'],
  ["no scope", ({ spec }) => { spec.scope = ""; }, "spec.scope: Required value"],
  ["a scope that is none", ({ spec }) => { spec.scope = "World"; }, 'spec.scope: Unsupported value: "World": supported values: "Cluster", "Namespaced"'],
  ["no schema", (_crd, version) => { delete version.schema; }, `spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required`],
  ["a bad version name", (_crd, version) => { version.name = "V1"; }, `spec.versions[0].name: Invalid value: "V1": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')`],
  ["kind and listKind alike", ({ spec }) => { spec.names.listKind = "Widget"; }, 'spec.names.listKind: Invalid value: "Widget": kind and listKind may not be the same'],
  ["unknown fields preserved", ({ spec }) => { spec.preserveUnknownFields = true; }, "spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"],
  ["a protected group", (crd) => { crd.spec.group = "x.k8s.io"; crd.metadata.name = "widgets.x.k8s.io"; },
    'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111'],
  ["a protected group, approved", (crd) => { crd.spec.group = "x.k8s.io"; crd.metadata = { name: "widgets.x.k8s.io", annotations: { "api-approved.kubernetes.io": "https://github.com/x/y" } }; }],
  ["a webhook without a client", ({ spec }) => { spec.conversion = { strategy: "Webhook" }; }, "spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook", "spec.conversion.conversionReviewVersions: Required value"],
  ["a warning without deprecation", (_crd, version) => { version.deprecationWarning = "x"; }, 'spec.versions[0].deprecationWarning: Invalid value: "x": can only be set for deprecated versions'],
  ["a column of no type", (_crd, version) => { version.additionalPrinterColumns = [{ name: "A", type: "", jsonPath: "" }]; },
    "spec.versions[0].additionalPrinterColumns[0].type: Required value: must be one of boolean,date,integer,number,string", "spec.versions[0].additionalPrinterColumns[0].JSONPath: Required value"],
  ["a column's path", (_crd, version) => { version.additionalPrinterColumns = [{ name: "A", type: "string", jsonPath: "spec" }]; }, 'spec.versions[0].additionalPrinterColumns[0].JSONPath: Invalid value: "spec": must be a simple json path starting with .'],
  ["scale elsewhere", (_crd, version) => { version.subresources = { scale: { specReplicasPath: ".status.a", statusReplicasPath: "", labelSelectorPath: "x" } }; },
    'spec.versions[0].subresources.scale.specReplicasPath: Invalid value: ".status.a": should be a json path under .spec', "spec.versions[0].subresources.scale.statusReplicasPath: Required value",
    'spec.versions[0].subresources.scale.labelSelectorPath: Invalid value: "x": must be a simple json path starting with .'],
  ["selectable fields", (_crd, version) => { version.selectableFields = [{ jsonPath: ".spec.color" }, { jsonPath: ".spec.none" }, { jsonPath: ".spec.list" }, { jsonPath: ".spec.color" }]; },
    'spec.versions[0].selectableFields[1].jsonPath: Invalid value: ".spec.none": is an invalid path: does not refer to a valid field',
    'spec.versions[0].selectableFields[2].jsonPath: Invalid value: ".spec.list": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
    'spec.versions[0].selectableFields[3].jsonPath: Duplicate value: ".spec.color"'],
  ["a root that is no object", schemaIs((_s, schema) => { schema.type = "array"; schema.items = { type: "string" }; delete schema.properties; }), `${root}.type: Invalid value: "array": must be object at the root`],
  ["a field without a type", schemaIs((spec) => { delete spec.type; }), `${at}.type: Required value: must not be empty for specified object fields`],
  ["an unknown type", schemaIs((spec) => { spec.properties = { a: { type: "int" } }; }), `${at}.properties[a].type: Unsupported value: "int": supported values: "array", "boolean", "integer", "number", "object", "string"`],
  ["a list without items", schemaIs((spec) => { spec.properties = { a: { type: "array" } }; }), `${at}.properties[a].items: Required value: must be specified`],
  ["a type within anyOf", schemaIs((spec) => { spec.properties = { a: { type: "string", anyOf: [{ type: "string" }] } }; }), `${at}.properties[a].anyOf[0].type: Forbidden: must be empty to be structural`],
  ["the two ways to say int-or-string", schemaIs((spec) => { spec.properties = { a: { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }] }, b: { "x-kubernetes-int-or-string": true, allOf: [{ anyOf: [{ type: "integer" }, { type: "string" }] }, { pattern: "x" }] } }; })],
  ["a field spoken of that is not there", schemaIs((_s, schema) => { schema.anyOf = [{ properties: { other: { minimum: 1 } } }]; }), `${root}.properties[other]: Required value: because it is defined in ${root}.anyOf[0].properties[other]`],
  ["rules over metadata", schemaIs((_s, schema) => { schema.properties = { metadata: { type: "object", properties: { labels: { type: "object" } } } }; }), `${root}.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified`],
  ["a name's pattern", schemaIs((_s, schema) => { schema.properties = { metadata: { type: "object", properties: { name: { type: "string", pattern: "^a" } } } }; })],
  ["a bad pattern", schemaIs((spec) => { spec.properties = { a: { type: "string", pattern: "(" } }; }), `${at}.properties[a].pattern: Invalid value: "(": must be a valid regular expression, but isn't: error parsing regexp: missing closing ): \`(\``],
  ["properties beside additionalProperties", schemaIs((spec) => { spec.additionalProperties = { type: "string" }; }), `${at}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`],
  ["unique items, references", schemaIs((spec) => { spec.properties = { a: { type: "array", items: { type: "string" }, uniqueItems: true }, b: { type: "object", $ref: "#/x" } }; }),
    `${at}.properties[a].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`, `${at}.properties[b].$ref: Forbidden: $ref is not supported`],
  ["a default that is invalid", schemaIs((spec) => { spec.properties = { a: { type: "integer", maximum: 1, default: 5 } }; }), `${at}.properties[a].default: Invalid value: 5: ${at}.properties[a].default in body should be less than or equal to 1`],
  ["a default with unknown fields", schemaIs((spec) => { spec.properties = { a: { type: "object", properties: {}, default: { x: 1 } } }; }), `${at}.properties[a].default: Invalid value: {"x":1}: must not have unknown fields`],
  ["a default of the kind", schemaIs((_s, schema) => { schema.properties = { kind: { type: "string", default: "X" } }; }), `${root}.properties[kind].default: Forbidden: must not be set in top-level kind`],
  ["a list-map without keys", schemaIs((spec) => { spec.properties = { l: { type: "array", "x-kubernetes-list-type": "map", items: { type: "object" } } }; }), `${at}.properties[l].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`],
  ["a key that may be missing", schemaIs((spec) => { spec.properties = { l: { type: "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"], items: { type: "object", properties: { k: { type: "string" } } } } }; }),
    `${at}.properties[l].items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`],
  ["fields at the root beside a status", (crd, version) => { version.subresources = { status: {} }; schemaIs((_s, schema) => { schema.not = { required: ["x"] }; })(crd, version); },
    `${root}: Invalid value: {"type":"object","not":{"required":["x"]},"properties":{"spec":{"type":"object","properties":{"color":{"type":"string"},"list":{"type":"array","items":{"type":"string"}}}}}}: only [Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations] fields are allowed at the root of the schema if the status subresource is enabled`],
  ["an empty rule", schemaIs((spec) => { spec["x-kubernetes-validations"] = [{ rule: " " }]; }), `${at}.x-kubernetes-validations[0].rule: Required value: rule is not specified`],
  ["a rule's path to nowhere", schemaIs((spec) => { spec["x-kubernetes-validations"] = [{ rule: "true", fieldPath: ".none" }]; }), `${at}.x-kubernetes-validations[0].fieldPath: Invalid value: ".none": fieldPath must be a valid path`],
];
for (const [what, change, ...causes] of table) test(`a definition with ${what}`, () => assert.deepEqual(found(definition(change)), causes));

test("exactly one version is stored, and none has two names", () => {
  const twice = definition(({ spec }, version) => { spec.versions.push({ ...version }); });
  assert.deepEqual(found(twice).map((text) => text.replace(/Invalid value: .*: must/, "must")), ["spec.versions: must contain unique version names", "spec.versions: must have exactly one version marked as storage version"]);
});

test("what names the place in the store does not change; versions that were stored stay", () => {
  const old = definition();
  old.status.conditions = [{ type: "Established", status: "True" }];
  const next = structuredClone(old);
  Object.assign(next.spec, { scope: "Cluster", group: "other.com" });
  Object.assign(next.spec.names, { kind: "Gadget", plural: "gadgets" });
  assert.deepEqual(customResourceDefinitions.validate?.(next), []); // its name is no longer looked at
  assert.deepEqual(customResourceDefinitions.validateUpdate?.(next, old).map(({ field, message }) => `${field}: ${message}`), [
    'spec.scope: Invalid value: "Cluster": field is immutable', 'spec.names.kind: Invalid value: "Gadget": field is immutable',
    'spec.group: Invalid value: "other.com": field is immutable', 'spec.names.plural: Invalid value: "gadgets": field is immutable',
  ]);
  const moved = structuredClone(old);
  (moved.spec.versions[0] as CustomResourceDefinitionVersion).name = "v2";
  customResourceDefinitions.prepareUpdate?.(moved, old);
  assert.deepEqual([moved.status.storedVersions, found(moved)], [["v1", "v2"], [
    'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
  ]]);
});

test("versions in the order of discovery", () => {
  assert.deepEqual(["v1alpha1", "foo1", "v1", "v2beta1", "v11", "v2", "bar"].toSorted(compareVersions), ["v11", "v2", "v1", "v2beta1", "v1alpha1", "bar", "foo1"]);
});
