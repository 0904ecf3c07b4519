/** DELETE: what is wrong with a request, and what it is told. */
import type { Refusal } from "./refusal.ts";

export const deletes: readonly Refusal[] = [
  {
    name: "delete what is not there", ask: { method: "DELETE", path: "/api/v1/namespaces/t/configmaps/nope" },
    want: { code: 404, reason: "NotFound", message: 'configmaps "nope" not found', details: { name: "nope", kind: "configmaps" } },
    upstream: "apimachinery/pkg/api/errors/errors.go NewNotFound", seen: true,
  },
  {
    name: "delete another uid", ask: { method: "DELETE", path: "/api/v1/namespaces/t/configmaps/a", body: { preconditions: { uid: "other" } } },
    want: { code: 409, reason: "Conflict", message: 'Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (other) does not match the UID in record (<uid>). The object might have been deleted and then recreated', details: { name: "a", kind: "ConfigMap" } },
    upstream: "apiserver/pkg/registry/rest/delete.go BeforeDelete", seen: true,
  },
  {
    name: "delete at another revision", ask: { method: "DELETE", path: "/api/v1/namespaces/t/configmaps/a", body: { preconditions: { resourceVersion: "1" } } },
    want: { code: 409, reason: "Conflict", message: 'Operation cannot be fulfilled on ConfigMap "a": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (<n>). The object might have been modified', details: { name: "a", kind: "ConfigMap" } },
    upstream: "apiserver/pkg/registry/rest/delete.go BeforeDelete", seen: true,
  },
  {
    name: "delete with an unknown policy", ask: { method: "DELETE", path: "/api/v1/namespaces/t/configmaps/a?propagationPolicy=Nope" },
    want: { code: 422, reason: "Invalid", message: 'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Nope": supported values: "Foreground", "Background", "Orphan", "nil"', details: { group: "meta.k8s.io", kind: "DeleteOptions", causes: [{ reason: "FieldValueNotSupported", message: 'Unsupported value: "Nope": supported values: "Foreground", "Background", "Orphan", "nil"', field: "propagationPolicy" }] } },
    upstream: "apimachinery/pkg/apis/meta/v1/validation/validation.go", seen: true,
  },
  {
    name: "delete with an unknown policy in the body", ask: { method: "DELETE", path: "/api/v1/namespaces/t/configmaps/a", body: { propagationPolicy: "Nope" } },
    want: { code: 422, reason: "Invalid", message: 'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Nope": supported values: "Foreground", "Background", "Orphan", "nil"', details: { group: "meta.k8s.io", kind: "DeleteOptions", causes: [{ reason: "FieldValueNotSupported", message: 'Unsupported value: "Nope": supported values: "Foreground", "Background", "Orphan", "nil"', field: "propagationPolicy" }] } },
    upstream: "apimachinery/pkg/apis/meta/v1/validation/validation.go", seen: true,
  },
  {
    name: "delete with policy and orphanDependents", ask: { method: "DELETE", path: "/api/v1/namespaces/t/configmaps/a", body: { propagationPolicy: "Orphan", orphanDependents: true } },
    want: { code: 422, reason: "Invalid", message: 'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set', details: { group: "meta.k8s.io", kind: "DeleteOptions", causes: [{ reason: "FieldValueInvalid", message: 'Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set', field: "propagationPolicy" }] } },
    upstream: "apimachinery/pkg/apis/meta/v1/validation/validation.go", seen: true,
  },
  {
    name: "delete with an unknown dryRun", ask: { method: "DELETE", path: "/api/v1/namespaces/t/configmaps/a?dryRun=x" },
    want: { code: 422, reason: "Invalid", message: 'DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: []string{"x"}: supported values: "All"', details: { group: "meta.k8s.io", kind: "DeleteOptions", causes: [{ reason: "FieldValueNotSupported", message: 'Unsupported value: []string{"x"}: supported values: "All"', field: "dryRun" }] } },
    upstream: "apimachinery/pkg/apis/meta/v1/validation/validation.go", seen: true,
  },
  {
    name: "delete with an unknown dryRun in the body", ask: { method: "DELETE", path: "/api/v1/namespaces/t/configmaps/a", body: { dryRun: ["x"] } },
    want: { code: 422, reason: "Invalid", message: 'DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: []string{"x"}: supported values: "All"', details: { group: "meta.k8s.io", kind: "DeleteOptions", causes: [{ reason: "FieldValueNotSupported", message: 'Unsupported value: []string{"x"}: supported values: "All"', field: "dryRun" }] } },
    upstream: "apimachinery/pkg/apis/meta/v1/validation/validation.go", seen: true,
  },
  {
    name: "delete with a grace that is no number", ask: { method: "DELETE", path: "/api/v1/namespaces/t/configmaps/a?gracePeriodSeconds=x" },
    want: { code: 400, reason: "BadRequest", message: 'strconv.ParseInt: parsing "x": invalid syntax' },
    upstream: "apimachinery/pkg/runtime/conversion.go", seen: true,
  },
  {
    name: "delete with a broken body", ask: { method: "DELETE", path: "/api/v1/namespaces/t/configmaps/a", body: "{nope" },
    want: { code: 400, reason: "BadRequest", message: "couldn't get version/kind; json parse error: invalid character 'n' looking for beginning of object key string" },
    upstream: "apiserver/pkg/endpoints/handlers/create.go", differs: "upstream answers 500",
  },
  {
    name: "delete with options of another kind", ask: { method: "DELETE", path: "/api/v1/namespaces/t/configmaps/a", body: { kind: "ConfigMap", apiVersion: "v1" } },
    want: { code: 400, reason: "BadRequest", message: "decoded object cannot be converted to DeleteOptions" },
    upstream: "apimachinery/pkg/apis/meta/v1/validation/validation.go", differs: "upstream answers 500",
  },
  {
    name: "delete with a wrong type in the options", ask: { method: "DELETE", path: "/api/v1/namespaces/t/configmaps/a", body: { gracePeriodSeconds: "x" } },
    want: { code: 400, reason: "BadRequest", message: "json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64" },
    upstream: "sigs.k8s.io/json, as Go's encoding/json", differs: "upstream answers 500",
  },
  {
    name: "delete a collection with a bad selector", ask: { method: "DELETE", path: "/api/v1/namespaces/t/configmaps?labelSelector=a%20in%20b" },
    want: { code: 400, reason: "BadRequest", message: "unable to parse requirement: found 'b' expected: '('" },
    upstream: "apimachinery/pkg/labels/selector.go", seen: true,
  },
  {
    name: "delete a collection with a bad field", ask: { method: "DELETE", path: "/api/v1/namespaces/t/configmaps?fieldSelector=spec.x%3Dy" },
    want: { code: 400, reason: "BadRequest", message: '"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"' },
    upstream: "apimachinery/pkg/fields/selector.go", seen: true,
  },
  {
    name: "delete a collection with an unknown policy", ask: { method: "DELETE", path: "/api/v1/namespaces/t/configmaps?propagationPolicy=Nope" },
    want: { code: 422, reason: "Invalid", message: 'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Nope": supported values: "Foreground", "Background", "Orphan", "nil"', details: { group: "meta.k8s.io", kind: "DeleteOptions", causes: [{ reason: "FieldValueNotSupported", message: 'Unsupported value: "Nope": supported values: "Foreground", "Background", "Orphan", "nil"', field: "propagationPolicy" }] } },
    upstream: "apimachinery/pkg/apis/meta/v1/validation/validation.go", seen: true,
  },
  {
    name: "delete all namespaces", ask: { method: "DELETE", path: "/api/v1/namespaces" },
    want: { code: 405, reason: "MethodNotAllowed", message: "the server does not allow this method on the requested resource", details: {} },
    upstream: "apimachinery/pkg/api/errors/errors.go NewGenericServerResponse", seen: true,
  },
  {
    name: "delete a namespace that must stay", ask: { method: "DELETE", path: "/api/v1/namespaces/kube-system" },
    want: { code: 403, reason: "Forbidden", message: 'namespaces "kube-system" is forbidden: this namespace may not be deleted', details: { name: "kube-system", kind: "namespaces" } },
    upstream: "apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go", seen: true,
  },
];
