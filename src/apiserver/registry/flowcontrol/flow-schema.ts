import type { FlowSchema } from "#api/gen/flowcontrol-v1.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";
import { dns1123Subdomain } from "#apimachinery/validation/names.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import type { Column, Resource } from "../resource.ts";
import { mandatorySchemas } from "./bootstrap.ts";
import { validateConditions } from "./conditions.ts";
import { validateRule } from "./flow-schema-rules.ts";

const lastPrecedence = 10_000;
const defaultPrecedence = 1000;
const methods: readonly string[] = ["ByNamespace", "ByUser"];

/** Upstream: pkg/apis/flowcontrol/validation ValidateFlowSchema */
function validate({ metadata: { name }, spec }: FlowSchema): readonly Cause[] {
  const { distinguisherMethod: method, priorityLevelConfiguration: level, rules = [] } = spec;
  const fixed = mandatorySchemas.find((mandatory) => mandatory.metadata.name === name);
  return [
    ...validatePrecedence(spec.matchingPrecedence ?? 0, name),
    ...(method === undefined || methods.includes(method.type) ? [] : [notSupported("spec.distinguisherMethod.type", method, methods)]),
    ...(level.name === ""
      ? [required("spec.priorityLevelConfiguration.name", "must reference a priority level")]
      : eachInvalid("spec.priorityLevelConfiguration.name", level.name, dns1123Subdomain(level.name))),
    ...rules.flatMap((rule, i) => validateRule(rule, `spec.rules[${i}]`)),
    ...(fixed === undefined || semanticEqual(spec, fixed.spec) ? [] : [invalidValue("spec", spec, `spec of '${name}' must equal the fixed value`)]),
  ];
}

function validatePrecedence(precedence: number, name: string): readonly Cause[] {
  const bad = (detail: string): readonly Cause[] => [invalidValue("spec.matchingPrecedence", precedence, detail)];
  if (precedence <= 0) return bad("must be a positive value");
  if (precedence > lastPrecedence) return bad(`must not be greater than ${lastPrecedence}`);
  return precedence === 1 && name !== "exempt" ? bad("only the schema named 'exempt' may have matchingPrecedence 1") : [];
}

const columns: readonly Column<FlowSchema>[] = [
  nameColumn,
  { name: "PriorityLevel", type: "string", description: "The level that serves its requests.", cell: ({ spec }) => spec.priorityLevelConfiguration.name },
  { name: "MatchingPrecedence", type: "string", description: "Its place among the schemas: the lowest match counts.", cell: ({ spec }) => spec.matchingPrecedence ?? 0 },
  { name: "DistinguisherMethod", type: "string", description: "What makes a flow.", cell: ({ spec }) => spec.distinguisherMethod?.type ?? "<none>" },
  ageColumn,
  { name: "MissingPL", type: "string", description: "Whether its level is not there.", cell: ({ status }) => status.conditions?.find(({ type }) => type === "Dangling")?.status ?? "?" },
];

export const flowSchemas: Resource<FlowSchema> = {
  group: "flowcontrol.apiserver.k8s.io", version: "v1", kind: "FlowSchema", schema: "flowcontrol/v1.FlowSchema", scope: "Cluster",
  names: { plural: "flowschemas", singular: "flowschema" },
  defaults({ spec }) {
    spec.matchingPrecedence ||= defaultPrecedence;
  },
  validate,
  subresources: {
    status: { type: "write", prepareUpdate: (next, old) => { next.spec = old.spec; }, validateUpdate: ({ status }) => validateConditions(status.conditions) },
  },
  columns,
};
