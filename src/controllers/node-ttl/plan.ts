export const ttlAnnotation = "node.alpha.kubernetes.io/ttl";

interface Step { readonly least: number; readonly most: number; readonly seconds: number }

/** They overlap, so that a cluster at a boundary does not go to and fro. Upstream: pkg/controller/ttl ttlBoundaries */
const steps: readonly Step[] = [
  { least: 0, most: 100, seconds: 0 }, { least: 90, most: 500, seconds: 15 }, { least: 450, most: 1000, seconds: 30 },
  { least: 900, most: 2000, seconds: 60 }, { least: 1800, most: 10_000, seconds: 300 }, { least: 9000, most: Infinity, seconds: 600 },
];

/** How long kubelets may keep Secrets and ConfigMaps before they look again, in a cluster of so many nodes. @param before what it was */
export function ttlSeconds(nodes: number, before: number): number {
  let at = Math.max(0, steps.findIndex(({ seconds }) => seconds === before));
  while (nodes > (steps[at]?.most ?? Infinity)) at++;
  while (nodes < (steps[at]?.least ?? 0)) at--;
  return steps[at]?.seconds ?? 0;
}
