import type { PodTemplateSpec } from "#api/gen/core-v1.ts";
import type { LabelSelector } from "#api/gen/meta-v1.ts";
import { labelSelectorOf } from "#apimachinery/selectors.ts";
import type { Cause } from "#apimachinery/status.ts";
import { forbidden, invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";
import { validateLabelSelector } from "#apimachinery/validation/selector.ts";
import { validatePodTemplate } from "../core/pod-spec/validate-spec.ts";

/** A selector and the template whose pods it must find. Upstream: pkg/apis/apps/validation ValidateDeploymentSpec, ValidateReplicaSetSpec */
export function validateSelectedTemplate({ selector, template }: { readonly selector?: LabelSelector; readonly template?: PodTemplateSpec }): readonly Cause[] {
  const causes = [...validateSelector(selector)];
  const labels = template?.metadata?.labels ?? {};
  if (causes.length === 0 && !labelSelectorOf(selector).matches(labels)) causes.push(invalidValue("spec.template.metadata.labels", labels, "`selector` does not match template `labels`"));
  causes.push(...validatePodTemplate(template, "spec.template"));
  const { restartPolicy, activeDeadlineSeconds } = template?.spec ?? {};
  if (restartPolicy !== undefined && restartPolicy !== "Always") causes.push(notSupported("spec.template.spec.restartPolicy", restartPolicy, ["Always"]));
  if (activeDeadlineSeconds !== undefined) causes.push(forbidden("spec.template.spec.activeDeadlineSeconds", "activeDeadlineSeconds in ReplicaSet is not Supported"));
  return causes;
}

function validateSelector(selector: LabelSelector | undefined): readonly Cause[] {
  if (selector === undefined) return [required("spec.selector")];
  const causes = validateLabelSelector(selector, "spec.selector");
  if (causes.length > 0 || !labelSelectorOf(selector).empty) return causes;
  return [invalidValue("spec.selector", selector, "empty selector is invalid for deployment")];
}

/** As the tables show it. Upstream: metav1.FormatLabelSelector */
export function selectorText(selector: LabelSelector | undefined): string {
  const text = labelSelectorOf(selector).toString();
  return text === "" ? "<none>" : text;
}
