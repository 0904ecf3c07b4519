import type { HttpResponse } from "#base/http.ts";
import type { Eviction } from "#api/gen/policy-v1.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { badRequest } from "#apimachinery/status.ts";
import { jsonResponse } from "../filters/responses.ts";
import { remove } from "../registry/remove.ts";
import { readObject, type BodyKind } from "./body.ts";
import { writerOf, type Call } from "./call.ts";
import { deletionOf } from "./delete-options.ts";
import { writeOptions } from "./options.ts";

const kind: BodyKind = { group: "policy", version: "v1", kind: "Eviction", schema: "policy/v1.Eviction" };

/** POST of `pods/<name>/eviction`: a deletion that may be refused. Upstream: pkg/registry/core/pod/storage/eviction.go */
export async function evict(call: Call): Promise<HttpResponse> {
  const { ctx, deps, target, place } = call;
  const asked = writeOptions(ctx.info.query, "CreateOptions");
  const eviction = await readObject<Eviction & KubeObject>(ctx, kind, asked.fieldValidation);
  if (eviction.metadata.name && eviction.metadata.name !== target.name) throw badRequest("name in URL does not match name in Eviction object");
  const { options, dryRun } = deletionOf((eviction.deleteOptions ?? {}) as Parameters<typeof deletionOf>[0]);
  await remove(deps.storage, place, options, writerOf(call, dryRun || asked.dryRun));
  return jsonResponse(201, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 });
}
