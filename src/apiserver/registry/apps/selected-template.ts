import type { PodTemplateSpec } from "#api/gen/core-v1.ts";
import type { LabelSelector } from "#api/gen/meta-v1.ts";
import { labelSelectorOf } from "#apimachinery/selectors.ts";
import type { Cause } from "#apimachinery/status.ts";
import { forbidden, invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";
import { validateLabelSelector } from "#apimachinery/validation/selector.ts";
import { validatePodTemplate } from "../core/pod-spec/validate-spec.ts";

type Kind = "ReplicaSet" | "StatefulSet" | "DaemonSet";
interface Selected { readonly selector?: LabelSelector | undefined; readonly template?: PodTemplateSpec }

/**
 * A selector and the template whose pods it must find and which run for ever.
 * @param kind in messages; a Deployment's are those of its ReplicaSets
 * Upstream: pkg/apis/apps/validation ValidateDeploymentSpec, ValidateReplicaSetSpec, ValidateStatefulSetSpec, ValidateDaemonSetSpec
 */
export function validateSelectedTemplate({ selector, template }: Selected, kind: Kind = "ReplicaSet"): readonly Cause[] {
  const causes = validateLabelSelector(selector, "spec.selector");
  if (causes.length > 0) return [...causes, ...besideUnreadable(selector, template, kind)];
  return [...validatePresence(selector, kind), ...validateMatch(selector, template), ...validatePods(template, kind)];
}

/** A selector that cannot be read is told of once more, and its template is not looked at, or not in whole. */
function besideUnreadable(selector: LabelSelector | undefined, template: PodTemplateSpec | undefined, kind: Kind): readonly Cause[] {
  switch (kind) {
    case "ReplicaSet": return [invalidValue("spec.selector", selector, "invalid label selector")];
    case "StatefulSet": return [invalidValue("spec.selector", selector, ""), ...validateLasting(template, kind)];
    case "DaemonSet": return validatePods(template, kind);
  }
}

const validatePods = (template: PodTemplateSpec | undefined, kind: Kind): readonly Cause[] => [...validatePodTemplate(template, "spec.template"), ...validateLasting(template, kind)];

function validatePresence(selector: LabelSelector | undefined, kind: Kind): readonly Cause[] {
  if (selector === undefined) return kind === "DaemonSet" ? [] : [required("spec.selector")];
  if (!labelSelectorOf(selector).empty) return [];
  return [invalidValue("spec.selector", selector, `empty selector is invalid for ${kind === "ReplicaSet" ? "deployment" : kind.toLowerCase()}`)];
}

function validateMatch(selector: LabelSelector | undefined, template: PodTemplateSpec | undefined): readonly Cause[] {
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
