import { maxNodeScore, skip, type Plugin } from "../framework.ts";

/** Prefers nodes whose CPU and memory would be used to a like degree. Upstream: pkg/scheduler/framework/plugins/noderesources/balanced_allocation.go */
export const nodeResourcesBalancedAllocation: Plugin = {
  name: "NodeResourcesBalancedAllocation",
  weight: 1,
  preScore: ({ requests }) => (requests.milliCpu === 0 && requests.memory === 0 ? skip : undefined),
  score({ requests }, { allocatable, requested }) {
    if (allocatable.milliCpu === 0 || allocatable.memory === 0) return maxNodeScore;
    const cpu = Math.min(1, (requested.milliCpu + requests.milliCpu) / allocatable.milliCpu);
    const memory = Math.min(1, (requested.memory + requests.memory) / allocatable.memory);
    const deviation = Math.abs(cpu - memory) / 2; // the standard deviation of two
    return Math.trunc((1 - deviation) * maxNodeScore);
  },
};
