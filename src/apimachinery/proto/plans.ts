import type { ApiSchema, TypeName } from "../schema.ts";

/** What is worked out for a type of a schema once, when it is first asked for, and kept as long as the schema. */
export function plansOf<P>(compile: (schema: ApiSchema, type: TypeName) => P): (schema: ApiSchema, type: TypeName) => P {
  const plans = new WeakMap<ApiSchema, Map<TypeName, P>>();
  return (schema, type) => {
    let table = plans.get(schema);
    if (table === undefined) plans.set(schema, (table = new Map()));
    let plan = table.get(type);
    if (plan === undefined) table.set(type, (plan = compile(schema, type)));
    return plan;
  };
}
