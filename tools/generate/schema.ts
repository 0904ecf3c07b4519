/** From the facts file to the schema tables: resolves Go's type expressions, flattens inlined structs. */
import { goTypeText } from "#apimachinery/go-types.ts";
import type { ApiSchema, FieldSchema, TypeSchema } from "#apimachinery/schema.ts";

export interface Facts { readonly packages: Readonly<Record<string, FactPackage>> }
export interface FactPackage {
  readonly group: string | null;
  readonly types: Readonly<Record<string, FactType>>;
  readonly aliases: Readonly<Record<string, string>>;
  readonly enums: Readonly<Record<string, readonly string[]>>;
}
interface FactType { readonly fields: readonly FactField[]; readonly kind?: true; readonly clusterScoped?: true; readonly structType?: string }
interface FactField {
  readonly name: string | null; readonly type: string; readonly inline?: true; readonly number?: number;
  readonly omitempty?: true; readonly optional?: true; readonly required?: true; readonly patchStrategy?: string; readonly patchMergeKey?: string;
  readonly listType?: string; readonly listMapKeys?: readonly string[]; readonly mapType?: string; readonly structType?: string; readonly default?: string;
}

/** Packages that Seedpod serves, or whose types they need. */
export const packages: readonly string[] = [
  "apimachinery/pkg/apis/meta/v1", "api/core/v1", "api/apps/v1", "api/batch/v1", "api/autoscaling/v1", "api/autoscaling/v2", "api/policy/v1",
  "api/rbac/v1", "api/storage/v1", "api/networking/v1", "api/discovery/v1", "api/events/v1", "api/coordination/v1", "api/certificates/v1", "api/certificates/v1beta1",
  "api/node/v1", "api/scheduling/v1", "api/authentication/v1", "api/authorization/v1", "api/admission/v1", "api/admissionregistration/v1",
  "api/flowcontrol/v1", "api/resource/v1", "api/apidiscovery/v2", "apiextensions-apiserver/pkg/apis/apiextensions/v1",
  "kube-aggregator/pkg/apis/apiregistration/v1", "metrics/pkg/apis/metrics/v1beta1",
];

/** Of packages that hold more than what is served: what the names of the types that are begin with. */
const only: Readonly<Record<string, readonly string[]>> = { "api/certificates/v1beta1": ["ClusterTrustBundle", "PodCertificateRequest"] };

/** `api/core/v1` → `core/v1`, `apimachinery/pkg/apis/meta/v1` → `meta/v1`. */
export const shortName = (pkg: string): string => pkg.split("/").slice(-2).join("/");

const scalars: Readonly<Record<string, string>> = {
  string: "string", int32: "int32", int64: "int64", int: "int64", uint8: "uint8", uint32: "uint32", uint64: "uint64", bool: "bool", float64: "double", byte: "uint8",
  "resource.Quantity": "Quantity", "intstr.IntOrString": "IntOrString", "runtime.RawExtension": "RawExtension",
  "types.UID": "string", "types.NodeName": "string", "time.Duration": "int64", "time.Time": "Time",
};
/** Types with a marshaller of their own. */
const special: Readonly<Record<string, string>> = {
  "meta/v1.Time": "Time", "meta/v1.MicroTime": "MicroTime", "meta/v1.Duration": "Duration", "meta/v1.FieldsV1": "Any",
  "apiextensions/v1.JSON": "Any", "apiextensions/v1.CustomResourceSubresourceStatus": "Any", "apiextensions/v1.JSONSchemaPropsOrArray": "Any", "apiextensions/v1.JSONSchemaPropsOrBool": "Any", "apiextensions/v1.JSONSchemaPropsOrStringArray": "Any",
};
/** Named maps and lists, which the facts do not carry. */
const expansions: Readonly<Record<string, string>> = {
  "core/v1.ResourceList": "map[string]resource.Quantity", "authentication/v1.ExtraValue": "[]string", "authorization/v1.ExtraValue": "[]string", "certificates/v1.ExtraValue": "[]string",
};
const imported: Readonly<Record<string, readonly string[]>> = {
  v1: ["api/core/v1", "apimachinery/pkg/apis/meta/v1"], metav1: ["apimachinery/pkg/apis/meta/v1"], corev1: ["api/core/v1"], apiv1: ["api/core/v1"],
  batchv1: ["api/batch/v1"], authenticationv1: ["api/authentication/v1"], authorizationv1: ["api/authorization/v1"],
};

export function buildSchema(facts: Facts): ApiSchema {
  const types: Record<string, TypeSchema> = {};
  const enums: Record<string, readonly string[]> = {};
  for (const pkg of packages) {
    const facts_ = must(facts.packages[pkg], pkg);
    for (const [name, type] of Object.entries(facts_.types)) {
      const id = `${shortName(pkg)}.${name}`;
      if (special[id] !== undefined || only[pkg]?.some((start) => name.startsWith(start)) === false) continue;
      types[id] = typeSchema(facts, pkg, type);
    }
    for (const [name, values] of Object.entries(facts_.enums)) enums[`${shortName(pkg)}.${name}`] = values;
  }
  return { types, enums };
}

