/** PATCH: what is wrong with a request, and what it is told. */
import type { Refusal } from "./refusal.ts";

export const patch: readonly Refusal[] = [
  {
    name: "patch in an unknown way", ask: { method: "PATCH", path: "/api/v1/namespaces/t/configmaps/a", body: {}, type: "application/json" },
    want: { code: 415, reason: "UnsupportedMediaType", message: "415: Unsupported Media Type", details: {} },
    upstream: "go-restful jsr311.go", seen: true,
  },
  {
    name: "patch what is not there", ask: { method: "PATCH", path: "/api/v1/namespaces/t/configmaps/nope", body: {}, type: "application/merge-patch+json" },
    want: { code: 404, reason: "NotFound", message: 'configmaps "nope" not found', details: { name: "nope", kind: "configmaps" } },
    upstream: "apimachinery/pkg/api/errors/errors.go NewNotFound", seen: true,
  },
  {
    name: "patch with what is no JSON", ask: { method: "PATCH", path: "/api/v1/namespaces/t/configmaps/a", body: "{nope", type: "application/merge-patch+json" },
    want: { code: 400, reason: "BadRequest", message: "invalid character 'n' looking for beginning of object key string" },
    upstream: "pkg/apis/core/validation/validation.go", differs: "upstream answers 500",
  },
  {
    name: "patch with nothing", ask: { method: "PATCH", path: "/api/v1/namespaces/t/configmaps/a", body: "", type: "application/merge-patch+json" },
    want: { code: 400, reason: "BadRequest", message: "unexpected end of JSON input" },
    upstream: "pkg/apis/core/validation/validation.go", differs: "upstream answers 500",
  },
  {
    name: "json patch that is no list", ask: { method: "PATCH", path: "/api/v1/namespaces/t/configmaps/a", body: {}, type: "application/json-patch+json" },
    want: { code: 400, reason: "BadRequest", message: "json: cannot unmarshal object into Go value of type jsonpatch.Patch" },
    upstream: "sigs.k8s.io/json, as Go's encoding/json", seen: true,
  },
  {
    name: "json patch with an unknown operation", ask: { method: "PATCH", path: "/api/v1/namespaces/t/configmaps/a", body: [{ op: "nope", path: "/data" }], type: "application/json-patch+json" },
    want: { code: 422, reason: "Invalid", message: "the server rejected our request due to an error in our request", details: {} },
    upstream: "pkg/apis/core/validation/validation.go", seen: true,
  },
  {
    name: "json patch replaces what is not there", ask: { method: "PATCH", path: "/api/v1/namespaces/t/configmaps/a", body: [{ op: "replace", path: "/metadata/labels/x/y", value: "x" }], type: "application/json-patch+json" },
    want: { code: 422, reason: "Invalid", message: "the server rejected our request due to an error in our request", details: {} },
    upstream: "pkg/apis/core/validation/validation.go", seen: true,
  },
  {
    name: "json patch removes what is not there", ask: { method: "PATCH", path: "/api/v1/namespaces/t/configmaps/a", body: [{ op: "remove", path: "/data/nope" }], type: "application/json-patch+json" },
    want: { code: 422, reason: "Invalid", message: "the server rejected our request due to an error in our request", details: {} },
    upstream: "pkg/apis/core/validation/validation.go", seen: true,
  },
  {
    name: "json patch adds beneath nothing", ask: { method: "PATCH", path: "/api/v1/namespaces/t/configmaps/a", body: [{ op: "add", path: "/nope/x", value: "x" }], type: "application/json-patch+json" },
    want: { code: 422, reason: "Invalid", message: "the server rejected our request due to an error in our request", details: {} },
    upstream: "pkg/apis/core/validation/validation.go", seen: true,
  },
  {
    name: "json patch tests in vain", ask: { method: "PATCH", path: "/api/v1/namespaces/t/configmaps/a", body: [{ op: "test", path: "/data/k", value: "other" }], type: "application/json-patch+json" },
    want: { code: 422, reason: "Invalid", message: "the server rejected our request due to an error in our request", details: {} },
    upstream: "pkg/apis/core/validation/validation.go", seen: true,
  },
  {
    name: "json patch renames", ask: { method: "PATCH", path: "/api/v1/namespaces/t/configmaps/a", body: [{ op: "replace", path: "/metadata/name", value: "z" }], type: "application/json-patch+json" },
    want: { code: 400, reason: "BadRequest", message: "the name of the object (z) does not match the name on the URL (a)" },
    upstream: "apiserver/pkg/endpoints/handlers/rest.go", seen: true,
  },
  {
    name: "merge patch with a list", ask: { method: "PATCH", path: "/api/v1/namespaces/t/configmaps/a", body: [], type: "application/merge-patch+json" },
    want: { code: 400, reason: "BadRequest", message: "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}" },
    upstream: "sigs.k8s.io/json, as Go's encoding/json",
  },
  {
    name: "merge patch with a wrong type", ask: { method: "PATCH", path: "/api/v1/namespaces/t/configmaps/a", body: { data: { k: 1 } }, type: "application/merge-patch+json" },
    want: { code: 422, reason: "Invalid", message: " \"\" is invalid: patch: Invalid value: \"{\\\"apiVersion\\\":\\\"v1\\\",\\\"data\\\":{\\\"k\\\":1},\\\"kind\\\":\\\"ConfigMap\\\",\\\"metadata\\\":{\\\"resourceVersion\\\":\\\"<n>\\\",\\\"name\\\":\\\"a\\\",\\\"labels\\\":{\\\"app\\\":\\\"a\\\"},\\\"namespace\\\":\\\"t\\\",\\\"uid\\\":\\\"<uid>\\\",\\\"creationTimestamp\\\":\\\"<time>\\\"}}\": json: cannot unmarshal number into Go struct field ConfigMap.data of type string", details: { causes: [{ reason: "FieldValueInvalid", message: "Invalid value: \"{\\\"apiVersion\\\":\\\"v1\\\",\\\"data\\\":{\\\"k\\\":1},\\\"kind\\\":\\\"ConfigMap\\\",\\\"metadata\\\":{\\\"resourceVersion\\\":\\\"<n>\\\",\\\"name\\\":\\\"a\\\",\\\"labels\\\":{\\\"app\\\":\\\"a\\\"},\\\"namespace\\\":\\\"t\\\",\\\"uid\\\":\\\"<uid>\\\",\\\"creationTimestamp\\\":\\\"<time>\\\"}}\": json: cannot unmarshal number into Go struct field ConfigMap.data of type string", field: "patch" }] } },
    upstream: "sigs.k8s.io/json, as Go's encoding/json",
  },
  {
    name: "merge patch renames", ask: { method: "PATCH", path: "/api/v1/namespaces/t/configmaps/a", body: { metadata: { name: "z" } }, type: "application/merge-patch+json" },
    want: { code: 400, reason: "BadRequest", message: "the name of the object (z) does not match the name on the URL (a)" },
    upstream: "apiserver/pkg/endpoints/handlers/rest.go", seen: true,
  },
  {
    name: "merge patch at an old revision", ask: { method: "PATCH", path: "/api/v1/namespaces/t/configmaps/a", body: { metadata: { resourceVersion: "1" } }, type: "application/merge-patch+json" },
    want: { code: 409, reason: "Conflict", message: 'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again', details: { name: "a", kind: "configmaps" } },
    upstream: "apiserver/pkg/registry/generic/registry/store.go OptimisticLockErrorMsg", seen: true,
  },
  {
    name: "merge patch of a uid", ask: { method: "PATCH", path: "/api/v1/namespaces/t/configmaps/a", body: { metadata: { uid: "other" } }, type: "application/merge-patch+json" },
    want: { code: 422, reason: "Invalid", message: 'ConfigMap "a" is invalid: metadata.uid: Invalid value: "other": field is immutable', details: { name: "a", kind: "ConfigMap", causes: [{ reason: "FieldValueInvalid", message: 'Invalid value: "other": field is immutable', field: "metadata.uid" }] } },
    upstream: "apiserver/pkg/storage/errors.go",
  },
  {
    name: "merge patch without a version", ask: { method: "PATCH", path: "/api/v1/namespaces/t/configmaps/a", body: { apiVersion: null }, type: "application/merge-patch+json" },
    want: { code: 400, reason: "BadRequest", message: "the name of the object (a based on URL) was undeterminable: name must be provided" },
    upstream: "apiserver/pkg/endpoints/handlers/patch.go checkName", seen: true,
  },
  {
    name: "merge patch into another namespace", ask: { method: "PATCH", path: "/api/v1/namespaces/t/configmaps/a", body: { metadata: { namespace: "b" } }, type: "application/merge-patch+json" },
    want: { code: 400, reason: "BadRequest", message: "the namespace of the object (b) does not match the namespace on the request (t)" },
    upstream: "apiserver/pkg/endpoints/handlers/rest.go checkName", seen: true,
  },
  {
    name: "json patch adds a whole document", ask: { method: "PATCH", path: "/api/v1/namespaces/t/configmaps/a", body: [{ op: "add", path: "", value: {} }], type: "application/json-patch+json" },
    want: { code: 422, reason: "Invalid", message: "the server rejected our request due to an error in our request", details: {} },
    upstream: "gopkg.in/evanphx/json-patch.v4 findObject", seen: true,
  },
  {
    name: "json patch without a slash", ask: { method: "PATCH", path: "/api/v1/namespaces/t/configmaps/a", body: [{ op: "add", path: "data", value: {} }], type: "application/json-patch+json" },
    want: { code: 422, reason: "Invalid", message: "the server rejected our request due to an error in our request", details: {} },
    upstream: "gopkg.in/evanphx/json-patch.v4 findObject", seen: true,
  },
  {
    name: "merge patch that makes it invalid", ask: { method: "PATCH", path: "/api/v1/namespaces/t/configmaps/a", body: { data: { "a b": "c" } }, type: "application/merge-patch+json" },
    want: { code: 422, reason: "Invalid", message: "ConfigMap \"a\" is invalid: data[a b]: Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')", details: { name: "a", kind: "ConfigMap", causes: [{ reason: "FieldValueInvalid", message: "Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')", field: "data[a b]" }] } },
    upstream: "pkg/apis/core/validation/validation.go", seen: true,
  },
  {
    name: "merge patch to another kind", ask: { method: "PATCH", path: "/api/v1/namespaces/t/configmaps/a", body: { kind: "Secret" }, type: "application/merge-patch+json" },
    want: { code: 422, reason: "Invalid", message: " \"\" is invalid: patch: Invalid value: \"{\\\"apiVersion\\\":\\\"v1\\\",\\\"data\\\":{\\\"k\\\":\\\"a\\\"},\\\"kind\\\":\\\"Secret\\\",\\\"metadata\\\":{\\\"resourceVersion\\\":\\\"<n>\\\",\\\"name\\\":\\\"a\\\",\\\"labels\\\":{\\\"app\\\":\\\"a\\\"},\\\"namespace\\\":\\\"t\\\",\\\"uid\\\":\\\"<uid>\\\",\\\"creationTimestamp\\\":\\\"<time>\\\"}}\": converting (v1.Secret) to (core.ConfigMap): unknown conversion", details: { causes: [{ reason: "FieldValueInvalid", message: "Invalid value: \"{\\\"apiVersion\\\":\\\"v1\\\",\\\"data\\\":{\\\"k\\\":\\\"a\\\"},\\\"kind\\\":\\\"Secret\\\",\\\"metadata\\\":{\\\"resourceVersion\\\":\\\"<n>\\\",\\\"name\\\":\\\"a\\\",\\\"labels\\\":{\\\"app\\\":\\\"a\\\"},\\\"namespace\\\":\\\"t\\\",\\\"uid\\\":\\\"<uid>\\\",\\\"creationTimestamp\\\":\\\"<time>\\\"}}\": converting (v1.Secret) to (core.ConfigMap): unknown conversion", field: "patch" }] } },
    upstream: "apiserver/pkg/endpoints/handlers/patch.go",
  },
  {
    name: "strategic patch with a list", ask: { method: "PATCH", path: "/api/v1/namespaces/t/configmaps/a", body: [], type: "application/strategic-merge-patch+json" },
    want: { code: 400, reason: "BadRequest", message: "json: cannot unmarshal array into Go value of type map[string]interface {}" },
    upstream: "sigs.k8s.io/json, as Go's encoding/json", seen: true,
  },
  {
    name: "strategic patch with a wrong type", ask: { method: "PATCH", path: "/apis/apps/v1/namespaces/t/deployments/d", body: { spec: { replicas: "x" } }, type: "application/strategic-merge-patch+json" },
    want: { code: 422, reason: "Invalid", message: ' "" is invalid: patch: Invalid value: "map[spec:map[replicas:x]]": json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32', details: { causes: [{ reason: "FieldValueInvalid", message: 'Invalid value: "map[spec:map[replicas:x]]": json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32', field: "patch" }] } },
    upstream: "sigs.k8s.io/json, as Go's encoding/json",
  },
  {
    name: "strategic patch without merge key", ask: { method: "PATCH", path: "/apis/apps/v1/namespaces/t/deployments/d", body: { spec: { template: { spec: { containers: [{ image: "x" }] } } } }, type: "application/strategic-merge-patch+json" },
    want: { code: 400, reason: "BadRequest", message: "map: map[image:x] does not contain declared merge key: name" },
    upstream: "apimachinery/pkg/util/strategicpatch/patch.go", differs: "upstream answers 500",
  },
  {
    name: "strategic patch with an unknown directive", ask: { method: "PATCH", path: "/apis/apps/v1/namespaces/t/deployments/d", body: { spec: { $patch: "nope" } }, type: "application/strategic-merge-patch+json" },
    want: { code: 400, reason: "BadRequest", message: "unknown patch type: nope in map: map[$patch:nope]" },
    upstream: "apiserver/pkg/endpoints/handlers/patch.go", differs: "upstream answers 500",
  },
  {
    name: "patch with an unknown dryRun", ask: { method: "PATCH", path: "/api/v1/namespaces/t/configmaps/a?dryRun=x", body: {}, type: "application/merge-patch+json" },
    want: { code: 422, reason: "Invalid", message: 'PatchOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: []string{"x"}: supported values: "All"', details: { group: "meta.k8s.io", kind: "PatchOptions", causes: [{ reason: "FieldValueNotSupported", message: 'Unsupported value: []string{"x"}: supported values: "All"', field: "dryRun" }] } },
    upstream: "apimachinery/pkg/apis/meta/v1/validation/validation.go", seen: true,
  },
  {
    name: "merge patch by force", ask: { method: "PATCH", path: "/api/v1/namespaces/t/configmaps/a?force=true", body: {}, type: "application/merge-patch+json" },
    want: { code: 422, reason: "Invalid", message: 'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch', details: { group: "meta.k8s.io", kind: "PatchOptions", causes: [{ reason: "FieldValueForbidden", message: "Forbidden: may not be specified for non-apply patch", field: "force" }] } },
    upstream: "apimachinery/pkg/apis/meta/v1/validation/validation.go", seen: true,
  },
  {
    name: "patch strictly with an unknown field", ask: { method: "PATCH", path: "/api/v1/namespaces/t/configmaps/a?fieldValidation=Strict", body: { nope: 1 }, type: "application/merge-patch+json" },
    want: { code: 422, reason: "Invalid", message: " \"\" is invalid: patch: Invalid value: \"{\\\"apiVersion\\\":\\\"v1\\\",\\\"data\\\":{\\\"k\\\":\\\"a\\\"},\\\"kind\\\":\\\"ConfigMap\\\",\\\"metadata\\\":{\\\"resourceVersion\\\":\\\"<n>\\\",\\\"name\\\":\\\"a\\\",\\\"labels\\\":{\\\"app\\\":\\\"a\\\"},\\\"namespace\\\":\\\"t\\\",\\\"uid\\\":\\\"<uid>\\\",\\\"creationTimestamp\\\":\\\"<time>\\\"},\\\"nope\\\":1}\": strict decoding error: unknown field \"nope\"", details: { causes: [{ reason: "FieldValueInvalid", message: "Invalid value: \"{\\\"apiVersion\\\":\\\"v1\\\",\\\"data\\\":{\\\"k\\\":\\\"a\\\"},\\\"kind\\\":\\\"ConfigMap\\\",\\\"metadata\\\":{\\\"resourceVersion\\\":\\\"<n>\\\",\\\"name\\\":\\\"a\\\",\\\"labels\\\":{\\\"app\\\":\\\"a\\\"},\\\"namespace\\\":\\\"t\\\",\\\"uid\\\":\\\"<uid>\\\",\\\"creationTimestamp\\\":\\\"<time>\\\"},\\\"nope\\\":1}\": strict decoding error: unknown field \"nope\"", field: "patch" }] } },
    upstream: "apimachinery/pkg/runtime/error.go strictDecodingError",
  },
  {
    name: "patch a collection", ask: { method: "PATCH", path: "/api/v1/namespaces/t/configmaps", body: {}, type: "application/merge-patch+json" },
    want: { code: 405, reason: "MethodNotAllowed", message: "the server does not allow this method on the requested resource", details: {} },
    upstream: "apimachinery/pkg/api/errors/errors.go NewGenericServerResponse", seen: true,
  },
];
