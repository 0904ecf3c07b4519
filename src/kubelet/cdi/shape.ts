/** What JSON must look like; nothing that is not named may be there. */
export type Shape =
  | "string" | "integer" | "boolean"
  | { readonly list: Shape }
  | { readonly mapOf: Shape }
  | { readonly fields: Readonly<Record<string, Shape>>; readonly required?: readonly string[] };

/** The first thing that is not as it should be, by its path; undefined: nothing. An absent field is null or not there. */
export function shapeProblem(shape: Shape, value: unknown, path: string): string | undefined {
  if (typeof shape === "string") return isScalar(shape, value) ? undefined : `${path}: must be ${shape === "integer" ? "an" : "a"} ${shape}`;
  if ("list" in shape) return Array.isArray(value) ? first(value.map((item, i) => () => shapeProblem(shape.list, item, `${path}[${i}]`))) : `${path}: must be a list`;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return `${path || "the spec"}: must be an object`;
  const fields = Object.entries(value).filter(([, item]) => item !== null);
  if ("mapOf" in shape) return first(fields.map(([name, item]) => () => shapeProblem(shape.mapOf, item, join(path, name))));
  const missing = shape.required?.find((name) => !fields.some(([field, item]) => field === name && item !== ""));
  if (missing !== undefined) return `${join(path, missing)}: must be set`;
  return first(fields.map(([name, item]) => () => {
    const known = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
    return known === undefined ? `${join(path, name)}: unknown field` : shapeProblem(known, item, join(path, name));
  }));
}

const isScalar = (shape: "string" | "integer" | "boolean", value: unknown): boolean => (shape === "integer" ? Number.isSafeInteger(value) : typeof value === shape);

const join = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);

function first(checks: readonly (() => string | undefined)[]): string | undefined {
  for (const check of checks) {
    const problem = check();
    if (problem !== undefined) return problem;
  }
  return undefined;
}
