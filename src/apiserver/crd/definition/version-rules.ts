/** One version of a definition: its warning, schema, subresources, columns and selectable fields. Upstream: apiextensions-apiserver/pkg/apis/apiextensions/validation validateCustomResourceDefinitionVersion */
import type { CustomResourceColumnDefinition, CustomResourceDefinitionVersion, CustomResourceSubresources, JSONSchemaProps, SelectableField } from "#api/gen/apiextensions-v1.ts";
import { isRecord } from "#apimachinery/equal.ts";
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, eachInvalid, forbidden, invalidValue, required, tooMany } from "#apimachinery/validation/causes.ts";
import { validateRules } from "../rules/admission.ts";
import { validateDefaults } from "./default-rules.ts";
import { fieldAt } from "./field-path.ts";
import { schemaRules } from "./schema-rules.ts";
import { validateStructural } from "./structural-rules.ts";

export function validateVersion(version: CustomResourceDefinitionVersion, path: string): readonly Cause[] {
  const { schema, subresources, additionalPrinterColumns = [], selectableFields = [] } = version;
  return [
    ...eachInvalid(`${path}.deprecationWarning`, version.deprecationWarning, warningProblems(version)),
    ...(schema?.openAPIV3Schema === undefined ? [] : validateSchema(schema.openAPIV3Schema, subresources?.status !== undefined, `${path}.schema`)),
    ...validateScale(subresources, `${path}.subresources`),
    ...additionalPrinterColumns.flatMap((column, i) => validateColumn(column, `${path}.additionalPrinterColumns[${i}]`)),
    ...(schema?.openAPIV3Schema === undefined ? [] : validateSelectable(selectableFields, schema.openAPIV3Schema, `${path}.selectableFields`)),
  ];
}

function warningProblems({ deprecated, deprecationWarning: text }: CustomResourceDefinitionVersion): readonly string[] {
  if (text === undefined) return [];
  if (deprecated !== true) return ["can only be set for deprecated versions"];
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  const odd = /[\u0000-\u001f\u007f-\u009f]/.exec(text)?.index;
  return [
    ...(Buffer.byteLength(text) > 256 ? ["must be <= 256 characters long"] : []),
    ...(text === "" ? ["must not be an empty string"] : []),
    ...(odd === undefined ? [] : [`must only contain printable UTF-8 characters; non-printable character found at index ${Buffer.byteLength(text.slice(0, odd))}`]),
  ];
}

const atRoot = [
  "description", "type", "format", "title", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems", "minItems",
  "uniqueItems", "multipleOf", "required", "items", "properties", "externalDocs", "example", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-validations",
] as const satisfies readonly (keyof JSONSchemaProps)[];
const goName = (field: string): string => field.replace(/^x-kubernetes-/, "X-").split("-").map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join("");

/** Upstream: validateCustomResourceDefinitionValidation */
function validateSchema(schema: JSONSchemaProps, hasStatus: boolean, path: string): readonly Cause[] {
  const root = `${path}.openAPIV3Schema`;
  const causes: Cause[] = [];
  if (hasStatus) causes.push(...rootFields(schema, root));
  if (schema.nullable === true) causes.push(forbidden(`${root}.nullable`, "nullable cannot be true at the root"));
  const structural = validateStructural(schema, root);
  causes.push(...structural, ...(structural.length === 0 ? validateDefaults(schema, root) : []));
  causes.push(...schemaRules(schema, root));
  return causes.length > 0 ? causes : validateRules(schema, root); // what is no schema yet has no types for rules
}

function rootFields(schema: JSONSchemaProps, path: string): readonly Cause[] {
  if (schema.type !== undefined && schema.type !== "object") return [invalidValue(`${path}.type`, schema.type, 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled')];
  if (Object.keys(schema).every((field) => (atRoot as readonly string[]).includes(field))) return [];
  return [invalidValue(path, schema, `only [${atRoot.map(goName).join(" ")}] fields are allowed at the root of the schema if the status subresource is enabled`)];
}

/** Upstream: ValidateCustomResourceDefinitionSubresources */
function validateScale(subresources: CustomResourceSubresources | undefined, path: string): readonly Cause[] {
  const scale = subresources?.scale;
  if (!isRecord(scale)) return [];
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = scale;
  return [
    ...replicasPath(`${path}.scale.specReplicasPath`, specReplicasPath, [".spec."], "should be a json path under .spec"),
    ...replicasPath(`${path}.scale.statusReplicasPath`, statusReplicasPath, [".status."], "should be a json path under .status"),
    ...(labelSelectorPath ? replicasPath(`${path}.scale.labelSelectorPath`, labelSelectorPath, [".spec.", ".status."], "should be a json path under either .spec or .status") : []),
  ];
}

function replicasPath(path: string, value: string, under: readonly string[], text: string): readonly Cause[] {
  if (value === "") return [required(path)];
  if (!value.startsWith(".")) return [invalidValue(path, value, "must be a simple json path starting with .")];
  return under.some((prefix) => value.startsWith(prefix)) ? [] : [invalidValue(path, value, text)];
}

const columnTypes = ["boolean", "date", "integer", "number", "string"];
const columnFormats = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];

/** Upstream: ValidateCustomResourceColumnDefinition */
function validateColumn({ name, type, format = "", jsonPath }: CustomResourceColumnDefinition, path: string): readonly Cause[] {
  const causes: Cause[] = [];
  if (name === "") causes.push(required(`${path}.name`));
  if (type === "") causes.push(required(`${path}.type`, `must be one of ${columnTypes.join(",")}`));
  else if (!columnTypes.includes(type)) causes.push(invalidValue(`${path}.type`, type, `must be one of ${columnTypes.join(",")}`));
  if (format !== "" && !columnFormats.includes(format)) causes.push(invalidValue(`${path}.format`, format, `must be one of ${columnFormats.join(",")}`));
  if (jsonPath === "") causes.push(required(`${path}.JSONPath`));
  else if (!jsonPath.startsWith(".")) causes.push(invalidValue(`${path}.JSONPath`, jsonPath, "must be a simple json path starting with ."));
  return causes;
}

const maxSelectable = 8;

/** Upstream: ValidateCustomResourceSelectableFields */
function validateSelectable(fields: readonly SelectableField[], schema: JSONSchemaProps, path: string): readonly Cause[] {
  const seen = new Set<string>();
  const causes = fields.flatMap(({ jsonPath }, i): readonly Cause[] => {
    const at = `${path}[${i}].jsonPath`;
    if (jsonPath === "") return [required(at)];
    const found = fieldAt(jsonPath, schema, false);
    if (typeof found === "string") return [invalidValue(at, jsonPath, `is an invalid path: ${found}`)];
    const own: Cause[] = [];
    if (found.names[0] === "metadata") own.push(invalidValue(at, jsonPath, "must not point to fields in metadata"));
    if (!["string", "boolean", "integer"].includes(found.schema.type ?? "")) own.push(invalidValue(at, jsonPath, "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed."));
    if (seen.has(jsonPath)) own.push(duplicate(at, jsonPath));
    seen.add(jsonPath);
    return own;
  });
  return seen.size > maxSelectable ? [...causes, tooMany(path, seen.size, maxSelectable)] : causes;
}
