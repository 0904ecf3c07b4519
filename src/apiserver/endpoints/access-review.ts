import type { HttpResponse, Identity } from "#base/http.ts";
import type { SelfSubjectAccessReview, SelfSubjectRulesReview, SubjectAccessReview, SubjectAccessReviewSpec } from "#api/gen/authorization-v1.ts";
import type { PolicyRule } from "#api/gen/rbac-v1.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { badRequest, invalid, type Cause } from "#apimachinery/status.ts";
import { invalidValue } from "#apimachinery/validation/causes.ts";
import type { Authorizer, AuthorizationRequest } from "../authz/authorizer.ts";
import type { RbacIndex } from "../authz/rbac-index.ts";
import { jsonResponse } from "../filters/responses.ts";
import { readObject } from "./body.ts";
import type { Call, Endpoint } from "./call.ts";
import { writeOptions } from "./options.ts";

/** POST of SubjectAccessReview, and of LocalSubjectAccessReview whose namespace must be the URL's. Upstream: pkg/registry/authorization */
export function subjectAccessReview(authorizer: Authorizer): Endpoint {
  return async (call): Promise<HttpResponse> => {
    const review = await body<SubjectAccessReview & KubeObject>(call);
    const { spec } = review;
    const causes = [...attributeCauses(spec), ...(!spec.user && (spec.groups ?? []).length === 0 ? [invalidValue("spec.user", "", "at least one of user or group must be specified")] : [])];
    refuse(call, [...causes, ...metadataCauses(review), ...localCauses(call, spec)]);
    const user: Identity = { name: spec.user ?? "", groups: spec.groups ?? [], ...(spec.uid && { uid: spec.uid }), ...(spec.extra && { extra: spec.extra }) };
    return answer(review, await decided(authorizer, user, spec));
  };
}

/** POST of SelfSubjectAccessReview: may I? */
export function selfSubjectAccessReview(authorizer: Authorizer): Endpoint {
  return async (call): Promise<HttpResponse> => {
    const review = await body<SelfSubjectAccessReview & KubeObject>(call);
    refuse(call, [...attributeCauses(review.spec), ...metadataCauses(review)]);
    return answer(review, await decided(authorizer, call.ctx.user, review.spec));
  };
}

/** POST of SelfSubjectRulesReview: what may I do in this namespace, as far as RBAC tells. */
export function selfSubjectRulesReview(index: RbacIndex): Endpoint {
  return async (call): Promise<HttpResponse> => {
    const review = await body<SelfSubjectRulesReview & KubeObject>(call);
    const namespace = review.spec.namespace ?? "";
    if (namespace === "") throw badRequest("no namespace on request");
    const { user } = call.ctx;
    const everything: PolicyRule[] = user.groups.includes("system:masters") ? [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }, { verbs: ["*"], nonResourceURLs: ["*"] }] : [];
    const rules: PolicyRule[] = [...everything, ...index.grants(user, namespace).flatMap((grant) => grant.rules)];
    return answer(review, {
      resourceRules: rules.filter((r) => (r.resources ?? []).length > 0).map(({ verbs, apiGroups, resources, resourceNames }) => ({ verbs, apiGroups, resources, ...(resourceNames && { resourceNames }) })),
      nonResourceRules: rules.filter((r) => (r.nonResourceURLs ?? []).length > 0).map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
      incomplete: false,
    });
  };
}

const body = <T extends KubeObject>({ ctx, place }: Call): Promise<T> => readObject<T>(ctx, place.resource, writeOptions(ctx.info.query, "CreateOptions").fieldValidation);
const answer = (review: KubeObject, status: unknown): HttpResponse => jsonResponse(201, { ...review, status });

function attributeCauses({ resourceAttributes, nonResourceAttributes }: SubjectAccessReviewSpec): Cause[] {
  if (resourceAttributes !== undefined && nonResourceAttributes !== undefined) return [invalidValue("spec.nonResourceAttributes", nonResourceAttributes, "cannot be specified in combination with resourceAttributes")];
  if (resourceAttributes === undefined && nonResourceAttributes === undefined) return [invalidValue("spec.resourceAttributes", null, "exactly one of nonResourceAttributes or resourceAttributes must be specified")];
  return [];
}

/** Upstream: pkg/apis/authorization/validation ValidateSubjectAccessReview */
function metadataCauses({ metadata }: KubeObject): Cause[] {
  const { creationTimestamp: _, managedFields: _managed, namespace: _namespace, ...rest } = metadata;
  return Object.keys(rest).length === 0 ? [] : [invalidValue("metadata", metadata, "must be empty")];
}

/** Upstream: pkg/apis/authorization/validation ValidateLocalSubjectAccessReview */
function localCauses({ place }: Call, { resourceAttributes, nonResourceAttributes }: SubjectAccessReviewSpec): Cause[] {
  if (place.resource.scope !== "Namespaced") return [];
  const namespace = resourceAttributes?.namespace ?? "";
  return [
    ...(resourceAttributes !== undefined && namespace !== place.namespace ? [invalidValue("spec.resourceAttributes.namespace", namespace, "must match metadata.namespace")] : []),
    ...(nonResourceAttributes === undefined ? [] : [invalidValue("spec.nonResourceAttributes", nonResourceAttributes, "disallowed on this kind of request")]),
  ];
}

function refuse({ place }: Call, causes: readonly Cause[]): void {
  if (causes.length > 0) throw invalid(place.resource, "", causes);
}

async function decided(authorizer: Authorizer, user: Identity, spec: SubjectAccessReviewSpec): Promise<Record<string, unknown>> {
  const { allowed, denied, reason } = await authorizer.authorize(questionOf(user, spec));
  return { allowed, ...(denied === true && { denied }), ...(reason !== "" && { reason }) };
}

function questionOf(user: Identity, { resourceAttributes: r, nonResourceAttributes: n }: SubjectAccessReviewSpec): AuthorizationRequest {
  if (r === undefined) return { user, verb: n?.verb ?? "", path: n?.path ?? "" };
  const fieldSelector = r.fieldSelector?.rawSelector;
  return {
    user, verb: r.verb ?? "", group: r.group ?? "", version: r.version ?? "", resource: r.resource ?? "", subresource: r.subresource ?? "", namespace: r.namespace ?? "", name: r.name ?? "",
    ...(fieldSelector !== undefined && { fieldSelector }),
  };
}
