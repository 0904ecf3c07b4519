/** From a parsed body to the canonical form in which all parts hold objects. */
import { DecodeContext } from "./decode/context.ts";
import { Plans } from "./decode/plan.ts";
import type { ApiSchema, TypeName } from "./schema.ts";

export interface Decoded {
  /** As Go would print it: structs always there, empty optional values absent, quantities and times canonical. May share parts with the input. */
  readonly object: Record<string, unknown>;
  /** Strict problems in document order: `unknown field "spec.foo"`. The fields themselves are gone. */
  readonly unknown: readonly string[];
}

const compiled = new WeakMap<ApiSchema, Plans>();

/**
 * Throws BadRequest in upstream's words when a value is not of its type (`json: cannot unmarshal …`); the caller says
 * which kind could not be handled. Field names are case-sensitive. Upstream: sigs.k8s.io/json UnmarshalStrict
 */
export function decode(schema: ApiSchema, type: TypeName, value: unknown): Decoded {
  const plans = plansOf(schema);
  const context = new DecodeContext(false);
  try {
    const object = plans.struct(type, value, context);
    return { object, unknown: context.unknown.length === 0 ? [] : inDocumentOrder(plans, type, value) };
  } catch (err) {
    inDocumentOrder(plans, type, value); // the first mistake of the document, not of the schema
    throw err;
  }
}

function inDocumentOrder(plans: Plans, type: TypeName, value: unknown): readonly string[] {
  const context = new DecodeContext(true);
  plans.struct(type, value, context);
  return context.unknown;
}

function plansOf(schema: ApiSchema): Plans {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  const plans = new Plans(schema);
  compiled.set(schema, plans);
  return plans;
}
