import type { MutatingWebhook, MutatingWebhookConfiguration, ValidatingWebhook, ValidatingWebhookConfiguration } from "#api/gen/admissionregistration-v1.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, eachInvalid, invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";
import { dns1035Label } from "#apimachinery/validation/names.ts";
import { validateFullyQualifiedName } from "#apimachinery/validation/qualified.ts";
import { validateLabelSelector } from "#apimachinery/validation/selector.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import { validateClientConfig } from "../common/webhook-client.ts";
import type { Column, Resource } from "../resource.ts";
import { validateMatchConditions } from "./match-conditions.ts";
import { defaultRules, validateRule } from "./rules.ts";

type Webhook = ValidatingWebhook & Pick<MutatingWebhook, "reinvocationPolicy">;

const reviewVersions: readonly string[] = ["v1", "v1beta1"];
const longestTimeout = 30;
const withoutSideEffects: readonly string[] = ["None", "NoneOnDryRun"];

/** Nothing for an absent value. */
const known = (field: string, value: string | undefined, values: readonly string[]): readonly Cause[] => (value === undefined || values.includes(value) ? [] : [notSupported(field, value, values)]);

/** Upstream: pkg/apis/admissionregistration/validation validateValidatingWebhook, validateMutatingWebhook */
function validateWebhook(hook: Webhook, field: string): readonly Cause[] {
  const { timeoutSeconds: seconds, sideEffects } = hook;
  return [
    ...validateFullyQualifiedName(hook.name, `${field}.name`),
    ...(hook.rules ?? []).flatMap((rule, i) => validateRule(rule, `${field}.rules[${i}]`)),
    ...known(`${field}.failurePolicy`, hook.failurePolicy, ["Fail", "Ignore"]),
    ...known(`${field}.matchPolicy`, hook.matchPolicy, ["Equivalent", "Exact"]),
    ...(sideEffects === undefined ? [required(`${field}.sideEffects`, `must specify one of ${withoutSideEffects.join(", ")}`)] : known(`${field}.sideEffects`, sideEffects, withoutSideEffects)),
    ...(seconds !== undefined && (seconds < 1 || seconds > longestTimeout)
      ? [invalidValue(`${field}.timeoutSeconds`, seconds, "the timeout value must be between 1 and 30 seconds")]
      : []),
    ...validateLabelSelector(hook.namespaceSelector, `${field}.namespaceSelector`),
    ...validateLabelSelector(hook.objectSelector, `${field}.objectSelector`),
    ...known(`${field}.reinvocationPolicy`, hook.reinvocationPolicy, ["IfNeeded", "Never"]),
    ...validateClientConfig(hook.clientConfig, `${field}.clientConfig`),
    ...validateMatchConditions(hook.matchConditions, `${field}.matchConditions`),
    ...validateVersions(hook.admissionReviewVersions, `${field}.admissionReviewVersions`),
  ];
}

/** Upstream: pkg/apis/admissionregistration/validation validateAdmissionReviewVersions */
function validateVersions(versions: readonly string[], field: string): readonly Cause[] {
  if (versions.length === 0) return [required(field, `must specify one of ${reviewVersions.join(", ")}`)];
  return [
    ...versions.flatMap((version, i) => eachInvalid(`${field}[${i}]`, version, versions.indexOf(version) < i ? ["duplicate version"] : dns1035Label(version))),
    ...(versions.some((version) => reviewVersions.includes(version)) ? [] : [invalidValue(field, versions, `must include at least one of ${reviewVersions.join(", ")}`)]),
  ];
}

const validateAll = (hooks: readonly Webhook[] = []): readonly Cause[] => hooks.flatMap((hook, i) => [
  ...validateWebhook(hook, `webhooks[${i}]`),
  ...(hook.name !== "" && hooks.findIndex(({ name }) => name === hook.name) < i ? [duplicate(`webhooks[${i}].name`, hook.name)] : []),
]);

/** Upstream: pkg/apis/admissionregistration/v1 SetDefaults_ValidatingWebhook, SetDefaults_MutatingWebhook */
function defaultWebhook(hook: Webhook): void {
  hook.failurePolicy ??= "Fail";
  hook.matchPolicy ??= "Equivalent";
  hook.namespaceSelector ??= {};
  hook.objectSelector ??= {};
  hook.timeoutSeconds ??= 10;
  if (hook.clientConfig.service !== undefined) hook.clientConfig.service.port ??= 443;
  defaultRules(hook.rules);
}

const columns: readonly Column<KubeObject & { readonly webhooks?: readonly unknown[] }>[] = [
  nameColumn,
  { name: "Webhooks", type: "integer", description: "How many webhooks there are.", cell: ({ webhooks }) => webhooks?.length ?? 0 },
  ageColumn,
];

const common = { group: "admissionregistration.k8s.io", version: "v1", scope: "Cluster", generation: true, columns } as const;

export const validatingWebhookConfigurations: Resource<ValidatingWebhookConfiguration> = {
  ...common, kind: "ValidatingWebhookConfiguration", schema: "admissionregistration/v1.ValidatingWebhookConfiguration",
  names: { plural: "validatingwebhookconfigurations", singular: "validatingwebhookconfiguration", categories: ["api-extensions"] },
  defaults({ webhooks }) {
    for (const hook of webhooks ?? []) defaultWebhook(hook);
  },
  validate: ({ webhooks }) => validateAll(webhooks),
};

export const mutatingWebhookConfigurations: Resource<MutatingWebhookConfiguration> = {
  ...common, kind: "MutatingWebhookConfiguration", schema: "admissionregistration/v1.MutatingWebhookConfiguration",
  names: { plural: "mutatingwebhookconfigurations", singular: "mutatingwebhookconfiguration", categories: ["api-extensions"] },
  defaults({ webhooks }) {
    for (const hook of webhooks ?? []) {
      defaultWebhook(hook);
      hook.reinvocationPolicy ??= "Never";
    }
  },
  validate: ({ webhooks }) => validateAll(webhooks),
};
