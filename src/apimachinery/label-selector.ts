/** Label selectors: what matches. The text form is read in `label-parser.ts`. Upstream: apimachinery/pkg/labels */

export type Labels = Readonly<Record<string, string>>;
export type Operator = "=" | "!=" | "in" | "notin" | "exists" | "!" | ">" | "<";
export interface Requirement { readonly key: string; readonly operator: Operator; readonly values: readonly string[] }

export interface LabelSelector {
  matches(labels: Labels | undefined): boolean;
  /** Matches everything because nothing is asked. */
  readonly empty: boolean;
  readonly requirements: readonly Requirement[];
  /** The form that `parseLabelSelector` reads. */
  toString(): string;
}

/** All of the requirements. */
export function selectorOf(requirements: readonly Requirement[]): LabelSelector {
  const sorted = [...requirements].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return {
    empty: sorted.length === 0,
    requirements: sorted,
    matches: (labels) => sorted.every((r) => holds(r, labels)),
    toString: () => sorted.map(textOf).join(","),
  };
}

export const everything: LabelSelector = selectorOf([]);
const nothing: LabelSelector = { empty: false, requirements: [], matches: () => false, toString: () => "" };

/** Exactly these labels, as `spec.selector` of Services and ReplicationControllers means it. */
export const selectorOfLabels = (labels: Labels): LabelSelector => selectorOf(Object.entries(labels).map(([key, value]) => ({ key, operator: "=", values: [value] })));

interface SelectorObject {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[];
}
const operators: Readonly<Record<string, Operator>> = { In: "in", NotIn: "notin", Exists: "exists", DoesNotExist: "!" };

/**
 * The selector of an object's field: `undefined` selects nothing, `{}` everything.
 * Throws on an unknown operator. Upstream: apimachinery/pkg/apis/meta/v1/helpers.go LabelSelectorAsSelector
 */
export function labelSelectorOf(selector: SelectorObject | undefined): LabelSelector {
  if (selector === undefined) return nothing;
  const exact = Object.entries(selector.matchLabels ?? {}).map(([key, value]): Requirement => ({ key, operator: "=", values: [value] }));
  const others = (selector.matchExpressions ?? []).map((e): Requirement => {
    const operator = operators[e.operator];
    if (operator === undefined) throw new Error(`"${e.operator}" is not a valid label selector operator`);
    return { key: e.key, operator, values: e.values ?? [] };
  });
  return exact.length + others.length === 0 ? everything : selectorOf([...exact, ...others]);
}

/** Whether one requirement holds. `!=` and `notin` hold for an absent label. */
export function holds({ key, operator, values }: Requirement, labels: Labels | undefined): boolean {
  const value = labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case "=": case "in": return value !== undefined && values.includes(value);
    case "!=": case "notin": return value === undefined || !values.includes(value);
    case "exists": return value !== undefined;
    case "!": return value === undefined;
    case ">": case "<": return compare(value, values[0], operator);
  }
}

function compare(value: string | undefined, bound: string | undefined, operator: ">" | "<"): boolean {
  if (value === undefined || bound === undefined || !isInteger(value) || !isInteger(bound)) return false;
  return operator === ">" ? BigInt(value) > BigInt(bound) : BigInt(value) < BigInt(bound);
}
export const isInteger = (text: string): boolean => /^-?\d{1,19}$/.test(text);

function textOf({ key, operator, values }: Requirement): string {
  switch (operator) {
    case "exists": return key;
    case "!": return `!${key}`;
    case "in": case "notin": return `${key} ${operator} (${[...values].sort().join(",")})`;
    case "=": case "!=": case ">": case "<": return `${key}${operator}${values[0] ?? ""}`;
  }
}
