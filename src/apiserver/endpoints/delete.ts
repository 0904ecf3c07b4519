import type { HttpResponse } from "#base/http.ts";
import { jsonResponse } from "../filters/responses.ts";
import { remove, type Removed } from "../registry/remove.ts";
import type { Place, WriteContext } from "../registry/writes.ts";
import { writerOf, type Call } from "./call.ts";
import { readDeletion, type Deletion } from "./delete-options.ts";
import { objectResponse } from "./get.ts";

/** DELETE of one object: a Status when it is gone, the object when it is on its way. */
export async function deleteOne(call: Call): Promise<HttpResponse> {
  const deletion = await readDeletion(call.ctx);
  const { options } = deletion;
  const removed = await remove(call.deps.storage, call.place, options, deleterOf(call, deletion));
  if (!removed.gone) return objectResponse(call, options.orphanDependents === false ? 202 : 200, removed.item);
  return jsonResponse(200, successOf(call.place, removed));
}

/** Who deletes, for the write path. */
export const deleterOf = (call: Call, { options, dryRun }: Deletion): WriteContext =>
  writerOf(call, dryRun, () => ({ ...options, ...(dryRun && { dryRun: ["All"] }) }));

/** Upstream: apiserver/pkg/endpoints/handlers/delete.go, "return metav1.Status" */
function successOf({ resource, name }: Place, { item }: Removed): object {
  const { uid } = item.parse().metadata;
  const details = { name, ...(resource.group !== "" && { group: resource.group }), kind: resource.names.plural, uid };
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details };
}
