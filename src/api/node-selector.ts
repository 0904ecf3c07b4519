/** Which nodes a pod or a volume asks for. Upstream: component-helpers/scheduling/corev1/nodeaffinity */
import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodSpec } from "./gen/core-v1.ts";

/** What selectors look at. */
export interface SelectableNode { readonly name: string; readonly labels: Readonly<Record<string, string>> }

/** Any of the terms; none at all selects nothing. */
export const selectsNode = (selector: NodeSelector, node: SelectableNode): boolean => selector.nodeSelectorTerms.some((term) => termSelectsNode(term, node));

/** All of the term's requirements; an empty term selects nothing. */
export function termSelectsNode({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: SelectableNode): boolean {
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  return matchExpressions.every((r) => holds(r, Object.hasOwn(node.labels, r.key) ? node.labels[r.key] : undefined)) && matchFields.every((r) => holds(r, r.key === "metadata.name" ? node.name : undefined));
}

/** What `nodeSelector` and required node affinity of a pod ask for. */
export function requiredNodesMatch(spec: PodSpec, node: SelectableNode): boolean {
  for (const key in spec.nodeSelector) if (node.labels[key] !== spec.nodeSelector[key]) return false;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || selectsNode(required, node);
}

function holds({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case "In": return value !== undefined && values.includes(value);
    case "NotIn": return value === undefined || !values.includes(value);
    case "Exists": return value !== undefined;
    case "DoesNotExist": return value === undefined;
    case "Gt": return compare(value, values) > 0;
    case "Lt": return compare(value, values) < 0;
  }
}

/** NaN where either is not an integer: such a requirement does not hold. */
function compare(value: string | undefined, [bound]: readonly string[]): number {
  const integer = /^[+-]?\d+$/;
  return value !== undefined && bound !== undefined && integer.test(value) && integer.test(bound) ? Number(BigInt(value) - BigInt(bound)) : NaN;
}
