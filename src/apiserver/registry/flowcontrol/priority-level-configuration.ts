import type { LimitedPriorityLevelConfiguration, LimitResponse, PriorityLevelConfiguration, QueuingConfiguration } from "#api/gen/flowcontrol-v1.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import type { Cause } from "#apimachinery/status.ts";
import { forbidden, invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import type { Column, Resource } from "../resource.ts";
import { mandatoryLevels } from "./bootstrap.ts";
import { validateConditions } from "./conditions.ts";

const mostQueues = 10_000_000;
/** Bits of a flow's hash, from which its hand of queues is dealt. */
const hashBits = 60;

/** Upstream: pkg/apis/flowcontrol/v1 SetDefaults_* */
function defaults({ spec }: PriorityLevelConfiguration): void {
  if (spec.type === "Exempt") spec.exempt ??= {};
  for (const [part, shares] of [[spec.exempt, 0], [spec.limited, 30]] as const) {
    if (part === undefined) continue;
    part.nominalConcurrencyShares ??= shares;
    part.lendablePercent ??= 0;
  }
  const queuing = spec.limited?.limitResponse?.queuing;
  if (queuing === undefined) return;
  queuing.handSize ||= 8;
  queuing.queues ||= 64;
  queuing.queueLengthLimit ||= 50;
}

/** Upstream: pkg/apis/flowcontrol/validation ValidatePriorityLevelConfiguration */
function validate({ metadata: { name }, spec }: PriorityLevelConfiguration): readonly Cause[] {
  return [
    ...((name === "exempt") === (spec.type === "Exempt") ? [] : [invalidValue("spec.type", spec.type, "type must be 'Exempt' if and only if name is 'exempt'")]),
    ...validateByType(spec),
    ...validateFixed(name, spec),
  ];
}

function validateFixed(name: string, spec: PriorityLevelConfiguration["spec"]): readonly Cause[] {
  const fixed = mandatoryLevels.find(({ metadata }) => metadata.name === name)?.spec;
  if (fixed === undefined || semanticEqual(spec, fixed)) return [];
  if (name !== "exempt") return [invalidValue("spec", spec, `spec of '${name}' must equal the fixed value`)];
  return semanticEqual({ ...spec, exempt: undefined }, { ...fixed, exempt: undefined }) ? [] : [invalidValue("spec", spec, `spec of '${name}' except the 'spec.exempt' field must equal the fixed value`)];
}

function validateByType({ type, limited, exempt }: PriorityLevelConfiguration["spec"]): readonly Cause[] {
  switch (type) {
    case "Exempt":
      return [...(limited === undefined ? [] : [forbidden("spec.limited", "must be nil if the type is not Limited")]), ...(exempt === undefined ? [] : validateShares(exempt, "spec.exempt"))];
    case "Limited":
      return [
        ...(exempt === undefined ? [] : [forbidden("spec.exempt", "must be nil if the type is Limited")]),
        ...(limited === undefined ? [required("spec.limited", "must not be empty when type is Limited")] : validateLimited(limited, "spec.limited")),
      ];
    default:
      return [notSupported("spec.type", type, ["Exempt", "Limited"])];
  }
}

function validateShares({ nominalConcurrencyShares: shares = 0, lendablePercent: percent = 0 }: { readonly nominalConcurrencyShares?: number; readonly lendablePercent?: number }, field: string): readonly Cause[] {
  return [
    ...(shares < 0 ? [invalidValue(`${field}.nominalConcurrencyShares`, shares, "must be a non-negative integer")] : []),
    ...(percent < 0 || percent > 100 ? [invalidValue(`${field}.lendablePercent`, percent, "must be between 0 and 100, inclusive")] : []),
  ];
}

const validateLimited = (limited: LimitedPriorityLevelConfiguration, field: string): readonly Cause[] => [
  ...validateShares(limited, field),
  ...validateResponse(limited.limitResponse, `${field}.limitResponse`),
  ...((limited.borrowingLimitPercent ?? 0) < 0 ? [invalidValue(`${field}.borrowingLimitPercent`, limited.borrowingLimitPercent, "if specified, must be a non-negative integer")] : []),
];

function validateResponse({ type, queuing }: LimitResponse = { type: "" }, field: string): readonly Cause[] {
  switch (type) {
    case "Reject": return queuing === undefined ? [] : [forbidden(`${field}.queuing`, "must be nil if limited.limitResponse.type is not Limited")];
    case "Queue": return queuing === undefined ? [required(`${field}.queuing`, "must not be empty if limited.limitResponse.type is Limited")] : validateQueuing(queuing, `${field}.queuing`);
    default: return [notSupported(`${field}.type`, type, ["Queue", "Reject"])];
  }
}

function validateQueuing({ queues = 0, handSize = 0, queueLengthLimit = 0 }: QueuingConfiguration, field: string): readonly Cause[] {
  const bits = Math.ceil(Math.log2(queues) * handSize);
  return [
    ...(queueLengthLimit <= 0 ? [invalidValue(`${field}.queueLengthLimit`, queueLengthLimit, "must be positive")] : []),
    ...(queues <= 0 ? [invalidValue(`${field}.queues`, queues, "must be positive")] : queues > mostQueues ? [invalidValue(`${field}.queues`, queues, `must not be greater than ${mostQueues}`)] : []),
    ...(handSize <= 0 ? [invalidValue(`${field}.handSize`, handSize, "must be positive")]
      : handSize > queues ? [invalidValue(`${field}.handSize`, handSize, `should not be greater than queues (${queues})`)]
      : bits > hashBits ? [invalidValue(`${field}.handSize`, handSize, `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${hashBits}`)]
      : []),
  ];
}

const queuingOf = ({ spec }: PriorityLevelConfiguration): QueuingConfiguration | undefined => spec.limited?.limitResponse?.queuing;

const columns: readonly Column<PriorityLevelConfiguration>[] = [
  nameColumn,
  { name: "Type", type: "string", description: "Whether the level is limited.", cell: ({ spec }) => spec.type },
  { name: "NominalConcurrencyShares", type: "string", description: "Its share of the requests at a time.", cell: ({ spec }) => spec.limited?.nominalConcurrencyShares ?? "<none>" },
  { name: "Queues", type: "string", description: "How many queues it has.", cell: (level) => queuingOf(level)?.queues ?? "<none>" },
  { name: "HandSize", type: "string", description: "How many of them a flow may use.", cell: (level) => queuingOf(level)?.handSize ?? "<none>" },
  { name: "QueueLengthLimit", type: "string", description: "How many requests may wait in one.", cell: (level) => queuingOf(level)?.queueLengthLimit ?? "<none>" },
  ageColumn,
];

export const priorityLevelConfigurations: Resource<PriorityLevelConfiguration> = {
  group: "flowcontrol.apiserver.k8s.io", version: "v1", kind: "PriorityLevelConfiguration", schema: "flowcontrol/v1.PriorityLevelConfiguration", scope: "Cluster",
  names: { plural: "prioritylevelconfigurations", singular: "prioritylevelconfiguration" },
  defaults,
  validate,
  subresources: {
    status: { type: "write", prepareUpdate: (next, old) => { next.spec = old.spec; }, validateUpdate: ({ status }) => validateConditions(status.conditions) },
  },
  columns,
};
