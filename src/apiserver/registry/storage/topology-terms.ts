import type { TopologySelectorLabelRequirement, TopologySelectorTerm } from "#api/gen/core-v1.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, eachInvalid, required } from "#apimachinery/validation/causes.ts";
import { qualifiedName } from "#apimachinery/validation/names.ts";

/** Where volumes of a class may be. A term of nothing is one too many as often as there are terms: upstream compares with a list that begins with as many. Upstream: pkg/apis/storage/validation validateAllowedTopologies */
export const validateTopologies = (terms: readonly TopologySelectorTerm[], field: string): readonly Cause[] => terms.flatMap((term, i) => [
  ...validateTerm(term, `${field}[${i}].matchLabelExpressions`),
  ...[...terms.map(() => ({})), ...terms.slice(0, i)].filter((other) => semanticEqual(contentOf(other), contentOf(term))).map(() => duplicate(`${field}[${i}].matchLabelExpressions`, "")),
]);

const contentOf = ({ matchLabelExpressions = [] }: TopologySelectorTerm): unknown => Object.fromEntries(matchLabelExpressions.map(({ key, values }) => [key, JSON.stringify([...new Set(values)].sort())]));

/** Upstream: pkg/apis/core/validation ValidateTopologySelectorTerm */
const validateTerm = ({ matchLabelExpressions: list = [] }: TopologySelectorTerm, field: string): readonly Cause[] => list.flatMap((requirement, i) => [
  ...validateRequirement(requirement, `${field}[${i}]`),
  ...(list.findIndex(({ key }) => key === requirement.key) < i ? [duplicate(`${field}[${i}].key`, requirement.key)] : []),
]);

const validateRequirement = ({ key, values }: TopologySelectorLabelRequirement, field: string): readonly Cause[] => [
  ...(values.length === 0 ? [required(`${field}.values`)] : []),
  ...values.flatMap((value, i) => (values.indexOf(value) < i ? [duplicate(`${field}.values[${i}]`, value)] : [])),
  ...eachInvalid(`${field}.key`, key, qualifiedName(key)),
];
