import { decode } from "#apimachinery/decode.ts";
import { isRecord } from "#apimachinery/equal.ts";
import { badRequest, invalid, isStatus, type Cause } from "#apimachinery/status.ts";
import { invalidValue, notSupported } from "#apimachinery/validation/causes.ts";
import { apiSchema } from "#api/schema.ts";
import { isTrue } from "../filters/connect-verbs.ts";
import type { RequestContext } from "../filters/context.ts";
import { readBody } from "../http/body.ts";
import type { DeleteOptions } from "../registry/deletion.ts";
import { noKind, notAnObject } from "./body.ts";
import { formatOf, parseAs } from "./formats.ts";
import { dryRunOf, integer } from "./options.ts";

export interface Deletion { readonly options: DeleteOptions; readonly dryRun: boolean }

const policies = ["Foreground", "Background", "Orphan"] as const;

/** From the body, or from the query where there is none. Throws BadRequest, Invalid. Upstream: apiserver/pkg/endpoints/handlers/delete.go */
export async function readDeletion(ctx: RequestContext): Promise<Deletion> {
  const bytes = await readBody(ctx.request);
  return bytes.length > 0 ? fromBody(ctx, bytes) : fromQuery(ctx.info.query);
}

function fromBody(ctx: RequestContext, bytes: Buffer): Deletion {
  const value = parsed(ctx, bytes);
  if (!isRecord(value)) throw badRequest(`${noKind}${notAnObject(value)}`);
  if (value["kind"] !== undefined && value["kind"] !== "DeleteOptions") throw badRequest("decoded object cannot be converted to DeleteOptions");
  return deletionOf(decode(apiSchema, "meta/v1.DeleteOptions", value).object as DeleteOptions & { dryRun?: readonly string[] });
}

function parsed(ctx: RequestContext, bytes: Buffer): unknown {
  try {
    return parseAs(formatOf(ctx.request.headers["content-type"]), bytes, "meta/v1.DeleteOptions").value;
  } catch (err) {
    if (isStatus(err, "BadRequest")) throw badRequest(`${noKind}${err.message}`);
    throw err;
  }
}

function fromQuery(query: URLSearchParams): Deletion {
  const grace = integer(query, "gracePeriodSeconds");
  const policy = query.get("propagationPolicy");
  return deletionOf({
    dryRun: query.getAll("dryRun"),
    ...(grace !== undefined && { gracePeriodSeconds: grace }),
    ...(policy !== null && { propagationPolicy: policy as (typeof policies)[number] }),
    ...(query.has("orphanDependents") && { orphanDependents: isTrue(query, "orphanDependents") }),
  });
}

/** Upstream: metav1 validation ValidateDeleteOptions */
export function deletionOf({ dryRun, ...options }: DeleteOptions & { readonly dryRun?: readonly string[] }): Deletion {
  const causes: Cause[] = [];
  const { propagationPolicy: policy, orphanDependents, gracePeriodSeconds } = options;
  if (policy !== undefined && orphanDependents !== undefined) causes.push(invalidValue("propagationPolicy", policy, "orphanDependents and deletionPropagation cannot be both set"));
  if (policy !== undefined && !policies.includes(policy)) causes.push(notSupported("propagationPolicy", policy, [...policies, "nil"]));
  const dry = dryRunOf(dryRun ?? [], causes);
  if (causes.length > 0) throw invalid({ group: "meta.k8s.io", kind: "DeleteOptions" }, "", causes);
  return { dryRun: dry, options: { ...options, ...(gracePeriodSeconds !== undefined && gracePeriodSeconds < 0 && { gracePeriodSeconds: 1 }) } };
}
