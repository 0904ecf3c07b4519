/** GET of one and of many, and watches: what is wrong with a request, and what it is told. */
import type { Refusal } from "./refusal.ts";

export const read: readonly Refusal[] = [
  {
    name: "another version of the core", ask: { method: "GET", path: "/api/v2" },
    want: { code: 404, reason: "NotFound", message: "the server could not find the requested resource", details: {} },
    upstream: "apimachinery/pkg/api/errors/errors.go NewGenericServerResponse", seen: true,
  },
  {
    name: "another version of a group", ask: { method: "GET", path: "/apis/apps/v9" },
    want: { code: 404, reason: "NotFound", message: "the server could not find the requested resource", details: {} },
    upstream: "apimachinery/pkg/api/errors/errors.go NewGenericServerResponse", seen: true,
  },
  {
    name: "a name and a slash", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps/nope/" },
    want: { code: 404, reason: "NotFound", message: 'configmaps "nope" not found', details: { name: "nope", kind: "configmaps" } },
    upstream: "apiserver/pkg/endpoints/request/requestinfo.go splitPath", seen: true,
  },
  {
    name: "get a missing ConfigMap", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps/nope" },
    want: { code: 404, reason: "NotFound", message: 'configmaps "nope" not found', details: { name: "nope", kind: "configmaps" } },
    upstream: "apimachinery/pkg/api/errors/errors.go NewNotFound", seen: true,
  },
  {
    name: "get a missing Deployment", ask: { method: "GET", path: "/apis/apps/v1/namespaces/t/deployments/nope" },
    want: { code: 404, reason: "NotFound", message: 'deployments.apps "nope" not found', details: { name: "nope", group: "apps", kind: "deployments" } },
    upstream: "apimachinery/pkg/api/errors/errors.go NewNotFound", seen: true,
  },
  {
    name: "get a missing Namespace", ask: { method: "GET", path: "/api/v1/namespaces/nope" },
    want: { code: 404, reason: "NotFound", message: 'namespaces "nope" not found', details: { name: "nope", kind: "namespaces" } },
    upstream: "apimachinery/pkg/api/errors/errors.go NewNotFound", seen: true,
  },
  {
    name: "get a missing Node", ask: { method: "GET", path: "/api/v1/nodes/nope" },
    want: { code: 404, reason: "NotFound", message: 'nodes "nope" not found', details: { name: "nope", kind: "nodes" } },
    upstream: "apimachinery/pkg/api/errors/errors.go NewNotFound", seen: true,
  },
  {
    name: "get a missing ClusterRole", ask: { method: "GET", path: "/apis/rbac.authorization.k8s.io/v1/clusterroles/nope" },
    want: { code: 404, reason: "NotFound", message: 'clusterroles.rbac.authorization.k8s.io "nope" not found', details: { name: "nope", group: "rbac.authorization.k8s.io", kind: "clusterroles" } },
    upstream: "apimachinery/pkg/api/errors/errors.go NewNotFound", seen: true,
  },
  {
    name: "get from a namespace that is not there", ask: { method: "GET", path: "/api/v1/namespaces/nope/configmaps/a" },
    want: { code: 404, reason: "NotFound", message: 'configmaps "a" not found', details: { name: "a", kind: "configmaps" } },
    upstream: "apimachinery/pkg/api/errors/errors.go NewNotFound", seen: true,
  },
  {
    name: "get an unknown resource", ask: { method: "GET", path: "/api/v1/namespaces/t/nothings/x" },
    want: { code: 404, reason: "NotFound", message: "the server could not find the requested resource", details: {} },
    upstream: "apimachinery/pkg/api/errors/errors.go NewGenericServerResponse", seen: true,
  },
  {
    name: "get an unknown group", ask: { method: "GET", path: "/apis/nope.example.com/v1/namespaces/t/nothings" },
    want: { code: 404, message: "404 page not found\n" },
    upstream: "apiserver/pkg/server/mux/pathrecorder.go", seen: true,
  },
  {
    name: "get an unknown version", ask: { method: "GET", path: "/apis/apps/v9/namespaces/t/deployments" },
    want: { code: 404, reason: "NotFound", message: "the server could not find the requested resource", details: {} },
    upstream: "apimachinery/pkg/api/errors/errors.go NewGenericServerResponse", seen: true,
  },
  {
    name: "get at a revision that is no number", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps/a?resourceVersion=x" },
    want: { code: 400, reason: "BadRequest", message: 'resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax' },
    upstream: "apiserver/pkg/storage/api_object_versioner.go ParseResourceVersion", differs: "upstream answers 500",
  },
  {
    name: "get at a revision from the future", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps/a?resourceVersion=999999999" },
    want: { code: 504, reason: "Timeout", message: "Timeout: Too large resource version: 999999999, current: <n>", details: { causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }], retryAfterSeconds: 1 } },
    upstream: "apiserver/pkg/storage/errors.go NewTooLargeResourceVersionError", seen: true,
  },
  {
    name: "list at a revision that is no number", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?resourceVersion=x" },
    want: { code: 400, reason: "BadRequest", message: 'resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax' },
    upstream: "apiserver/pkg/storage/api_object_versioner.go ParseResourceVersion", differs: "upstream answers 500",
  },
  {
    name: "list at a revision from the future", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?resourceVersion=999999999" },
    want: { code: 504, reason: "Timeout", message: "Timeout: Too large resource version: 999999999, current: <n>", details: { causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }], retryAfterSeconds: 1 } },
    upstream: "apiserver/pkg/storage/errors.go NewTooLargeResourceVersionError", seen: true,
  },
  {
    name: "list exactly at a revision from the future", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?resourceVersion=999999999&resourceVersionMatch=Exact" },
    want: { code: 504, reason: "Timeout", message: "Timeout: Too large resource version: 999999999, current: <n>", details: { causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }], retryAfterSeconds: 1 } },
    upstream: "apiserver/pkg/storage/errors.go NewTooLargeResourceVersionError",
  },
  {
    name: "list a page at a revision from the future", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?resourceVersion=999999999&limit=1" },
    want: { code: 504, reason: "Timeout", message: "Timeout: Too large resource version: 999999999, current: <n>", details: { causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }], retryAfterSeconds: 1 } },
    upstream: "apiserver/pkg/storage/errors.go NewTooLargeResourceVersionError",
  },
  {
    name: "list with match and no revision", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?resourceVersionMatch=NotOlderThan" },
    want: { code: 422, reason: "Invalid", message: 'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided', details: { group: "meta.k8s.io", kind: "ListOptions", causes: [{ reason: "FieldValueForbidden", message: "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided", field: "resourceVersionMatch" }] } },
    upstream: "apimachinery/pkg/apis/meta/internalversion/validation/validation.go", seen: true,
  },
  {
    name: "list with Exact and no revision", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?resourceVersionMatch=Exact" },
    want: { code: 422, reason: "Invalid", message: 'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided', details: { group: "meta.k8s.io", kind: "ListOptions", causes: [{ reason: "FieldValueForbidden", message: "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided", field: "resourceVersionMatch" }] } },
    upstream: "apimachinery/pkg/apis/meta/internalversion/validation/validation.go", seen: true,
  },
  {
    name: "list exactly at 0", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?resourceVersion=0&resourceVersionMatch=Exact" },
    want: { code: 422, reason: "Invalid", message: 'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"', details: { group: "meta.k8s.io", kind: "ListOptions", causes: [{ reason: "FieldValueForbidden", message: 'Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"', field: "resourceVersionMatch" }] } },
    upstream: "apimachinery/pkg/apis/meta/internalversion/validation/validation.go", seen: true,
  },
  {
    name: "list with an unknown match", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?resourceVersion=1&resourceVersionMatch=Newest" },
    want: { code: 422, reason: "Invalid", message: 'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Unsupported value: "Newest": supported values: "Exact", "NotOlderThan", ""', details: { group: "meta.k8s.io", kind: "ListOptions", causes: [{ reason: "FieldValueNotSupported", message: 'Unsupported value: "Newest": supported values: "Exact", "NotOlderThan", ""', field: "resourceVersionMatch" }] } },
    upstream: "apimachinery/pkg/apis/meta/internalversion/validation/validation.go", seen: true,
  },
  {
    name: "list with an unknown match and no revision", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?resourceVersionMatch=Newest" },
    want: { code: 422, reason: "Invalid", message: 'ListOptions.meta.k8s.io "" is invalid: [resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided, resourceVersionMatch: Unsupported value: "Newest": supported values: "Exact", "NotOlderThan", ""]', details: { group: "meta.k8s.io", kind: "ListOptions", causes: [{ reason: "FieldValueForbidden", message: "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided", field: "resourceVersionMatch" }, { reason: "FieldValueNotSupported", message: 'Unsupported value: "Newest": supported values: "Exact", "NotOlderThan", ""', field: "resourceVersionMatch" }] } },
    upstream: "apimachinery/pkg/apis/meta/internalversion/validation/validation.go", seen: true,
  },
  {
    name: "list with continue and match", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?continue=x&resourceVersion=1&resourceVersionMatch=Exact" },
    want: { code: 422, reason: "Invalid", message: 'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided', details: { group: "meta.k8s.io", kind: "ListOptions", causes: [{ reason: "FieldValueForbidden", message: "Forbidden: resourceVersionMatch is forbidden when continue is provided", field: "resourceVersionMatch" }] } },
    upstream: "apimachinery/pkg/apis/meta/internalversion/validation/validation.go", seen: true,
  },
  {
    name: "list with continue and a revision", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6NSwic3RhcnQiOiJ0L2FcdTAwMDAifQ&resourceVersion=5&limit=1" },
    want: { code: 400, reason: "BadRequest", message: "specifying resource version is not allowed when using continue" },
    upstream: "apiserver/pkg/storage/continue.go", seen: true,
  },
  {
    name: "list with a continue token that is no base64", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?continue=%25%25" },
    want: { code: 400, reason: "BadRequest", message: "invalid continue token: continue key is not valid: illegal base64 data at input byte 0" },
    upstream: "apiserver/pkg/storage/continue.go", seen: true,
  },
  {
    name: "list with a continue token of another version", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?continue=eyJ2IjoibWV0YS5rOHMuaW8vdjkiLCJydiI6NSwic3RhcnQiOiJhIn0" },
    want: { code: 400, reason: "BadRequest", message: 'invalid continue token: continue key is not valid: server does not recognize this encoded version "meta.k8s.io/v9"' },
    upstream: "apiserver/pkg/storage/continue.go", seen: true,
  },
  {
    name: "list with a continue token without revision", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJzdGFydCI6ImEifQ" },
    want: { code: 400, reason: "BadRequest", message: "invalid continue token: continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)" },
    upstream: "apiserver/pkg/storage/continue.go", seen: true,
  },
  {
    name: "list with a continue token without start", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6NX0" },
    want: { code: 400, reason: "BadRequest", message: "invalid continue token: continue key is not valid: encoded start key empty (version meta.k8s.io/v1)" },
    upstream: "apiserver/pkg/storage/continue.go", seen: true,
  },
  {
    name: "list with a continue token that climbs", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6NSwic3RhcnQiOiIuLi9zZWNyZXRzIn0" },
    want: { code: 400, reason: "BadRequest", message: "invalid continue token: continue key is not valid: ../secrets" },
    upstream: "apiserver/pkg/storage/continue.go", seen: true,
  },
  {
    name: "list with a limit that is no number", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?limit=many" },
    want: { code: 400, reason: "BadRequest", message: 'strconv.ParseInt: parsing "many": invalid syntax' },
    upstream: "apimachinery/pkg/runtime/conversion.go", seen: true,
  },
  {
    name: "list with a timeout that is no number", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?timeoutSeconds=x" },
    want: { code: 400, reason: "BadRequest", message: 'strconv.ParseInt: parsing "x": invalid syntax' },
    upstream: "apimachinery/pkg/runtime/conversion.go", seen: true,
  },
  {
    name: "list with a bad label selector", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?labelSelector=a%20in%20b" },
    want: { code: 400, reason: "BadRequest", message: "unable to parse requirement: found 'b' expected: '('" },
    upstream: "apimachinery/pkg/labels/selector.go", seen: true,
  },
  {
    name: "list with a bad label key", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?labelSelector=-a%3Db" },
    want: { code: 400, reason: "BadRequest", message: "unable to parse requirement: <nil>: Invalid value: \"-a\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')" },
    upstream: "apimachinery/pkg/labels/selector.go",
  },
  {
    name: "list with a bad label value", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?labelSelector=a%3D-b" },
    want: { code: 400, reason: "BadRequest", message: "unable to parse requirement: values[0][a]: Invalid value: \"-b\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')" },
    upstream: "apimachinery/pkg/labels/selector.go",
  },
  {
    name: "list with an unfinished label selector", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?labelSelector=a%20notin" },
    want: { code: 400, reason: "BadRequest", message: "unable to parse requirement: found '' expected: '('" },
    upstream: "apimachinery/pkg/labels/selector.go", seen: true,
  },
  {
    name: "list with a comparison to no number", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?labelSelector=a%3Ex" },
    want: { code: 400, reason: "BadRequest", message: "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer" },
    upstream: "apimachinery/pkg/labels/selector.go",
  },
  {
    name: "list with a field that the kind does not have", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?fieldSelector=spec.x%3Dy" },
    want: { code: 400, reason: "BadRequest", message: '"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"' },
    upstream: "apimachinery/pkg/fields/selector.go", seen: true,
  },
  {
    name: "list pods with a field that they do not have", ask: { method: "GET", path: "/api/v1/namespaces/t/pods?fieldSelector=spec.x%3Dy" },
    want: { code: 400, reason: "BadRequest", message: "field label not supported: spec.x" },
    upstream: "pkg/apis/core/v1/conversion.go", seen: true,
  },
  {
    name: "list with a broken field selector", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?fieldSelector=metadata.name" },
    want: { code: 400, reason: "BadRequest", message: "invalid selector: 'metadata.name'; can't understand 'metadata.name'" },
    upstream: "apimachinery/pkg/fields/selector.go", seen: true,
  },
  {
    name: "list with initial events", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?sendInitialEvents=true" },
    want: { code: 422, reason: "Invalid", message: 'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list', details: { group: "meta.k8s.io", kind: "ListOptions", causes: [{ reason: "FieldValueForbidden", message: "Forbidden: sendInitialEvents is forbidden for list", field: "sendInitialEvents" }] } },
    upstream: "apimachinery/pkg/apis/meta/internalversion/validation/validation.go",
  },
  {
    name: "watch with a match", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?watch=1&resourceVersionMatch=NotOlderThan" },
    want: { code: 422, reason: "Invalid", message: 'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided', details: { group: "meta.k8s.io", kind: "ListOptions", causes: [{ reason: "FieldValueForbidden", message: "Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided", field: "resourceVersionMatch" }] } },
    upstream: "apimachinery/pkg/apis/meta/internalversion/validation/validation.go",
  },
  {
    name: "watch with initial events and no match", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?watch=1&sendInitialEvents=true" },
    want: { code: 422, reason: "Invalid", message: 'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan', details: { group: "meta.k8s.io", kind: "ListOptions", causes: [{ reason: "FieldValueForbidden", message: "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan", field: "resourceVersionMatch" }] } },
    upstream: "apimachinery/pkg/apis/meta/internalversion/validation/validation.go",
  },
  {
    name: "watch with initial events and Exact", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?watch=1&sendInitialEvents=true&resourceVersionMatch=Exact" },
    want: { code: 422, reason: "Invalid", message: 'ListOptions.meta.k8s.io "" is invalid: [resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan, resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"]', details: { group: "meta.k8s.io", kind: "ListOptions", causes: [{ reason: "FieldValueForbidden", message: "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan", field: "resourceVersionMatch" }, { reason: "FieldValueNotSupported", message: 'Unsupported value: "Exact": supported values: "NotOlderThan"', field: "resourceVersionMatch" }] } },
    upstream: "apimachinery/pkg/apis/meta/internalversion/validation/validation.go",
  },
  {
    name: "watch from a revision that is no number", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?watch=1&resourceVersion=x" },
    want: { code: 400, reason: "BadRequest", message: 'resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax' },
    upstream: "apiserver/pkg/storage/api_object_versioner.go ParseResourceVersion", differs: "upstream answers 500",
  },
  {
    name: "get as nothing that is there", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps/a", headers: { accept: "text/html" } },
    want: { code: 406, reason: "NotAcceptable", message: "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf", details: {} },
    upstream: "emicklei/go-restful curly.go",
  },
  {
    name: "list as nothing that is there", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps", headers: { accept: "application/nope" } },
    want: { code: 406, reason: "NotAcceptable", message: "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch", details: {} },
    upstream: "emicklei/go-restful curly.go",
  },
  {
    name: "list a table with odd objects", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?includeObject=Nope", headers: { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" } },
    want: { code: 400, reason: "BadRequest", message: "Unable to convert to Table as requested: includeObject: Invalid value: \"Nope\": must be 'Metadata', 'Object', 'None', or empty" },
    upstream: "apiserver/pkg/endpoints/handlers/response.go", seen: true,
  },
  {
    name: "list as an unknown shape", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps", headers: { accept: "application/json;as=Chair;v=v1;g=meta.k8s.io" } },
    want: { code: 406, reason: "NotAcceptable", message: "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf" },
    upstream: "apiserver/pkg/endpoints/handlers/negotiation/errors.go", seen: true,
  },
  {
    name: "watch a named resource with another name in the selector", ask: { method: "GET", path: "/api/v1/watch/namespaces/t/configmaps/a?fieldSelector=metadata.name%3Db" },
    want: { code: 400, reason: "BadRequest", message: "fieldSelector metadata.name doesn't match requested name" },
    upstream: "apiserver/pkg/endpoints/handlers/get.go", seen: true,
  },
];
