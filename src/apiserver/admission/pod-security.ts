import type { Namespace, Pod, PodSpec } from "#api/gen/core-v1.ts";
import { namespaces, pods } from "#api/resources.ts";
import { qualified, type ObjectMeta } from "#apimachinery/meta.ts";
import { invalid } from "#apimachinery/status.ts";
import { groupResourceOf } from "../registry/registry.ts";
import type { AdmissionAttributes } from "./attributes.ts";
import { evaluate, violationText } from "./pod-security/evaluate.ts";
import { namespaceWarnings } from "./pod-security/namespace-warnings.ts";
import { compareLevels, levelText, modes, policyOf, type LevelVersion, type Policy } from "./pod-security/policy.ts";
import { isSignificant } from "./pod-security/significant.ts";
import { concerns, refused, type AdmissionPlugin } from "./plugin.ts";
import { podTemplateOf } from "./pod-template-of.ts";

/** Ways to a pod that do not change what it may do. */
const harmless: ReadonlySet<string> = new Set(["exec", "attach", "binding", "eviction", "log", "portforward", "proxy", "status"]);

/** Holds pods to the level that the labels of their namespace name. Upstream: pod-security-admission/admission */
export const podSecurity: AdmissionPlugin = {
  name: "PodSecurity",
  async validate(attributes, object) {
    const { operation, resource, subresource } = attributes;
    if ((operation !== "CREATE" && operation !== "UPDATE") || object === undefined) return;
    if (concerns(attributes, "", "namespaces")) return await namespaceChanged(attributes, object as Namespace);
    if (resource.group === "" && resource.names.plural === "pods") {
      if (!harmless.has(subresource)) await podWritten(attributes, object as Pod);
      return;
    }
    const template = subresource === "" ? podTemplateOf(qualified(groupResourceOf(resource)), object) : undefined;
    if (template?.spec === undefined) return;
    const policy = await policyIn(attributes);
    remark(attributes, policy, template.metadata, template.spec);
    warn(attributes, policy, template.metadata, template.spec);
  },
};

const annotation = (name: "enforce-policy" | "audit-violations" | "error"): string => `pod-security.kubernetes.io/${name}`;

/** Upstream: Admission.ValidatePod, EvaluatePod */
async function podWritten(attributes: AdmissionAttributes, pod: Pod): Promise<void> {
  const policy = await policyIn(attributes);
  if (policy.causes.length === 0 && modes.every((mode) => policy[mode].level === "privileged")) return attributes.annotate(annotation("enforce-policy"), "privileged:latest");
  if (attributes.operation === "UPDATE" && !isSignificant(pod, attributes.oldObject as Pod)) return;
  attributes.annotate(annotation("enforce-policy"), levelText(policy.enforce));
  remark(attributes, policy, pod.metadata, pod.spec);
  const violations = evaluate(policy.enforce, pod.metadata, pod.spec);
  if (violations.length > 0) throw refused(attributes, `violates PodSecurity "${levelText(policy.enforce)}": ${violationText(violations)}`);
  warn(attributes, policy, pod.metadata, pod.spec);
}

type Judged = Pick<ObjectMeta, "annotations"> | undefined;

function remark(attributes: AdmissionAttributes, policy: Policy, metadata: Judged, spec: PodSpec): void {
  const problems = policy.causes.map(({ field, message }) => `${field}: ${message}`);
  if (problems.length > 0) attributes.annotate(annotation("error"), `Failed to parse policy: ${problems.length === 1 ? problems.join() : `[${problems.join(", ")}]`}`);
  const violations = wouldViolate(policy.audit, metadata, spec);
  if (violations !== undefined) attributes.annotate(annotation("audit-violations"), violations);
}

function warn(attributes: AdmissionAttributes, policy: Policy, metadata: Judged, spec: PodSpec): void {
  const violations = wouldViolate(policy.warn, metadata, spec);
  if (violations !== undefined) attributes.warn(violations);
}

function wouldViolate(level: LevelVersion, metadata: Judged, spec: PodSpec): string | undefined {
  const violations = evaluate(level, metadata, spec);
  return violations.length === 0 ? undefined : `would violate PodSecurity "${levelText(level)}": ${violationText(violations)}`;
}

async function policyIn({ namespace, reader }: AdmissionAttributes): Promise<Policy> {
  return policyOf((await reader.get(namespaces, namespace))?.metadata.labels);
}

/** Labels must be understood; who makes the level stricter learns of the pods that would not fit. Upstream: Admission.ValidateNamespace */
async function namespaceChanged(attributes: AdmissionAttributes, namespace: Namespace): Promise<void> {
  const next = policyOf(namespace.metadata.labels);
  const old = attributes.oldObject === undefined ? undefined : policyOf(attributes.oldObject.metadata.labels);
  const texts = (policy: Policy): string => policy.causes.map(({ message }) => message).join();
  if (next.causes.length > 0 && (old === undefined || texts(next) !== texts(old))) throw invalid({ group: "", kind: "Namespace" }, namespace.metadata.name, next.causes);
  if (old === undefined || levelText(next.enforce) === levelText(old.enforce) || next.enforce.level === "privileged") return;
  if (next.enforce.minor === old.enforce.minor && compareLevels(next.enforce.level, old.enforce.level) < 1) return;
  const inside = await attributes.reader.list(pods, namespace.metadata.name);
  for (const warning of namespaceWarnings(namespace.metadata.name, next.enforce, inside)) attributes.warn(warning);
}
