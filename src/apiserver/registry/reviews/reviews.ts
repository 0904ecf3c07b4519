import type { KubeObject } from "#apimachinery/meta.ts";
import { erase, type AnyResource, type Resource } from "../resource.ts";

/** What is answered and never stored: a question, or the scheduler's decision by its old path. Only `create`; its handler is in `endpoints/`. */
function review(group: string, kind: string, plural: string, scope: Resource["scope"]): AnyResource {
  const schema = `${group === "" ? "core" : (group.split(".")[0] ?? "")}/v1.${kind}`;
  return erase<KubeObject>({ group, version: "v1", kind, schema, scope, names: { plural, singular: kind.toLowerCase() }, verbs: ["create"], columns: [], generation: false });
}

export const reviews: readonly AnyResource[] = [
  review("", "Binding", "bindings", "Namespaced"),
  review("authentication.k8s.io", "SelfSubjectReview", "selfsubjectreviews", "Cluster"),
  review("authentication.k8s.io", "TokenReview", "tokenreviews", "Cluster"),
  review("authorization.k8s.io", "LocalSubjectAccessReview", "localsubjectaccessreviews", "Namespaced"),
  review("authorization.k8s.io", "SelfSubjectAccessReview", "selfsubjectaccessreviews", "Cluster"),
  review("authorization.k8s.io", "SelfSubjectRulesReview", "selfsubjectrulesreviews", "Cluster"),
  review("authorization.k8s.io", "SubjectAccessReview", "subjectaccessreviews", "Cluster"),
];
