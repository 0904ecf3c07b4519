import type { DaemonSet, DaemonSetSpec, DaemonSetStatus, RollingUpdateDaemonSet } from "#api/gen/apps-v1.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import type { Cause } from "#apimachinery/status.ts";
import { immutable, invalidValue, nonNegative, notSupported, required } from "#apimachinery/validation/causes.ts";
import { ageColumn, formatLabels, nameColumn, templateColumns } from "../common/columns.ts";
import { validateCollisions } from "../common/counts.ts";
import { amountOf, atMostAll, validateIntOrPercent } from "../common/int-or-percent.ts";
import { defaultPodTemplate } from "../core/pod-spec/defaults.ts";
import type { Column, Resource } from "../resource.ts";
import { selectorText, validateSelectedTemplate } from "./selected-template.ts";

/** How often the template has changed: once a field, now an annotation that the server keeps. Upstream: appsv1.DeprecatedTemplateGeneration */
const templateGeneration = "deprecated.daemonset.template.generation";

function setTemplateGeneration({ metadata }: DaemonSet, generation: number): void {
  metadata.annotations = { ...metadata.annotations, [templateGeneration]: String(generation) };
}
const templateGenerationOf = ({ metadata }: DaemonSet): number => Number(metadata.annotations?.[templateGeneration]) || 0;

/** Upstream: pkg/apis/apps/v1 SetDefaults_DaemonSet */
function defaults({ spec }: DaemonSet): void {
  const strategy = (spec.updateStrategy ??= {});
  strategy.type ||= "RollingUpdate";
  if (strategy.type === "RollingUpdate") {
    strategy.rollingUpdate ??= {};
    strategy.rollingUpdate.maxUnavailable ??= 1;
    strategy.rollingUpdate.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
  defaultPodTemplate(spec.template);
}

/** Upstream: pkg/apis/apps/validation ValidateRollingUpdateDaemonSet */
function validateRolling({ maxUnavailable, maxSurge }: RollingUpdateDaemonSet, field: string): readonly Cause[] {
  const [leaving, surging] = [amountOf(maxUnavailable) !== 0, amountOf(maxSurge) !== 0];
  return [
    ...validateIntOrPercent(`${field}.maxUnavailable`, maxUnavailable), ...validateIntOrPercent(`${field}.maxSurge`, maxSurge),
    ...atMostAll(`${field}.maxUnavailable`, maxUnavailable), ...atMostAll(`${field}.maxSurge`, maxSurge),
    ...(leaving && surging ? [invalidValue(`${field}.maxSurge`, maxSurge, "may not be set when maxUnavailable is non-zero")] : []),
    ...(!leaving && !surging ? [required(`${field}.maxUnavailable`, "cannot be 0 when maxSurge is 0")] : []),
  ];
}

function validateStrategy({ updateStrategy }: DaemonSetSpec): readonly Cause[] {
  const { type, rollingUpdate } = updateStrategy ?? {};
  if (type === "OnDelete") return [];
  if (type !== "RollingUpdate") return [notSupported("spec.updateStrategy", updateStrategy, ["RollingUpdate", "OnDelete"])];
  return rollingUpdate === undefined ? [required("spec.updateStrategy.rollingUpdate")] : validateRolling(rollingUpdate, "spec.updateStrategy.rollingUpdate");
}

/** Upstream: pkg/apis/apps/validation ValidateDaemonSetSpec */
const validate = ({ spec }: DaemonSet): readonly Cause[] => [
  ...validateSelectedTemplate(spec, "DaemonSet"),
  ...nonNegative("spec.minReadySeconds", spec.minReadySeconds),
  ...validateStrategy(spec),
  ...nonNegative("spec.revisionHistoryLimit", spec.revisionHistoryLimit),
];

const counted = [
  "currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady", "observedGeneration", "updatedNumberScheduled", "numberAvailable", "numberUnavailable",
] as const;
const validateStatus = (status: DaemonSetStatus, old: DaemonSetStatus): readonly Cause[] =>
  [...counted.flatMap((field) => nonNegative(`status.${field}`, status[field])), ...validateCollisions(status, old)];

const count = (name: string, field: (typeof counted)[number], description: string): Column<DaemonSet> => ({ name, type: "integer", description, cell: ({ status }) => status[field] ?? 0 });

export const daemonSets: Resource<DaemonSet> = {
  group: "apps", version: "v1", kind: "DaemonSet", schema: "apps/v1.DaemonSet", scope: "Namespaced",
  names: { plural: "daemonsets", singular: "daemonset", short: ["ds"], categories: ["all"] },
  defaults,
  prepareCreate: (set) => setTemplateGeneration(set, 1),
  prepareUpdate(next, old) {
    const changed = !semanticEqual(next.spec.template, old.spec.template);
    setTemplateGeneration(next, templateGenerationOf(old) + (changed ? 1 : 0));
  },
  validate,
  validateUpdate: (next, old) => immutable("spec.selector", next.spec.selector, old.spec.selector),
  subresources: {
    status: {
      type: "write",
      prepareUpdate(next, old) {
        next.spec = old.spec;
        setTemplateGeneration(next, templateGenerationOf(old));
      },
      validateUpdate: ({ status }, old) => validateStatus(status, old.status),
    },
  },
  columns: [
    nameColumn,
    count("Desired", "desiredNumberScheduled", "How many nodes should run its pod."),
    count("Current", "currentNumberScheduled", "How many of them do."),
    count("Ready", "numberReady", "How many of the pods are ready."),
    count("Up-to-date", "updatedNumberScheduled", "How many have the newest template."),
    count("Available", "numberAvailable", "How many have been ready for long enough."),
    { name: "Node Selector", type: "string", description: "Which nodes it wants.", cell: ({ spec }) => formatLabels(spec.template?.spec?.nodeSelector) },
    ageColumn,
    ...templateColumns<DaemonSet>(({ spec }) => spec.template),
    { name: "Selector", type: "string", wide: true, description: "Which pods are its own.", cell: ({ spec }) => selectorText(spec.selector) },
  ],
};
