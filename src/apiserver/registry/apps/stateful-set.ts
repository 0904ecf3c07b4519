import type { StatefulSet, StatefulSetSpec } from "#api/gen/apps-v1.ts";
import type { PersistentVolumeClaim, PodTemplateSpec } from "#api/gen/core-v1.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import { labelSelectorOf } from "#apimachinery/selectors.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, forbidden, nonNegative } from "#apimachinery/validation/causes.ts";
import { dns1123Label, prefixOf } from "#apimachinery/validation/names.ts";
import { validateAnnotations, validateLabels } from "#apimachinery/validation/metadata.ts";
import { ageColumn, nameColumn, templateColumns } from "../common/columns.ts";
import { validateCollisions, validateCounts } from "../common/counts.ts";
import { validateClaimSpec } from "../core/claim-spec.ts";
import { defaultPodTemplate } from "../core/pod-spec/defaults.ts";
import type { Resource } from "../resource.ts";
import { validateSelectedTemplate } from "./selected-template.ts";
import { defaultStrategy, validateManagement, validateStrategy } from "./stateful-set-strategy.ts";

function defaults({ spec }: StatefulSet): void {
  spec.podManagementPolicy ||= "OrderedReady";
  defaultStrategy(spec);
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
  for (const claim of spec.volumeClaimTemplates ?? []) defaultClaim(claim);
  defaultPodTemplate(spec.template);
}

/** A template is shown as the claim that it will be. */
function defaultClaim(claim: PersistentVolumeClaim): void {
  claim.apiVersion ||= "v1";
  claim.kind ||= "PersistentVolumeClaim";
  claim.spec.volumeMode ??= "Filesystem";
  claim.status.phase ??= "Pending";
}

const validateClaim = ({ metadata, spec }: PersistentVolumeClaim, field: string): readonly Cause[] => [
  ...validateLabels(metadata.labels, `${field}.metadata.labels`),
  ...validateAnnotations(metadata.annotations, `${field}.metadata.annotations`),
  ...validateClaimSpec(spec, `${field}.spec`),
];

/** The pods as they will be: with a volume for each claim, in place of one that the template has under that name. */
function withClaims({ template, volumeClaimTemplates = [] }: StatefulSetSpec): PodTemplateSpec {
  const names = new Set(volumeClaimTemplates.map(({ metadata }) => metadata.name));
  if (names.size === 0 || template.spec === undefined) return template;
  const claimed = [...names].map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  return { ...template, spec: { ...template.spec, volumes: [...(template.spec.volumes ?? []).filter(({ name }) => !names.has(name)), ...claimed] } };
}

/** Upstream: pkg/apis/apps/validation ValidateStatefulSetSpec */
const validate = ({ spec }: StatefulSet): readonly Cause[] => [
  ...validateManagement(spec),
  ...validateStrategy(spec),
  ...nonNegative("spec.replicas", spec.replicas),
  ...nonNegative("spec.minReadySeconds", spec.minReadySeconds),
  ...nonNegative("spec.ordinals.start", spec.ordinals?.start),
  ...(spec.serviceName ? eachInvalid("spec.serviceName", spec.serviceName, dns1123Label(spec.serviceName)) : []),
  ...validateSelectedTemplate({ selector: spec.selector, template: withClaims(spec) }, "StatefulSet"),
  ...(spec.volumeClaimTemplates ?? []).flatMap((claim, i) => validateClaim(claim, `spec.volumeClaimTemplates[${i}]`)),
];

const mutable = ["replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"] as const;
const fixed = (spec: StatefulSetSpec): object => Object.fromEntries(Object.entries(spec).filter(([field]) => !mutable.some((m) => m === field)));

/** Upstream: pkg/apis/apps/validation ValidateStatefulSetUpdate */
function validateUpdate(next: StatefulSet, old: StatefulSet): readonly Cause[] {
  if (semanticEqual(fixed(next.spec), fixed(old.spec))) return [];
  const names = mutable.map((field) => `'${field}'`);
  return [forbidden("spec", `updates to statefulset spec for fields other than ${names.slice(0, -1).join(", ")} and ${names.at(-1)} are forbidden`)];
}

export const statefulSets: Resource<StatefulSet> = {
  group: "apps", version: "v1", kind: "StatefulSet", schema: "apps/v1.StatefulSet", scope: "Namespaced",
  names: { plural: "statefulsets", singular: "statefulset", short: ["sts"], categories: ["all"] },
  validateName: (name, prefix) => dns1123Label(prefix ? prefixOf(name) : name),
  defaults,
  validate,
  validateUpdate,
  subresources: {
    status: {
      type: "write", prepareUpdate: (next, old) => { next.spec = old.spec; },
      validateUpdate: ({ status }, old) => [...validateCounts(status, "status.readyReplicas"), ...validateCollisions(status, old.status)],
    },
    scale: {
      type: "scale",
      replicas: ({ spec, status }) => ({ spec: spec.replicas ?? 0, status: status.replicas, selector: labelSelectorOf(spec.selector).toString() }),
      setReplicas: ({ spec }, replicas) => { spec.replicas = replicas; },
    },
  },
  columns: [
    nameColumn,
    { name: "Ready", type: "string", description: "How many of its pods are ready.", cell: ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}` },
    ageColumn,
    ...templateColumns<StatefulSet>(({ spec }) => spec.template),
  ],
};
