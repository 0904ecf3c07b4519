import { fits, rejectedForGood, type Plugin } from "../framework.ts";

/** Upstream: pkg/scheduler/framework/plugins/schedulinggates */
export const schedulingGates: Plugin = {
  name: "SchedulingGates",
  preEnqueue({ pod }) {
    const gates = pod.spec.schedulingGates ?? [];
    return gates.length === 0 ? fits : rejectedForGood(`waiting for scheduling gates: ${gates.map((g) => g.name).join(", ")}`);
  },
};
