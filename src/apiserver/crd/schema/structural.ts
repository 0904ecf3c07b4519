/** A version's schema in the compact form that pruning, defaulting and validation walk. */
import type { ValidationRule } from "#api/gen/apiextensions-v1.ts";

/** What a subtree holds, so that a walk that looks for nothing there can pass it by. */
export const holds = { defaults: 1, listRules: 2, embedded: 4, rules: 8 } as const;

/** One node. Equal nodes of one definition are one object. Texts for people are not kept: OpenAPI reads them from the definition. */
export interface Structural {
  /** Empty where the schema says none. */
  readonly type: string;
  readonly nullable: boolean;
  /** `x-kubernetes-preserve-unknown-fields` */
  readonly preserve: boolean;
  /** `x-kubernetes-embedded-resource` */
  readonly embedded: boolean;
  /** `x-kubernetes-int-or-string` */
  readonly intOrString: boolean;
  readonly properties: ReadonlyMap<string, Structural> | undefined;
  readonly items: Structural | undefined;
  /** Of a map's values; `true`: any. */
  readonly additional: Structural | boolean | undefined;
  /** Undefined: none. Copied before use. */
  readonly default: unknown;
  readonly listType: string | undefined;
  readonly listKeys: readonly string[];
  readonly atomicMap: boolean;
  readonly checks: Checks | undefined;
  readonly rules: readonly ValidationRule[] | undefined;
  /** Bits of `holds`, of the node itself and of all below it. */
  readonly below: number;
}

/** Value validation. Left out as a whole where a node has none. */
export interface Checks {
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly pattern?: string;
  readonly maximum?: number;
  readonly exclusiveMaximum?: true;
  readonly minimum?: number;
  readonly exclusiveMinimum?: true;
  readonly multipleOf?: number;
  readonly maxLength?: number;
  readonly minLength?: number;
  readonly maxItems?: number;
  readonly minItems?: number;
  readonly maxProperties?: number;
  readonly minProperties?: number;
  readonly allOf?: readonly Structural[];
  readonly anyOf?: readonly Structural[];
  readonly oneOf?: readonly Structural[];
  readonly not?: Structural;
}

/** The schema of a map's key or of a field; undefined where none applies. */
export function childOf(schema: Structural, key: string): Structural | undefined {
  const property = schema.properties?.get(key);
  if (property !== undefined) return property;
  return typeof schema.additional === "object" ? schema.additional : undefined;
}

/** Fields of every resource, at the root and where one is embedded: the schema does not rule over them. */
export const isMetaField = (key: string): boolean => key === "apiVersion" || key === "kind" || key === "metadata";
