import type { ClusterRole, PolicyRule } from "#api/gen/rbac-v1.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import { labelSelectorOf } from "#apimachinery/selectors.ts";

/** The rules that an aggregated role gathers, each once; undefined when it holds them already, or gathers none. Upstream: pkg/controller/clusterroleaggregation syncClusterRole */
export function plan(role: ClusterRole, all: readonly ClusterRole[]): readonly PolicyRule[] | undefined {
  const selectors = role.aggregationRule?.clusterRoleSelectors;
  if (selectors === undefined) return undefined;
  const others = all.filter(({ metadata }) => metadata.name !== role.metadata.name).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const rules: PolicyRule[] = [];
  for (const selector of selectors.map(labelSelectorOf)) {
    const found = others.filter(({ metadata }) => selector.matches(metadata.labels)).flatMap((other) => other.rules ?? []);
    for (const rule of found) if (!rules.some((known) => semanticEqual(known, rule))) rules.push(rule);
  }
  return semanticEqual(rules, role.rules) ? undefined : rules;
}
