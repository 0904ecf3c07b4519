/** Definitions of custom resources: their own schema, dressed as a kind. Upstream: apiextensions-apiserver/pkg/controller/openapi/builder */
import type { JSONSchemaProps } from "#api/gen/apiextensions-v1.ts";
import { isRecord, semanticEqual } from "#apimachinery/equal.ts";
import { listKindOf, type AnyResource } from "../registry/resource.ts";
import { forV2 } from "./custom-v2.ts";
import type { DefinitionOptions, Definitions, JsonSchema } from "./definitions.ts";
import { listTypeNameOf, typeNameOf } from "./names.ts";

const meta = "io.k8s.apimachinery.pkg.apis.meta.v1";
type Options = Pick<DefinitionOptions, "dialect" | "describe">;

/** The kind and its list, by published name. */
export function customDefinitions(resource: AnyResource, options: Options): Definitions {
  const { group, version, kind, names } = resource;
  const own = customSchema(resource, options);
  const list: JsonSchema = {
    description: `${listKindOf(resource)} is a list of ${kind}`, type: "object", required: ["items"],
    properties: {
      ...typeMeta(options),
      items: { description: `List of ${names.plural}. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md`, type: "array", items: reference(typeNameOf(resource), options) },
      metadata: reference(`${meta}.ListMeta`, options),
    },
    "x-kubernetes-group-version-kind": [{ group, kind: listKindOf(resource), version }],
  };
  return { [typeNameOf(resource)]: own, [listTypeNameOf(resource)]: list };
}

function customSchema({ custom, group, version, kind }: AnyResource, options: Options): JsonSchema {
  const schema = custom?.schema();
  const gvk = { "x-kubernetes-group-version-kind": [{ group, kind, version }] };
  // with properties old clients would refuse every field that is not among them
  if (schema === undefined || (options.dialect === "v2" && schema["x-kubernetes-preserve-unknown-fields"] === true)) return { type: "object", ...gvk };
  const published = publish(schema, options);
  return { ...published, properties: { ...(published["properties"] as object | undefined), ...typeMeta(options), metadata: metadata(options) }, ...gvk };
}

const kept = [
  "description", "type", "format", "title", "default", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems", "minItems",
  "multipleOf", "maxProperties", "minProperties", "enum", "required", "nullable", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource",
  "x-kubernetes-int-or-string", "x-kubernetes-list-map-keys", "x-kubernetes-list-type", "x-kubernetes-map-type", "x-kubernetes-validations",
] as const satisfies readonly (keyof JSONSchemaProps)[];

function publish(schema: JSONSchemaProps, options: Options): JsonSchema {
  const source = options.dialect === "v2" ? forV2(schema) : unfolded(schema);
  const { items, properties, additionalProperties, not, allOf, anyOf, oneOf } = source;
  const inner = (sub: JSONSchemaProps): JsonSchema => publish(sub, options);
  const all = (schemas: readonly JSONSchemaProps[] | undefined): readonly JsonSchema[] | undefined => (schemas === undefined || schemas.length === 0 ? undefined : schemas.map(inner));
  const published: Record<string, unknown> = Object.fromEntries(kept.filter((field) => source[field] !== undefined).map((field) => [field, source[field]]));
  const parts = {
    items: isRecord(items) ? inner(items) : undefined,
    additionalProperties: isRecord(additionalProperties) ? inner(additionalProperties) : additionalProperties,
    properties: properties && Object.fromEntries(Object.entries(properties).map(([name, sub]) => [name, inner(sub)])),
    not: not && inner(not), allOf: all(allOf), anyOf: all(anyOf), oneOf: all(oneOf),
  };
  for (const [field, part] of Object.entries(parts)) if (part !== undefined) published[field] = part;
  return embeds(source, options) ? embedded(published, options) : published;
}

const embeds = (schema: JSONSchemaProps, { dialect }: Options): boolean =>
  schema["x-kubernetes-embedded-resource"] === true && !(dialect === "v2" && schema["x-kubernetes-preserve-unknown-fields"] === true);

function embedded(schema: JsonSchema, options: Options): JsonSchema {
  const required = (schema["required"] ?? []) as readonly string[];
  return {
    ...schema, properties: { ...(schema["properties"] as object | undefined), ...typeMeta(options), metadata: metadata(options) },
    required: [...required, ...["kind", "apiVersion"].filter((name) => !required.includes(name))],
  };
}

const either: readonly JSONSchemaProps[] = [{ type: "integer" }, { type: "string" }];

/** An int-or-string says so in words that every client understands. Upstream: apiserver/schema/unfold.go */
function unfolded(schema: JSONSchemaProps): JSONSchemaProps {
  if (schema["x-kubernetes-int-or-string"] !== true || semanticEqual(schema.anyOf, either) || semanticEqual(schema.allOf?.[0]?.anyOf, either)) return schema;
  return schema.anyOf === undefined ? { ...schema, anyOf: [...either] } : { ...schema, allOf: [{ anyOf: [...either] }, ...(schema.allOf ?? [])] };
}

const described = (schema: JsonSchema, description: string | undefined): JsonSchema => (description === undefined ? schema : { description, ...schema });

function reference(name: string, { dialect }: Options): JsonSchema {
  return { $ref: `#/${dialect === "v2" ? "definitions" : "components/schemas"}/${name}` };
}

/** Clients look for these words. */
const standardMetadata = "Standard object's metadata.";
const metadata = (options: Options): JsonSchema => {
  const to = reference(`${meta}.ObjectMeta`, options);
  return described(options.dialect === "v2" ? to : { allOf: [to] }, standardMetadata);
};

/** Every kind's texts for these two are the same. */
const typeMeta = ({ describe }: Options): Record<string, JsonSchema> => ({
  apiVersion: described({ type: "string" }, describe("core/v1.ConfigMap", "apiVersion")), kind: described({ type: "string" }, describe("core/v1.ConfigMap", "kind")),
});
