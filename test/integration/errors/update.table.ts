/** PUT: what is wrong with a request, and what it is told. */
import type { Refusal } from "./refusal.ts";

export const update: readonly Refusal[] = [
  {
    name: "update under another name", ask: { method: "PUT", path: "/api/v1/namespaces/t/configmaps/a", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "b" } } },
    want: { code: 400, reason: "BadRequest", message: "the name of the object (b) does not match the name on the URL (a)" },
    upstream: "apiserver/pkg/endpoints/handlers/rest.go", seen: true,
  },
  {
    name: "update in another namespace", ask: { method: "PUT", path: "/api/v1/namespaces/t/configmaps/a", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "other" } } },
    want: { code: 400, reason: "BadRequest", message: "the namespace of the provided object does not match the namespace sent on the request" },
    upstream: "apiserver/pkg/endpoints/handlers/rest.go",
  },
  {
    name: "update without a name", ask: { method: "PUT", path: "/api/v1/namespaces/t/configmaps/a", body: { apiVersion: "v1", kind: "ConfigMap", metadata: {} } },
    want: { code: 400, reason: "BadRequest", message: "the name of the object (a based on URL) was undeterminable: name must be provided" },
    upstream: "apiserver/pkg/endpoints/handlers/rest.go", seen: true,
  },
  {
    name: "update what is not there", ask: { method: "PUT", path: "/api/v1/namespaces/t/configmaps/nope", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "nope" } } },
    want: { code: 404, reason: "NotFound", message: 'configmaps "nope" not found', details: { name: "nope", kind: "configmaps" } },
    upstream: "apimachinery/pkg/api/errors/errors.go NewNotFound", seen: true,
  },
  {
    name: "update at an old revision", ask: { method: "PUT", path: "/api/v1/namespaces/t/configmaps/a", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", resourceVersion: "1" } } },
    want: { code: 409, reason: "Conflict", message: 'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again', details: { name: "a", kind: "configmaps" } },
    upstream: "apiserver/pkg/registry/generic/registry/store.go OptimisticLockErrorMsg", seen: true,
  },
  {
    name: "update at a revision that is no number", ask: { method: "PUT", path: "/api/v1/namespaces/t/configmaps/a", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", resourceVersion: "x" } } },
    want: { code: 400, reason: "BadRequest", message: 'strconv.ParseUint: parsing "x": invalid syntax' },
    upstream: "apiserver/pkg/storage/api_object_versioner.go", differs: "upstream answers 500",
  },
  {
    name: "update another uid", ask: { method: "PUT", path: "/api/v1/namespaces/t/configmaps/a", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", uid: "other" } } },
    want: { code: 409, reason: "Conflict", message: 'Operation cannot be fulfilled on configmaps "a": StorageError: invalid object, Code: 4, Key: /registry/configmaps/t/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: other, UID in object meta: <uid>', details: { name: "a", kind: "configmaps" } },
    upstream: "apiserver/pkg/storage/errors.go", seen: true,
  },
  {
    name: "update by its uid what is not there", ask: { method: "PUT", path: "/api/v1/namespaces/t/configmaps/nope", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "nope", uid: "other" } } },
    want: { code: 409, reason: "Conflict", message: 'Operation cannot be fulfilled on configmaps "nope": StorageError: invalid object, Code: 4, Key: /registry/configmaps/t/nope, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: other, UID in object meta: ', details: { name: "nope", kind: "configmaps" } },
    upstream: "apiserver/pkg/storage/errors.go", seen: true,
  },
  {
    name: "update a frozen ConfigMap", ask: { method: "PUT", path: "/api/v1/namespaces/t/configmaps/frozen", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "frozen" }, data: { k: "w" }, immutable: true } },
    want: { code: 422, reason: "Invalid", message: 'ConfigMap "frozen" is invalid: data: Forbidden: field is immutable when `immutable` is set', details: { name: "frozen", kind: "ConfigMap", causes: [{ reason: "FieldValueForbidden", message: "Forbidden: field is immutable when `immutable` is set", field: "data" }] } },
    upstream: "pkg/apis/core/validation/validation.go", seen: true,
  },
  {
    name: "thaw a frozen ConfigMap", ask: { method: "PUT", path: "/api/v1/namespaces/t/configmaps/frozen", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "frozen" }, data: { k: "v" } } },
    want: { code: 422, reason: "Invalid", message: 'ConfigMap "frozen" is invalid: immutable: Forbidden: field is immutable when `immutable` is set', details: { name: "frozen", kind: "ConfigMap", causes: [{ reason: "FieldValueForbidden", message: "Forbidden: field is immutable when `immutable` is set", field: "immutable" }] } },
    upstream: "pkg/apis/core/validation/validation.go", seen: true,
  },
  {
    name: "update a collection", ask: { method: "PUT", path: "/api/v1/namespaces/t/configmaps", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } } },
    want: { code: 405, reason: "MethodNotAllowed", message: "the server does not allow this method on the requested resource", details: {} },
    upstream: "apimachinery/pkg/api/errors/errors.go NewGenericServerResponse", seen: true,
  },
  {
    name: "update a Lease without a revision", ask: { method: "PUT", path: "/apis/coordination.k8s.io/v1/namespaces/t/leases/l", body: { metadata: { name: "l" }, spec: { holderIdentity: "me" } } },
    want: { code: 422, reason: "Invalid", message: 'leases.coordination.k8s.io "l" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update', details: { name: "l", group: "coordination.k8s.io", kind: "leases", causes: [{ reason: "FieldValueInvalid", message: "Invalid value: 0x0: must be specified for an update", field: "metadata.resourceVersion" }] } },
    upstream: "apiserver/pkg/registry/generic/registry/store.go", seen: true,
  },
  {
    name: "update a Lease at revision 0", ask: { method: "PUT", path: "/apis/coordination.k8s.io/v1/namespaces/t/leases/l", body: { metadata: { name: "l", resourceVersion: "0" }, spec: { holderIdentity: "me" } } },
    want: { code: 422, reason: "Invalid", message: 'leases.coordination.k8s.io "l" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update', details: { name: "l", group: "coordination.k8s.io", kind: "leases", causes: [{ reason: "FieldValueInvalid", message: "Invalid value: 0x0: must be specified for an update", field: "metadata.resourceVersion" }] } },
    upstream: "apiserver/pkg/registry/generic/registry/store.go",
  },
  {
    name: "update a Deployment's selector", ask: { method: "PUT", path: "/apis/apps/v1/namespaces/t/deployments/d", body: { metadata: { name: "d" }, spec: { selector: { matchLabels: { a: "c" } }, template: { metadata: { labels: { a: "c" } }, spec: { containers: [{ name: "c", image: "i" }] } } } } },
    want: { code: 422, reason: "Invalid", message: 'Deployment.apps "d" is invalid: spec.selector: Invalid value: {"matchLabels":{"a":"c"}}: field is immutable', details: { name: "d", group: "apps", kind: "Deployment", causes: [{ reason: "FieldValueInvalid", message: 'Invalid value: {"matchLabels":{"a":"c"}}: field is immutable', field: "spec.selector" }] } },
    upstream: "pkg/apis/apps/validation/validation.go",
  },
  {
    name: "update a Secret's type", ask: { method: "PUT", path: "/api/v1/namespaces/t/secrets/s", body: { metadata: { name: "s" }, type: "other", data: { k: "dg==" } } },
    want: { code: 422, reason: "Invalid", message: 'Secret "s" is invalid: type: Invalid value: "other": field is immutable', details: { name: "s", kind: "Secret", causes: [{ reason: "FieldValueInvalid", message: 'Invalid value: "other": field is immutable', field: "type" }] } },
    upstream: "pkg/apis/core/validation/validation.go", seen: true,
  },
  {
    name: "update with an unknown dryRun", ask: { method: "PUT", path: "/api/v1/namespaces/t/configmaps/a?dryRun=x", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } } },
    want: { code: 422, reason: "Invalid", message: 'UpdateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: []string{"x"}: supported values: "All"', details: { group: "meta.k8s.io", kind: "UpdateOptions", causes: [{ reason: "FieldValueNotSupported", message: 'Unsupported value: []string{"x"}: supported values: "All"', field: "dryRun" }] } },
    upstream: "apimachinery/pkg/apis/meta/v1/validation/validation.go", seen: true,
  },
  {
    name: "update with an unknown fieldValidation", ask: { method: "PUT", path: "/api/v1/namespaces/t/configmaps/a?fieldValidation=x", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } } },
    want: { code: 422, reason: "Invalid", message: 'UpdateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "x": supported values: "Ignore", "Strict", "Warn"', details: { group: "meta.k8s.io", kind: "UpdateOptions", causes: [{ reason: "FieldValueNotSupported", message: 'Unsupported value: "x": supported values: "Ignore", "Strict", "Warn"', field: "fieldValidation" }] } },
    upstream: "apimachinery/pkg/apis/meta/v1/validation/validation.go",
  },
  {
    name: "update strictly with an unknown field", ask: { method: "PUT", path: "/api/v1/namespaces/t/configmaps/a?fieldValidation=Strict", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, nope: 1 } },
    want: { code: 400, reason: "BadRequest", message: 'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "nope"' },
    upstream: "apimachinery/pkg/runtime/error.go strictDecodingError",
  },
  {
    name: "finalize what is not there", ask: { method: "PUT", path: "/api/v1/namespaces/nope/finalize", body: { metadata: { name: "nope" } } },
    want: { code: 404, reason: "NotFound", message: 'namespaces "nope" not found', details: { name: "nope", kind: "namespaces" } },
    upstream: "apimachinery/pkg/api/errors/errors.go NewNotFound", seen: true,
  },
];
