import { setOf } from "#apimachinery/apply/field-set.ts";
import type { Deployment, DeploymentSpec, RollingUpdateDeployment } from "#api/gen/apps-v1.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import type { Cause } from "#apimachinery/status.ts";
import { forbidden, immutable, invalidValue, nonNegative, notSupported, required } from "#apimachinery/validation/causes.ts";
import { labelSelectorOf } from "#apimachinery/selectors.ts";
import { ageColumn, nameColumn, templateColumns } from "../common/columns.ts";
import { validateCollisions, validateCounts } from "../common/counts.ts";
import { amountOf, atMostAll, validateIntOrPercent } from "../common/int-or-percent.ts";
import { defaultPodTemplate } from "../core/pod-spec/defaults.ts";
import type { Resource } from "../resource.ts";
import { selectorText, validateSelectedTemplate } from "./selected-template.ts";

/** Upstream: pkg/apis/apps/v1 SetDefaults_Deployment */
function defaults({ spec }: Deployment): void {
  spec.replicas ??= 1;
  const strategy = (spec.strategy ??= {});
  strategy.type ||= "RollingUpdate";
  if (strategy.type === "RollingUpdate") {
    const rolling = (strategy.rollingUpdate ??= {});
    rolling.maxUnavailable ??= "25%";
    rolling.maxSurge ??= "25%";
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
  defaultPodTemplate(spec.template);
}

/** Upstream: pkg/apis/apps/validation ValidateRollingUpdateDeployment */
function validateRolling({ maxUnavailable, maxSurge }: RollingUpdateDeployment, field: string): readonly Cause[] {
  return [
    ...validateIntOrPercent(`${field}.maxUnavailable`, maxUnavailable),
    ...validateIntOrPercent(`${field}.maxSurge`, maxSurge),
    ...(amountOf(maxUnavailable) === 0 && amountOf(maxSurge) === 0
      ? [invalidValue(`${field}.maxUnavailable`, maxUnavailable ?? 0, "may not be 0 when `maxSurge` is 0")]
      : []),
    ...atMostAll(`${field}.maxUnavailable`, maxUnavailable),
  ];
}

function validateStrategy({ strategy }: DeploymentSpec, field: string): readonly Cause[] {
  switch (strategy?.type) {
    case "Recreate":
      return strategy.rollingUpdate === undefined ? [] : [forbidden(`${field}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")];
    case "RollingUpdate":
      return strategy.rollingUpdate === undefined ? [required(`${field}.rollingUpdate`, "this should be defaulted and never be nil")] : validateRolling(strategy.rollingUpdate, `${field}.rollingUpdate`);
    case undefined:
    default:
      return [notSupported(`${field}.type`, strategy?.type ?? "", ["Recreate", "RollingUpdate"])];
  }
}

/** Upstream: pkg/apis/apps/validation ValidateDeploymentSpec */
function validate({ spec }: Deployment): readonly Cause[] {
  const deadline = spec.progressDeadlineSeconds;
  return [
    ...nonNegative("spec.replicas", spec.replicas),
    ...validateSelectedTemplate(spec),
    ...validateStrategy(spec, "spec.strategy"),
    ...nonNegative("spec.minReadySeconds", spec.minReadySeconds),
    ...nonNegative("spec.revisionHistoryLimit", spec.revisionHistoryLimit),
    ...nonNegative("spec.progressDeadlineSeconds", deadline),
    ...(deadline !== undefined && deadline <= (spec.minReadySeconds ?? 0)
      ? [invalidValue("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds")]
      : []),
  ];
}

export const deployments: Resource<Deployment> = {
  group: "apps", version: "v1", kind: "Deployment", schema: "apps/v1.Deployment", scope: "Namespaced",
  names: { plural: "deployments", singular: "deployment", short: ["deploy"], categories: ["all"] },
  defaults,
  prepareUpdate(next, old) {
    const { annotations, generation = 0 } = old.metadata;
    if (!semanticEqual(next.metadata.annotations, annotations)) next.metadata.generation = generation + 1; // its ReplicaSets carry them
  },
  validate,
  validateUpdate: (next, old) => immutable("spec.selector", next.spec.selector, old.spec.selector),
  subresources: {
    status: {
      type: "write",
      prepareUpdate(next, old) {
        next.spec = old.spec;
        if (old.metadata.labels === undefined) delete next.metadata.labels;
        else next.metadata.labels = old.metadata.labels;
      },
      validateUpdate: ({ status }, old) => [...validateCounts(status), ...validateCollisions(status, old.status)],
      resetFields: setOf(["spec"], ["metadata", "labels"]),
    },
    scale: {
      type: "scale",
      replicas: ({ spec, status }) => ({ spec: spec.replicas ?? 0, status: status.replicas ?? 0, selector: labelSelectorOf(spec.selector).toString() }),
      setReplicas: ({ spec }, replicas) => { spec.replicas = replicas; },
    },
  },
  columns: [
    nameColumn,
    {
      name: "Ready", type: "string", description: "Number of the pod with ready state",
      cell: ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    },
    { name: "Up-to-date", type: "integer", description: "How many pods have the newest template.", cell: ({ status }) => status.updatedReplicas ?? 0 },
    { name: "Available", type: "integer", description: "How many pods have been ready for long enough.", cell: ({ status }) => status.availableReplicas ?? 0 },
    ageColumn,
    ...templateColumns<Deployment>(({ spec }) => spec.template),
    { name: "Selector", type: "string", wide: true, description: "Which pods are its own.", cell: ({ spec }) => selectorText(spec.selector) },
  ],
};
