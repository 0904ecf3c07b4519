import type { PodTemplateSpec } from "#api/gen/core-v1.ts";
import type { LabelSelector } from "#api/gen/meta-v1.ts";
import { labelSelectorOf } from "#apimachinery/selectors.ts";
import type { Cause } from "#apimachinery/status.ts";
import { forbidden, invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";
import { validateLabelSelector } from "#apimachinery/validation/selector.ts";
import { validatePodTemplate } from "../core/pod-spec/validate-spec.ts";

interface Selected { readonly selector?: LabelSelector | undefined; readonly template?: PodTemplateSpec }

/**
 * A selector and the template whose pods it must find and which run for ever.
 * @param kind in messages; a Deployment's are those of its ReplicaSets
 * Upstream: pkg/apis/apps/validation ValidateDeploymentSpec, ValidateReplicaSetSpec, ValidateStatefulSetSpec, ValidateDaemonSetSpec
 */
export const validateSelectedTemplate = ({ selector, template }: Selected, kind: "ReplicaSet" | "StatefulSet" | "DaemonSet" = "ReplicaSet"): readonly Cause[] => [
  ...validateSelector(selector, kind),
  ...validateMatch(selector, template),
  ...validatePodTemplate(template, "spec.template"),
  ...validateLasting(template, kind),
];

function validateSelector(selector: LabelSelector | undefined, kind: string): readonly Cause[] {
  if (selector === undefined) return kind === "DaemonSet" ? [] : [required("spec.selector")];
  const causes = validateLabelSelector(selector, "spec.selector");
  if (causes.length > 0 || !labelSelectorOf(selector).empty) return causes;
  return [invalidValue("spec.selector", selector, `empty selector is invalid for ${kind === "ReplicaSet" ? "deployment" : kind.toLowerCase()}`)];
}

function validateMatch(selector: LabelSelector | undefined, template: PodTemplateSpec | undefined): readonly Cause[] {
  if (validateLabelSelector(selector, "").length > 0) return [];
  const labels = template?.metadata?.labels ?? {};
  return labelSelectorOf(selector).matches(labels) ? [] : [invalidValue("spec.template.metadata.labels", labels, "`selector` does not match template `labels`")];
}

/** @param kind as the message names it */
export function validateLasting(template: PodTemplateSpec | undefined, kind: string): readonly Cause[] {
  const { restartPolicy, activeDeadlineSeconds } = template?.spec ?? {};
  return [
    ...(restartPolicy !== undefined && restartPolicy !== "Always" ? [notSupported("spec.template.spec.restartPolicy", restartPolicy, ["Always"])] : []),
    ...(activeDeadlineSeconds === undefined ? [] : [forbidden("spec.template.spec.activeDeadlineSeconds", `activeDeadlineSeconds in ${kind} is not Supported`)]),
  ];
}

/** As the tables show it. Upstream: metav1.FormatLabelSelector */
export function selectorText(selector: LabelSelector | undefined): string {
  const text = labelSelectorOf(selector).toString();
  return text === "" ? "<none>" : text;
}
