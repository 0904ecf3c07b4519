import { maxNodeScore, type Cluster, type Plugin } from "./framework.ts";
import type { NodeInfo } from "./node-info.ts";
import type { PodInfo } from "./pod-info.ts";

/** The weighted sum of all plugins' scores; element i is of `nodes[i]`. */
export function scoreNodes(plugins: readonly Plugin[], pod: PodInfo, nodes: readonly NodeInfo[], cluster: Cluster): Float64Array {
  const totals = new Float64Array(nodes.length);
  const scores = new Float64Array(nodes.length);
  for (const plugin of plugins) {
    if (plugin.score === undefined) continue;
    const state = plugin.preScore?.(pod, nodes, cluster);
    if (isSkip(state)) continue;
    for (const [i, node] of nodes.entries()) scores[i] = plugin.score(pod, node, state);
    normalize(plugin, scores, nodes, state);
    const weight = plugin.weight ?? 1;
    for (let i = 0; i < totals.length; i++) totals[i] = (totals[i] ?? 0) + weight * (scores[i] ?? 0);
  }
  return totals;
}

/** The place of a highest score, any of them with the same chance. @param random 0 ≤ x < 1 */
export function indexOfBest(scores: Float64Array, random: () => number): number {
  let best = 0;
  let ties = 1;
  for (let i = 1; i < scores.length; i++) {
    const difference = (scores[i] ?? 0) - (scores[best] ?? 0);
    if (difference > 0) {
      best = i;
      ties = 1;
    } else if (difference === 0 && random() < 1 / ++ties) best = i;
  }
  return best;
}

function normalize(plugin: Plugin, scores: Float64Array, nodes: readonly NodeInfo[], state: unknown): void {
  if (plugin.normalize !== undefined) return plugin.normalize(scores, nodes, state);
  if (plugin.best === undefined) return;
  let most = 0;
  for (const score of scores) most = Math.max(most, score);
  for (let i = 0; i < scores.length; i++) {
    const share = most === 0 ? 0 : Math.trunc((maxNodeScore * (scores[i] ?? 0)) / most);
    scores[i] = plugin.best === "lowest" ? maxNodeScore - share : share;
  }
}

const isSkip = (state: unknown): boolean => typeof state === "object" && state !== null && "skip" in state && state.skip === true;