function typeSchema(facts: Facts, pkg: string, type: FactType): TypeSchema {
  return {
    ...(type.kind && { kind: true }), ...(type.clusterScoped && { clusterScoped: true }),
    ...(type.structType !== undefined && { structType: type.structType as "atomic" }),
    fields: fieldsOf(facts, pkg, type, []),
  };
}

function fieldsOf(facts: Facts, pkg: string, type: FactType, via: readonly number[]): Record<string, FieldSchema> {
  const fields: Record<string, FieldSchema> = {};
  for (const field of type.fields) {
    if (field.inline) {
      const [home, name] = locate(facts, pkg, field.type.replace(/^\*/, ""));
      const inner = must(facts.packages[home]?.types[name], field.type);
      const inlined = fieldsOf(facts, home, inner, field.number === undefined ? via : [...via, field.number]);
      Object.assign(fields, field.number === undefined ? withoutNumbers(inlined) : inlined);
    } else if (field.name !== null && field.name !== "-") fields[field.name] = fieldSchema(facts, pkg, field, via);
  }
  return fields;
}

/** What is inlined without a number does not travel in this message. */
function withoutNumbers(fields: Readonly<Record<string, FieldSchema>>): Record<string, FieldSchema> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => {
    const { number: omitted, ...rest } = field;
    return [name, omitted === undefined ? field : rest];
  }));
}

function fieldSchema(facts: Facts, pkg: string, f: FactField, via: readonly number[]): FieldSchema {
  return {
    ...resolve(facts, pkg, f.type), ...goName(facts, pkg, f.type),
    ...(f.number !== undefined && { number: f.number }), ...(via.length > 0 && { via }),
    ...(f.omitempty && { omitempty: true }), ...(f.optional && { optional: true }), ...(f.required && { required: true }),
    ...(f.patchStrategy !== undefined && { patchStrategy: f.patchStrategy }), ...(f.patchMergeKey !== undefined && { patchMergeKey: f.patchMergeKey }),
    ...(f.listType !== undefined && { listType: f.listType as "map" }), ...(f.listMapKeys !== undefined && { listMapKeys: f.listMapKeys }),
    ...(f.mapType !== undefined && { mapType: f.mapType as "atomic" }), ...(f.structType !== undefined && { structType: f.structType as "atomic" }),
    ...(f.default !== undefined && { default: f.default }),
  };
}

/** Reads a Go type expression into type, shape and pointer. */
function resolve(facts: Facts, pkg: string, expression: string): Pick<FieldSchema, "type" | "shape" | "pointer" | "enum"> {
  if (expression.startsWith("*")) return { ...resolve(facts, pkg, expression.slice(1)), pointer: true };
  if (expression === "[]byte") return { type: "bytes" };
  if (expression.startsWith("[]")) return { ...resolve(facts, pkg, expression.slice(2)), shape: "list" };
  const map = /^map\[[^\]]+\](.*)$/.exec(expression);
  if (map) {
    const value = resolve(facts, pkg, map[1] ?? "");
    return { ...value, shape: value.shape === "list" ? "lists" : "map" };
  }
  const scalar = scalars[expression];
  if (scalar !== undefined) return { type: scalar };
  const [home, name] = locate(facts, pkg, expression);
  const id = `${shortName(home)}.${name}`;
  if (special[id] !== undefined) return { type: special[id] };
  if (expansions[id] !== undefined) return resolve(facts, home, expansions[id]);
  const alias = facts.packages[home]?.aliases[name];
  if (alias === undefined) return { type: id };
  const base = resolve(facts, home, alias);
  return facts.packages[home]?.enums[name] === undefined ? base : { ...base, enum: id };
}

const builtin: ReadonlySet<string> = new Set(["map", "string", "int32", "int64", "int", "uint8", "uint32", "uint64", "bool", "float64", "byte"]);

/** How Go prints the type, where the schema's other facts do not say it. */
function goName(facts: Facts, pkg: string, expression: string): { go?: string } {
  const printed = expression.replace(/^\*/, "").replace(/[\w.]+/g, (name) => goWord(facts, pkg, name)).replaceAll("[]byte", "[]uint8");
  const field = resolve(facts, pkg, expression);
  return goTypeText(field) === printed ? {} : { go: printed };
}

function goWord(facts: Facts, pkg: string, name: string): string {
  if (builtin.has(name)) return name;
  const [prefix = "", qualified] = name.split(".");
  if (qualified !== undefined && imported[prefix] === undefined) return name;
  const [home, bare] = locate(facts, pkg, name);
  return `${home.split("/").at(-1)}.${bare}`;
}

/** The package and bare name of a type named in `pkg`. */
function locate(facts: Facts, pkg: string, expression: string): readonly [pkg: string, name: string] {
  const [prefix, qualified] = expression.split(".");
  if (qualified === undefined) return [pkg, expression];
  for (const home of imported[prefix ?? ""] ?? []) {
    const there = facts.packages[home];
    if (there?.types[qualified] !== undefined || there?.aliases[qualified] !== undefined || expansions[`${shortName(home)}.${qualified}`] !== undefined) return [home, qualified];
  }
  throw new Error(`${pkg}: cannot resolve ${expression}`);
}

function must<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`missing in the facts: ${what}`);
  return value;
}
