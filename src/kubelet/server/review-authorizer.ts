import type { Clock } from "#base/clock.ts";
import type { Identity } from "#base/http.ts";
import type { SubjectAccessReview } from "#api/gen/authorization-v1.ts";
import type { Client } from "#client/client.ts";
import type { Authorize } from "./identity.ts";
import { nodeSubresources } from "./routes.ts";

const ALLOWED_MS = 300_000;
const DENIED_MS = 30_000;
const MAX_ANSWERS = 1_000;

/**
 * Asks the API server (SubjectAccessReview on `nodes/<subresource>` of this node) and keeps answers for a while, as upstream's
 * kubelet in mode Webhook does. `system:masters` is not asked for: the API server allows it everything.
 */
export function newReviewAuthorizer({ client, nodeName, clock }: { readonly client: Client; readonly nodeName: string; readonly clock: Clock }): Authorize {
  const answers = new Map<string, { readonly allowed: boolean; readonly until: number }>();
  return async (identity, verb, path) => {
    if (identity.groups.includes("system:masters")) return true;
    const subresources = nodeSubresources(path);
    const key = JSON.stringify([identity.name, identity.groups, verb, subresources]);
    const known = answers.get(key);
    if (known !== undefined && known.until > clock.now()) return known.allowed;
    let allowed = false;
    for (const subresource of subresources) allowed ||= await review(client, identity, { verb, resource: "nodes", subresource, name: nodeName, version: "v1" });
    if (answers.size >= MAX_ANSWERS) answers.clear();
    answers.set(key, { allowed, until: clock.now() + (allowed ? ALLOWED_MS : DENIED_MS) });
    return allowed;
  };
}

async function review(client: Client, { name, groups }: Identity, resourceAttributes: NonNullable<SubjectAccessReview["spec"]["resourceAttributes"]>): Promise<boolean> {
  const body = { apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", spec: { user: name, groups: [...groups], resourceAttributes } };
  const answer = await client.request<SubjectAccessReview>({ method: "POST", path: "/apis/authorization.k8s.io/v1/subjectaccessreviews", body });
  return answer.status.allowed;
}
