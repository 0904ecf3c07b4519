import { decode } from "#apimachinery/decode.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { cloneJson } from "#apimachinery/records.ts";
import { apiSchema } from "#api/schema.ts";
import type { AnyResource } from "./resource.ts";

type WithStatus = KubeObject & { status?: unknown };

/** A new object has no status yet, whatever its maker wrote. */
export function emptyStatus(resource: AnyResource, obj: WithStatus): void {
  setStatus(obj, resource.custom !== undefined ? undefined : decode(apiSchema, resource.schema, { metadata: {} }).object["status"]);
}

/** The status stays as it was: it is written through its own subresource. */
export const takeStatus = (next: WithStatus, old: WithStatus): void => setStatus(next, cloneJson(old.status));

function setStatus(obj: WithStatus, status: unknown): void {
  if (status === undefined) delete obj.status;
  else obj.status = status;
}
