import type { Pod } from "#api/gen/core-v1.ts";
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from "#api/gen/policy-v1.ts";
import { podDisruptionBudgets, pods } from "#api/resources.ts";
import { keyOf } from "#apimachinery/meta.ts";
import { labelSelectorOf } from "#apimachinery/selectors.ts";
import type { Component } from "#base/component.ts";
import { ignore } from "../ignore.ts";
import type { Again } from "../reconciler.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { failed, needsScale, plan, type Plan } from "./plan.ts";
import { NoScale, Scales } from "./scale.ts";

/** Counts for every budget what may be disrupted now. Key: the budget. */
export function disruptionController(deps: ControllerDeps): Component {
  const budgets = deps.informers.for(podDisruptionBudgets);
  const podCache = deps.informers.for(pods);
  const events = deps.events("controllermanager");
  return newController(deps, (client) => {
    const scales = new Scales(client, deps.informers);
    const guarded = ({ metadata, spec }: PodDisruptionBudget): readonly Pod[] => {
      const selector = labelSelectorOf(spec.selector);
      return podCache.list(metadata.namespace ?? "").filter((pod) => selector.matches(pod.metadata.labels));
    };
    const guarding = ({ metadata }: Pod): readonly string[] =>
      budgets.list(metadata.namespace ?? "").filter(({ spec }) => labelSelectorOf(spec.selector).matches(metadata.labels)).map(keyOf);
    const save = async (budget: PodDisruptionBudget, status: PodDisruptionBudgetStatus, signal: AbortSignal): Promise<void> => {
      await client.resource(podDisruptionBudgets).update({ ...budget, status }, { subresource: "status", signal }).then(() => undefined, ignore("NotFound"));
    };
    const tell = (budget: PodDisruptionBudget, { kept }: Plan, found: readonly Pod[]): void => {
      if (found.length === 0) events.event(budget, "Normal", "NoPods", "No matching pods found");
      for (const pod of kept) events.event(pod, "Warning", "NotDeleted", `Pod was expected by PDB ${keyOf(budget)} to be deleted but it wasn't`);
    };
    return {
      sources: [source(podDisruptionBudgets, budgets, (budget) => [keyOf(budget)]), source(pods, podCache, guarding), ...scales.sources],
      reconciler: {
        name: "disruption",
        async reconcile(key, signal): Promise<Again | void> {
          const budget = budgets.get(key);
          if (budget === undefined) return;
          const now = deps.clock.now();
          const found = guarded(budget);
          try {
            const next = plan(budget, found, needsScale(budget) ? await scales.of(found, signal) : 0, now);
            tell(budget, next, found);
            if (next.status !== undefined) await save(budget, next.status, signal);
            return next.recheckAt === undefined ? undefined : { afterMs: next.recheckAt - now + 1 };
          } catch (err) {
            if (!(err instanceof NoScale)) throw err;
            events.event(budget, "Warning", "CalculateExpectedPodCountFailed", `Failed to calculate the number of expected pods: ${err.message}`);
            const status = failed(budget, err.message, now);
            if (status !== undefined) await save(budget, status, signal);
            throw err;
          }
        },
      },
    };
  });
}
