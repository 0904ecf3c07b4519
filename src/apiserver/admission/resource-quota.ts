import type { ResourceQuota } from "#api/gen/core-v1.ts";
import { evaluatorOf } from "#api/quota/evaluators.ts";
import { resourceQuotas } from "#api/resources.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { internalError } from "#apimachinery/status.ts";
import type { Clock } from "#base/clock.ts";
import type { AdmissionAttributes, Reader } from "./attributes.ts";
import { refused, type AdmissionPlugin } from "./plugin.ts";
import { charge, type QuotaRequest } from "./quota-check.ts";

/** Writes the quota's status if it still stands at its resourceVersion; false: somebody was quicker. Throws when the write fails. */
export type SaveQuota = (quota: ResourceQuota) => Promise<boolean>;

/** Rounds after the first that are lost to others before a request is given up. Upstream: checkQuotas remainingRetries */
const retries = 3;

/** A request that waits for its verdict. */
interface Waiter { readonly attributes: AdmissionAttributes; readonly request: QuotaRequest; readonly accept: () => void; readonly refuse: (err: unknown) => void }

/**
 * Charges what is created to the quotas of its namespace, and refuses what would exceed one. Requests for one
 * namespace are charged together: all that came while a round was being written make up the next one.
 * Must come last: what another plugin refuses after it stays charged until usage is counted again.
 * Upstream: apiserver/pkg/admission/plugin/resourcequota
 */
export function resourceQuota(clock: Clock, save: SaveQuota): AdmissionPlugin {
  const waiting = new Map<string, Waiter[]>();
  const work = async (namespace: string, reader: Reader): Promise<void> => {
    for (let waiters = waiting.get(namespace) ?? []; waiters.length > 0; waiters = waiting.get(namespace) ?? []) {
      waiting.set(namespace, []);
      try {
        await settle(await reader.list(resourceQuotas, namespace), waiters, { save, reader, left: retries });
      } catch (err) {
        for (const { refuse } of waiters) refuse(err);
      }
    }
    waiting.delete(namespace);
  };
  return {
    name: "ResourceQuota",
    async validate(attributes, object) {
      const { namespace, reader } = attributes;
      if (object === undefined || !isCharged(attributes) || (await reader.list(resourceQuotas, namespace)).length === 0) return;
      const evaluator = evaluatorOf({ group: attributes.resource.group, resource: attributes.resource.names.plural });
      const request: QuotaRequest = { evaluator, object: object as KubeObject, old: attributes.oldObject, now: clock.now() };
      await new Promise<void>((accept, refuse) => {
        const waiter: Waiter = { attributes, request, accept, refuse };
        const others = waiting.get(namespace);
        others?.push(waiter);
        if (others !== undefined) return;
        waiting.set(namespace, [waiter]);
        void work(namespace, reader);
      });
    },
  };
}

/** Never counted: events, and what is not stored. Upstream: pkg/quota/v1/install DefaultIgnoredResources */
function isCharged({ operation, subresource, namespace, resource }: AdmissionAttributes): boolean {
  if (namespace === "" || resource.scope === "Cluster" || resource.names.plural === "events" || resource.verbs?.includes("list") === false) return false;
  if (operation === "CREATE") return subresource === "";
  return operation === "UPDATE" && evaluatorOf({ group: resource.group, resource: resource.names.plural }).chargesUpdate?.(subresource) === true;
}

interface Round { readonly save: SaveQuota; readonly reader: Reader; readonly left: number }

/** One round: verdicts in memory, one write for each quota that changes, and another round for those that others changed first. */
async function settle(quotas: readonly ResourceQuota[], waiters: readonly Waiter[], round: Round): Promise<void> {
  const { accepted, quotas: charged } = judge(quotas, waiters);
  const lost: string[] = [];
  for (const [i, quota] of charged.entries()) if (quota !== quotas[i] && !(await round.save(quota))) lost.push(quota.metadata.name);
  const [first] = accepted;
  if (lost.length === 0 || first === undefined) return accepted.forEach(({ accept }) => accept());
  if (round.left === 0) throw internalError(new Error(`the status of quota ${lost.join(",")} could not be updated`));
  const again = (await round.reader.list(resourceQuotas, first.attributes.namespace)).filter(({ metadata }) => lost.includes(metadata.name));
  return await settle(again, accepted, { ...round, left: round.left - 1 });
}

/** Refuses those that exceed; what is left is accepted once the charges are written. */
function judge(quotas: readonly ResourceQuota[], waiters: readonly Waiter[]): { readonly accepted: readonly Waiter[]; readonly quotas: readonly ResourceQuota[] } {
  let current = quotas;
  const accepted = waiters.filter(({ attributes, request, refuse }) => {
    const outcome = charge(current, request);
    if (!outcome.ok) refuse(refused(attributes, outcome.why));
    else if (!attributes.dryRun) current = outcome.quotas;
    return outcome.ok;
  });
  return { accepted, quotas: current };
}
