import type { HttpResponse, Identity } from "#base/http.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import type { Eviction, PodDisruptionBudget } from "#api/gen/policy-v1.ts";
import { setCondition } from "#api/pod.ts";
import { podDisruptionBudgets } from "#api/resources.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { badRequest, isStatus } from "#apimachinery/status.ts";
import { jsonResponse } from "../filters/responses.ts";
import type { DeleteOptions } from "../registry/deletion.ts";
import { read, update } from "../registry/generic.ts";
import { podDisruptionBudgets as budgetResource } from "../registry/policy/pod-disruption-budget.ts";
import { checkPreconditions, remove } from "../registry/remove.ts";
import { erase } from "../registry/resource.ts";
import { attributesOf, type WriteContext } from "../registry/writes.ts";
import { readObject, type BodyKind } from "./body.ts";
import { writerOf, type Call } from "./call.ts";
import { deleterOf } from "./delete.ts";
import { deletionOf } from "./delete-options.ts";
import { budgetsOf, disrupt, isSpare, isUnguarded, mayRecover, stillProcessing } from "./eviction-rules.ts";
import { writeOptions } from "./options.ts";

const kind: BodyKind = { group: "policy", version: "v1", kind: "Eviction", schema: "policy/v1.Eviction", older: ["v1beta1"] };
const budgetPlace = erase(budgetResource);
const self: Identity = { name: "system:apiserver", groups: ["system:masters"] };
/** Upstream: EvictionsRetry */
const tries = 20;

interface Asked { readonly options: DeleteOptions; readonly dryRun: boolean }

/** POST of `pods/<name>/eviction`: a deletion that a budget may refuse. Upstream: pkg/registry/core/pod/storage/eviction.go */
export async function evict(call: Call): Promise<HttpResponse> {
  const asked = await readEviction(call);
  const pod = await read(call.deps.storage, call.place).then((item) => item.parse<Pod & KubeObject>());
  const several = isUnguarded(pod) ? await evictUnguarded(call, asked) : await evictGuarded(call, pod, asked);
  if (several) return jsonResponse(500, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message: "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.", code: 500 });
  return jsonResponse(201, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 });
}

async function readEviction(call: Call): Promise<Asked> {
  const { ctx, deps, target, place } = call;
  const { dryRun, fieldValidation } = writeOptions(ctx.info.query, "CreateOptions");
  const eviction = await readObject<Eviction & KubeObject>(ctx, kind, fieldValidation);
  if (eviction.metadata.name !== target.name) throw badRequest("name in URL does not match name in Eviction object");
  const deletion = deletionOf((eviction.deleteOptions ?? {}) as Parameters<typeof deletionOf>[0]);
  const writer = writerOf(call, dryRun || deletion.dryRun);
  const attributes = attributesOf(deps.storage, writer, place, "CREATE", "eviction");
  await deps.storage.admission.admit(attributes, eviction);
  await deps.storage.admission.validate(attributes, eviction);
  return { options: deletion.options, dryRun: writer.dryRun };
}

/** Tried again while the pod changes underneath, until it is guarded after all. True: several budgets guard it. */
async function evictUnguarded(call: Call, asked: Asked): Promise<boolean> {
  for (let left = tries; ; left--) {
    const pod = (await read(call.deps.storage, call.place)).parse<Pod & KubeObject>();
    if (!isUnguarded(pod)) return await evictGuarded(call, pod, asked);
    const own = asked.options.preconditions?.resourceVersion !== undefined;
    try {
      await markAndRemove(call, own || !mayRecover(pod) ? asked : pinned(asked, pod));
      return false;
    } catch (err) {
      if (own || left === 0 || !isStatus(err, "Conflict")) throw err;
    }
  }
}

/** The deletion of the pod as it was looked at, and of no later state. */
const pinned = ({ options, dryRun }: Asked, { metadata }: KubeObject): Asked => ({ dryRun, options: { ...options, preconditions: { ...options.preconditions, resourceVersion: metadata.resourceVersion ?? "" } } });

async function evictGuarded(call: Call, pod: Pod & KubeObject, asked: Asked): Promise<boolean> {
  const { storage } = call.deps;
  const [budget, ...others] = budgetsOf(pod, await storage.reader.list(podDisruptionBudgets, call.place.namespace));
  if (others.length > 0) return true;
  const spare = budget !== undefined && isSpare(pod, budget);
  if (budget !== undefined && !spare) await spend(call, budget, pod, asked.dryRun);
  const own = asked.options.preconditions?.resourceVersion !== undefined;
  try {
    await markAndRemove(call, spare && !own ? pinned(asked, pod) : asked);
  } catch (err) {
    if (spare && !own && isStatus(err, "Conflict")) throw stillProcessing(budget.metadata.name);
    throw err;
  }
  return false;
}

/** Takes one disruption from the budget; a lost race is judged anew. */
async function spend({ deps, place }: Call, { metadata }: PodDisruptionBudget, pod: Pod, dryRun: boolean): Promise<void> {
  const now = deps.clock.now();
  await update(deps.storage, { resource: budgetPlace, namespace: place.namespace, name: metadata.name }, {
    subresource: { name: "status", write: { type: "write", prepareUpdate: () => {} } },
    next: (old) => disrupt(old as PodDisruptionBudget & KubeObject, pod.metadata.name, now),
  }, quietly(dryRun));
}

const quietly = (dryRun: boolean): WriteContext => ({ user: self, dryRun, fieldManager: "kube-apiserver", warn: () => {} });

/** Says on the pod why it goes, then deletes it. */
async function markAndRemove(call: Call, { options, dryRun }: Asked): Promise<void> {
  const { deps, place } = call;
  const writer = deleterOf(call, { options, dryRun });
  if (dryRun) return void (await remove(deps.storage, place, options, writer));
  const { item } = await update(deps.storage, place, {
    subresource: { name: "status", write: { type: "write", prepareUpdate: () => {} } },
    next: (old) => marked(call, old as Pod & KubeObject, options),
  }, quietly(false));
  const { resourceVersion, ...preconditions } = options.preconditions ?? {};
  const bumped = resourceVersion === undefined ? {} : { resourceVersion: String(item.revision) };
  await remove(deps.storage, place, { ...options, preconditions: { ...preconditions, ...bumped } }, writer);
}

function marked({ deps, place }: Call, pod: Pod & KubeObject, options: DeleteOptions): KubeObject {
  checkPreconditions(place, pod, options);
  const condition = { type: "DisruptionTarget", status: "True", reason: "EvictionByEvictionAPI", message: "Eviction API: evicting" };
  return { ...pod, status: { ...pod.status, conditions: setCondition(pod.status.conditions, condition, deps.clock.now()) } } as KubeObject;
}
