/** Subresources and reviews: what is wrong with a request, and what it is told. */
import type { Refusal } from "./refusal.ts";

export const subresources: readonly Refusal[] = [
  {
    name: "get an unknown subresource", ask: { method: "GET", path: "/api/v1/namespaces/t/pods/p/nope" },
    want: { code: 404, reason: "NotFound", message: "the server could not find the requested resource", details: {} },
    upstream: "apimachinery/pkg/api/errors/errors.go NewGenericServerResponse", seen: true,
  },
  {
    name: "scale what is not there", ask: { method: "GET", path: "/apis/apps/v1/namespaces/t/deployments/nope/scale" },
    want: { code: 404, reason: "NotFound", message: 'deployments/scale.apps "nope" not found', details: { name: "nope", group: "apps", kind: "deployments/scale" } },
    upstream: "apimachinery/pkg/api/errors/errors.go NewNotFound", seen: true,
  },
  {
    name: "scale under another name", ask: { method: "PUT", path: "/apis/apps/v1/namespaces/t/deployments/d/scale", body: { metadata: { name: "x" }, spec: { replicas: 1 } } },
    want: { code: 400, reason: "BadRequest", message: "the name of the object (x) does not match the name on the URL (d)" },
    upstream: "apiserver/pkg/endpoints/handlers/rest.go", seen: true,
  },
  {
    name: "scale with another kind", ask: { method: "PUT", path: "/apis/apps/v1/namespaces/t/deployments/d/scale", body: { kind: "Deployment", apiVersion: "apps/v1", metadata: { name: "d" } } },
    want: { code: 400, reason: "BadRequest", message: "the API version in the data (apps/v1) does not match the expected API version (autoscaling/v1)" },
    upstream: "apiserver/pkg/endpoints/handlers/create.go",
  },
  {
    name: "scale below none", ask: { method: "PUT", path: "/apis/apps/v1/namespaces/t/deployments/d/scale", body: { metadata: { name: "d" }, spec: { replicas: -1 } } },
    want: { code: 422, reason: "Invalid", message: 'Scale.autoscaling "d" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0', details: { name: "d", group: "autoscaling", kind: "Scale", causes: [{ reason: "FieldValueInvalid", message: "Invalid value: -1: must be greater than or equal to 0", field: "spec.replicas" }] } },
    upstream: "pkg/apis/autoscaling/validation/validation.go",
  },
  {
    name: "scale at an old revision", ask: { method: "PUT", path: "/apis/apps/v1/namespaces/t/deployments/d/scale", body: { metadata: { name: "d", resourceVersion: "1" }, spec: { replicas: 1 } } },
    want: { code: 409, reason: "Conflict", message: 'Operation cannot be fulfilled on deployments.apps "d": the object has been modified; please apply your changes to the latest version and try again', details: { name: "d", group: "apps", kind: "deployments" } },
    upstream: "apiserver/pkg/registry/generic/registry/store.go OptimisticLockErrorMsg",
  },
  {
    name: "create a scale", ask: { method: "POST", path: "/apis/apps/v1/namespaces/t/deployments/d/scale", body: {} },
    want: { code: 405, reason: "MethodNotAllowed", message: "the server does not allow this method on the requested resource", details: {} },
    upstream: "apimachinery/pkg/api/errors/errors.go NewGenericServerResponse", seen: true,
  },
  {
    name: "delete a scale", ask: { method: "DELETE", path: "/apis/apps/v1/namespaces/t/deployments/d/scale" },
    want: { code: 405, reason: "MethodNotAllowed", message: "the server does not allow this method on the requested resource", details: {} },
    upstream: "apimachinery/pkg/api/errors/errors.go NewGenericServerResponse", seen: true,
  },
  {
    name: "create a status", ask: { method: "POST", path: "/api/v1/namespaces/t/pods/p/status", body: {} },
    want: { code: 405, reason: "MethodNotAllowed", message: "the server does not allow this method on the requested resource", details: {} },
    upstream: "apimachinery/pkg/api/errors/errors.go NewGenericServerResponse", seen: true,
  },
  {
    name: "delete a status", ask: { method: "DELETE", path: "/api/v1/namespaces/t/pods/p/status" },
    want: { code: 405, reason: "MethodNotAllowed", message: "the server does not allow this method on the requested resource", details: {} },
    upstream: "apimachinery/pkg/api/errors/errors.go NewGenericServerResponse", seen: true,
  },
  {
    name: "update the status of what is not there", ask: { method: "PUT", path: "/apis/apps/v1/namespaces/t/deployments/nope/status", body: { metadata: { name: "nope" } } },
    want: { code: 404, reason: "NotFound", message: 'deployments.apps "nope" not found', details: { name: "nope", group: "apps", kind: "deployments" } },
    upstream: "apimachinery/pkg/api/errors/errors.go NewNotFound", seen: true,
  },
  {
    name: "the status of a kind without one", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps/a/status" },
    want: { code: 404, reason: "NotFound", message: "the server could not find the requested resource", details: {} },
    upstream: "apimachinery/pkg/api/errors/errors.go NewGenericServerResponse", seen: true,
  },
  {
    name: "bind what is not there", ask: { method: "POST", path: "/api/v1/namespaces/t/pods/nope/binding", body: { metadata: { name: "nope" }, target: { kind: "Node", name: "n" } } },
    want: { code: 404, reason: "NotFound", message: 'pods "nope" not found', details: { name: "nope", kind: "pods" } },
    upstream: "apimachinery/pkg/api/errors/errors.go NewNotFound", seen: true,
  },
  {
    name: "bind to nothing", ask: { method: "POST", path: "/api/v1/namespaces/t/pods/p/binding", body: { metadata: { name: "p" }, target: { name: "" } } },
    want: { code: 422, reason: "Invalid", message: 'Binding "p" is invalid: target.name: Required value', details: { name: "p", kind: "Binding", causes: [{ reason: "FieldValueRequired", message: "Required value", field: "target.name" }] } },
    upstream: "pkg/apis/core/validation/validation.go", differs: "upstream answers 500",
  },
  {
    name: "bind to no node", ask: { method: "POST", path: "/api/v1/namespaces/t/pods/p/binding", body: { metadata: { name: "p" }, target: { kind: "Pod", name: "n" } } },
    want: { code: 422, reason: "Invalid", message: 'Binding "p" is invalid: target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>"', details: { name: "p", kind: "Binding", causes: [{ reason: "FieldValueNotSupported", message: 'Unsupported value: "Pod": supported values: "Node", "<empty>"', field: "target.kind" }] } },
    upstream: "pkg/apis/core/validation/validation.go", differs: "upstream answers 500",
  },
  {
    name: "bind without a name", ask: { method: "POST", path: "/api/v1/namespaces/t/pods/p/binding", body: { target: { kind: "Node", name: "n" } } },
    want: { code: 400, reason: "BadRequest", message: "name in URL does not match name in Binding object" },
    upstream: "pkg/registry/core/pod/storage/storage.go BindingREST", seen: true,
  },
  {
    name: "bind what is not there by the old path", ask: { method: "POST", path: "/api/v1/namespaces/t/bindings", body: { metadata: { name: "nope" }, target: { kind: "Node", name: "n" } } },
    want: { code: 404, reason: "NotFound", message: 'pods "nope" not found', details: { name: "nope", kind: "pods" } },
    upstream: "pkg/registry/core/pod/storage/storage.go LegacyBindingREST", seen: true,
  },
  {
    name: "list bindings", ask: { method: "GET", path: "/api/v1/namespaces/t/bindings" },
    want: { code: 405, reason: "MethodNotAllowed", message: "the server does not allow this method on the requested resource", details: {} },
    upstream: "apimachinery/pkg/api/errors/errors.go NewGenericServerResponse", seen: true,
  },
  {
    name: "get what finalizes a namespace", ask: { method: "GET", path: "/api/v1/namespaces/t/finalize" },
    want: { code: 405, reason: "MethodNotAllowed", message: "the server does not allow this method on the requested resource", details: {} },
    upstream: "pkg/registry/core/namespace/storage/storage.go FinalizeREST", seen: true,
  },
  {
    name: "bind under another name", ask: { method: "POST", path: "/api/v1/namespaces/t/pods/p/binding", body: { metadata: { name: "x" }, target: { kind: "Node", name: "n" } } },
    want: { code: 400, reason: "BadRequest", message: "name in URL does not match name in Binding object" },
    upstream: "pkg/apis/core/validation/validation.go", seen: true,
  },
  {
    name: "evict what is not there", ask: { method: "POST", path: "/api/v1/namespaces/t/pods/nope/eviction", body: { metadata: { name: "nope" } } },
    want: { code: 404, reason: "NotFound", message: 'pods "nope" not found', details: { name: "nope", kind: "pods" } },
    upstream: "apimachinery/pkg/api/errors/errors.go NewNotFound", seen: true,
  },
  {
    name: "evict under another name", ask: { method: "POST", path: "/api/v1/namespaces/t/pods/p/eviction", body: { metadata: { name: "x" } } },
    want: { code: 400, reason: "BadRequest", message: "name in URL does not match name in Eviction object" },
    upstream: "pkg/apis/core/validation/validation.go", seen: true,
  },
  {
    name: "evict without a name", ask: { method: "POST", path: "/api/v1/namespaces/t/pods/p/eviction", body: {} },
    want: { code: 400, reason: "BadRequest", message: "name in URL does not match name in Eviction object" },
    upstream: "pkg/registry/core/pod/storage/eviction.go", seen: true,
  },
  {
    name: "get a binding", ask: { method: "GET", path: "/api/v1/namespaces/t/pods/p/binding" },
    want: { code: 405, reason: "MethodNotAllowed", message: "the server does not allow this method on the requested resource", details: {} },
    upstream: "apimachinery/pkg/api/errors/errors.go NewGenericServerResponse", seen: true,
  },
  {
    name: "get an eviction", ask: { method: "GET", path: "/api/v1/namespaces/t/pods/p/eviction" },
    want: { code: 405, reason: "MethodNotAllowed", message: "the server does not allow this method on the requested resource", details: {} },
    upstream: "apimachinery/pkg/api/errors/errors.go NewGenericServerResponse", seen: true,
  },
  {
    name: "log of what is not there", ask: { method: "GET", path: "/api/v1/namespaces/t/pods/nope/log" },
    want: { code: 404, reason: "NotFound", message: 'pods "nope" not found', details: { name: "nope", kind: "pods" } },
    upstream: "apimachinery/pkg/api/errors/errors.go NewNotFound", seen: true,
  },
  {
    name: "log of a container that is not there", ask: { method: "GET", path: "/api/v1/namespaces/t/pods/p/log?container=nope" },
    want: { code: 400, reason: "BadRequest", message: "container nope is not valid for pod p" },
    upstream: "pkg/apis/core/validation/validation.go, pkg/registry/core/pod/strategy.go", seen: true,
  },
  {
    name: "log with a bad limit", ask: { method: "GET", path: "/api/v1/namespaces/t/pods/p/log?tailLines=-1" },
    want: { code: 422, reason: "Invalid", message: 'PodLogOptions "p" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0', details: { name: "p", kind: "PodLogOptions", causes: [{ reason: "FieldValueInvalid", message: "Invalid value: -1: must be greater than or equal to 0", field: "tailLines" }] } },
    upstream: "pkg/apis/core/validation/validation.go", seen: true,
  },
  {
    name: "exec in what is not there", ask: { method: "POST", path: "/api/v1/namespaces/t/pods/nope/exec?command=x" },
    want: { code: 404, reason: "NotFound", message: 'pods "nope" not found', details: { name: "nope", kind: "pods" } },
    upstream: "apimachinery/pkg/api/errors/errors.go NewNotFound", seen: true,
  },
  {
    name: "exec without a command", ask: { method: "POST", path: "/api/v1/namespaces/t/pods/p/exec" },
    want: { code: 400, reason: "BadRequest", message: "pod p does not have a host assigned" },
    upstream: "pkg/apis/core/validation/validation.go, pkg/registry/core/pod/strategy.go", seen: true,
  },
  {
    name: "delete a log", ask: { method: "DELETE", path: "/api/v1/namespaces/t/pods/p/log" },
    want: { code: 405, reason: "MethodNotAllowed", message: "the server does not allow this method on the requested resource", details: {} },
    upstream: "apimachinery/pkg/api/errors/errors.go NewGenericServerResponse", seen: true,
  },
  {
    name: "a token of what is not there", ask: { method: "POST", path: "/api/v1/namespaces/t/serviceaccounts/nope/token", body: {} },
    want: { code: 404, reason: "NotFound", message: 'serviceaccounts "nope" not found', details: { name: "nope", kind: "serviceaccounts" } },
    upstream: "apimachinery/pkg/api/errors/errors.go NewNotFound", seen: true,
  },
  {
    name: "a token for too short a time", ask: { method: "POST", path: "/api/v1/namespaces/t/serviceaccounts/default/token", body: { spec: { expirationSeconds: 1 } } },
    want: { code: 422, reason: "Invalid", message: 'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes', details: { group: "authentication.k8s.io", kind: "TokenRequest", causes: [{ reason: "FieldValueInvalid", message: "Invalid value: 1: may not specify a duration less than 10 minutes", field: "spec.expirationSeconds" }] } },
    upstream: "pkg/apis/authentication/validation/validation.go", seen: true,
  },
  {
    name: "ask for access to nothing", ask: { method: "POST", path: "/apis/authorization.k8s.io/v1/subjectaccessreviews", body: { spec: {} } },
    want: { code: 422, reason: "Invalid", message: 'SubjectAccessReview.authorization.k8s.io "" is invalid: [spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified, spec.user: Invalid value: "": at least one of user or group must be specified]', details: { group: "authorization.k8s.io", kind: "SubjectAccessReview", causes: [{ reason: "FieldValueInvalid", message: "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified", field: "spec.resourceAttributes" }, { reason: "FieldValueInvalid", message: 'Invalid value: "": at least one of user or group must be specified', field: "spec.user" }] } },
    upstream: "pkg/apis/authorization/validation/validation.go",
  },
  {
    name: "ask for access without a subject", ask: { method: "POST", path: "/apis/authorization.k8s.io/v1/subjectaccessreviews", body: { spec: { resourceAttributes: { verb: "get" } } } },
    want: { code: 422, reason: "Invalid", message: 'SubjectAccessReview.authorization.k8s.io "" is invalid: spec.user: Invalid value: "": at least one of user or group must be specified', details: { group: "authorization.k8s.io", kind: "SubjectAccessReview", causes: [{ reason: "FieldValueInvalid", message: 'Invalid value: "": at least one of user or group must be specified', field: "spec.user" }] } },
    upstream: "pkg/apis/authorization/validation/validation.go",
  },
  {
    name: "ask for access elsewhere", ask: { method: "POST", path: "/apis/authorization.k8s.io/v1/namespaces/t/localsubjectaccessreviews", body: { spec: { user: "u", resourceAttributes: { namespace: "x", verb: "get", resource: "pods" } } } },
    want: { code: 422, reason: "Invalid", message: 'LocalSubjectAccessReview.authorization.k8s.io "" is invalid: spec.resourceAttributes.namespace: Invalid value: "x": must match metadata.namespace', details: { group: "authorization.k8s.io", kind: "LocalSubjectAccessReview", causes: [{ reason: "FieldValueInvalid", message: 'Invalid value: "x": must match metadata.namespace', field: "spec.resourceAttributes.namespace" }] } },
    upstream: "pkg/apis/authorization/validation/validation.go",
  },
  {
    name: "ask a namespace for a path", ask: { method: "POST", path: "/apis/authorization.k8s.io/v1/namespaces/t/localsubjectaccessreviews", body: { spec: { user: "u", nonResourceAttributes: { path: "/", verb: "get" } } } },
    want: { code: 422, reason: "Invalid", message: 'LocalSubjectAccessReview.authorization.k8s.io "" is invalid: spec.nonResourceAttributes: Invalid value: {"path":"/","verb":"get"}: disallowed on this kind of request', details: { group: "authorization.k8s.io", kind: "LocalSubjectAccessReview", causes: [{ reason: "FieldValueInvalid", message: 'Invalid value: {"path":"/","verb":"get"}: disallowed on this kind of request', field: "spec.nonResourceAttributes" }] } },
    upstream: "pkg/apis/authorization/validation/validation.go",
  },
  {
    name: "ask by name", ask: { method: "POST", path: "/apis/authorization.k8s.io/v1/subjectaccessreviews", body: { metadata: { name: "z" }, spec: { user: "u", nonResourceAttributes: { path: "/", verb: "get" } } } },
    want: { code: 422, reason: "Invalid", message: 'SubjectAccessReview.authorization.k8s.io "" is invalid: metadata: Invalid value: {"name":"z"}: must be empty', details: { group: "authorization.k8s.io", kind: "SubjectAccessReview", causes: [{ reason: "FieldValueInvalid", message: 'Invalid value: {"name":"z"}: must be empty', field: "metadata" }] } },
    upstream: "pkg/apis/authorization/validation/validation.go",
  },
  {
    name: "a token bound to what nothing is bound to", ask: { method: "POST", path: "/api/v1/namespaces/t/serviceaccounts/default/token", body: { spec: { boundObjectRef: { kind: "ConfigMap", apiVersion: "v1", name: "a" } } } },
    want: { code: 400, reason: "BadRequest", message: "cannot bind token to object of type /v1, Kind=ConfigMap" },
    upstream: "pkg/registry/core/serviceaccount/storage/token.go", seen: true,
  },
  {
    name: "list reviews", ask: { method: "GET", path: "/apis/authorization.k8s.io/v1/subjectaccessreviews" },
    want: { code: 405, reason: "MethodNotAllowed", message: "the server does not allow this method on the requested resource", details: {} },
    upstream: "apimachinery/pkg/api/errors/errors.go NewGenericServerResponse", seen: true,
  },
  {
    name: "review no token", ask: { method: "POST", path: "/apis/authentication.k8s.io/v1/tokenreviews", body: { spec: {} } },
    want: { code: 400, reason: "BadRequest", message: "token is required for TokenReview in authentication" },
    upstream: "pkg/apis/core/validation/validation.go", seen: true,
  },
];
