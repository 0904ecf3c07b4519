import type { Asked } from "../../support/https.ts";

/** A request that must be refused, and the whole Status that says so. `<n>`, `<uid>` and `<time>` stand for what differs between runs; owners of fields are left out. */
export interface Refusal {
  readonly name: string;
  readonly ask: Pick<Asked, "body" | "type" | "headers"> & { readonly method: string; readonly path: string; /** The administrator where left out. */ readonly as?: "bob" | "nobody" };
  readonly want: { readonly code: number; /** Absent where the answer is plain text. */ readonly reason?: string; readonly message: string; readonly details?: object };
  /** Where the words were looked up. */
  readonly upstream: string;
  /** Kubernetes 1.20.2 was asked the same and answered the same. */
  readonly seen?: true;
  /** How upstream differs, where we mean to. */
  readonly differs?: string;
}

/** What an answer says, without what differs between runs. */
export function told(status: number, text: string): Refusal["want"] {
  const masked = text.replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, "<uid>").replaceAll(/current: \d+/g, "current: <n>").replaceAll(/(in record \()\d+/g, "$1<n>")
    .replaceAll(/(resourceVersion\\*":\\*")\d+/g, "$1<n>").replaceAll(/(creationTimestamp\\*":\\*")[^"\\]+/g, "$1<time>").replaceAll(/Bad_[a-z0-9]{5}/g, "Bad_<x>")
    .replaceAll(/,\\*"managedFields\\*":\[[^\]]*\]/g, "");
  if (!masked.startsWith("{")) return { code: status, message: masked };
  const { code, reason, message, details } = JSON.parse(masked) as Refusal["want"];
  return { code, ...(reason !== undefined && { reason }), message, ...(details !== undefined && { details }) };
}
