/** POST: what is wrong with a request, and what it is told. */
import type { Refusal } from "./refusal.ts";

export const create: readonly Refusal[] = [
  {
    name: "a node with a taint twice", ask: { method: "POST", path: "/api/v1/nodes", body: { metadata: { name: "x" }, spec: { taints: [{ key: "a", effect: "NoSchedule" }, { key: "a", effect: "NoSchedule" }] } } },
    want: { code: 422, reason: "Invalid", message: 'Node "x" is invalid: metadata.taints[1]: Duplicate value: {"key":"a","effect":"NoSchedule"}: taints must be unique by key and effect pair', details: { name: "x", kind: "Node", causes: [{ reason: "FieldValueDuplicate", message: 'Duplicate value: {"key":"a","effect":"NoSchedule"}: taints must be unique by key and effect pair', field: "metadata.taints[1]" }] } },
    upstream: "pkg/apis/core/validation/validation.go ValidateNode",
  },
  {
    name: "create without a body", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps", body: "" },
    want: { code: 400, reason: "BadRequest", message: "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)" },
    upstream: "apiserver/pkg/endpoints/handlers/create.go", seen: true,
  },
  {
    name: "create from what is no JSON", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps", body: "{nope" },
    want: { code: 400, reason: "BadRequest", message: "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: invalid character 'n' looking for beginning of object key string ({nope)" },
    upstream: "apiserver/pkg/endpoints/handlers/create.go", seen: true,
  },
  {
    name: "create from a list", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps", body: "[]" },
    want: { code: 400, reason: "BadRequest", message: "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" } (5b5d)" },
    upstream: "sigs.k8s.io/json, as Go's encoding/json", seen: true,
  },
  {
    name: "create from a string", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps", body: '"x"' },
    want: { code: 400, reason: "BadRequest", message: "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: json: cannot unmarshal string into Go value of type struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" } (227822)" },
    upstream: "sigs.k8s.io/json, as Go's encoding/json", seen: true,
  },
  {
    name: "create from null", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps", body: "null" },
    want: { code: 422, reason: "Invalid", message: 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required', details: { kind: "ConfigMap", causes: [{ reason: "FieldValueRequired", message: "Required value: name or generateName is required", field: "metadata.name" }] } },
    upstream: "apimachinery/pkg/api/validation/objectmeta.go", seen: true,
  },
  {
    name: "create another kind", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps", body: { apiVersion: "v1", kind: "Secret", metadata: { name: "x" } } },
    want: { code: 400, reason: "BadRequest", message: 'Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion' },
    upstream: "apiserver/pkg/endpoints/handlers/create.go", seen: true,
  },
  {
    name: "create an unknown kind", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps", body: { apiVersion: "v1", kind: "Nope", metadata: { name: "x" } } },
    want: { code: 400, reason: "BadRequest", message: 'Nope in version "v1" cannot be handled as a ConfigMap: no kind "Nope" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30"' },
    upstream: "apiserver/pkg/endpoints/handlers/create.go",
  },
  {
    name: "create in another version", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps", body: { apiVersion: "v2", kind: "ConfigMap", metadata: { name: "x" } } },
    want: { code: 400, reason: "BadRequest", message: 'ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "v2" in scheme "pkg/api/legacyscheme/scheme.go:30"' },
    upstream: "apiserver/pkg/endpoints/handlers/create.go",
  },
  {
    name: "create in another group", ask: { method: "POST", path: "/apis/apps/v1/namespaces/t/deployments", body: { apiVersion: "extensions/v1beta1", kind: "Deployment", metadata: { name: "x" } } },
    want: { code: 400, reason: "BadRequest", message: "the API version in the data (extensions/v1beta1) does not match the expected API version (apps/v1)" },
    upstream: "apiserver/pkg/endpoints/handlers/create.go", seen: true,
  },
  {
    name: "create without a name", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps", body: { apiVersion: "v1", kind: "ConfigMap", metadata: {} } },
    want: { code: 422, reason: "Invalid", message: 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required', details: { kind: "ConfigMap", causes: [{ reason: "FieldValueRequired", message: "Required value: name or generateName is required", field: "metadata.name" }] } },
    upstream: "apimachinery/pkg/api/validation/objectmeta.go", seen: true,
  },
  {
    name: "create with a bad name", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "Bad_Name" } } },
    want: { code: 422, reason: "Invalid", message: "ConfigMap \"Bad_Name\" is invalid: metadata.name: Invalid value: \"Bad_Name\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')", details: { name: "Bad_Name", kind: "ConfigMap", causes: [{ reason: "FieldValueInvalid", message: "Invalid value: \"Bad_Name\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')", field: "metadata.name" }] } },
    upstream: "apimachinery/pkg/api/validation/objectmeta.go", seen: true,
  },
  {
    name: "create a namespace with a bad name", ask: { method: "POST", path: "/api/v1/namespaces", body: { metadata: { name: "a.b" } } },
    want: { code: 422, reason: "Invalid", message: 'Namespace "a.b" is invalid: metadata.name: Invalid value: "a.b": must not contain dots', details: { name: "a.b", kind: "Namespace", causes: [{ reason: "FieldValueInvalid", message: 'Invalid value: "a.b": must not contain dots', field: "metadata.name" }] } },
    upstream: "apimachinery/pkg/api/validation/objectmeta.go",
  },
  {
    name: "create with a bad generateName", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { generateName: "Bad_" } } },
    want: { code: 422, reason: "Invalid", message: "ConfigMap \"Bad_<x>\" is invalid: [metadata.generateName: Invalid value: \"Bad_\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'), metadata.name: Invalid value: \"Bad_<x>\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')]", details: { name: "Bad_<x>", kind: "ConfigMap", causes: [{ reason: "FieldValueInvalid", message: "Invalid value: \"Bad_\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')", field: "metadata.generateName" }, { reason: "FieldValueInvalid", message: "Invalid value: \"Bad_<x>\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')", field: "metadata.name" }] } },
    upstream: "apimachinery/pkg/api/validation/objectmeta.go", seen: true,
  },
  {
    name: "create in another namespace than the URL's", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x", namespace: "other" } } },
    want: { code: 400, reason: "BadRequest", message: "the namespace of the provided object does not match the namespace sent on the request" },
    upstream: "apiserver/pkg/endpoints/handlers/rest.go", seen: true,
  },
  {
    name: "create with a resourceVersion", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x", resourceVersion: "1" } } },
    want: { code: 400, reason: "BadRequest", message: "resourceVersion should not be set on objects to be created" },
    upstream: "apiserver/pkg/storage/errors.go ErrResourceVersionSetOnCreate", differs: "upstream answers 500",
  },
  {
    name: "create what is there", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } } },
    want: { code: 409, reason: "AlreadyExists", message: 'configmaps "a" already exists', details: { name: "a", kind: "configmaps" } },
    upstream: "apimachinery/pkg/api/errors/errors.go NewAlreadyExists", seen: true,
  },
  {
    name: "create a Deployment that is there", ask: { method: "POST", path: "/apis/apps/v1/namespaces/t/deployments", body: { metadata: { name: "d" }, spec: { selector: { matchLabels: { a: "b" } }, template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } } } } },
    want: { code: 409, reason: "AlreadyExists", message: 'deployments.apps "d" already exists', details: { name: "d", group: "apps", kind: "deployments" } },
    upstream: "apimachinery/pkg/api/errors/errors.go NewAlreadyExists", seen: true,
  },
  {
    name: "create in a namespace that is not there", ask: { method: "POST", path: "/api/v1/namespaces/nope/configmaps", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" } } },
    want: { code: 404, reason: "NotFound", message: 'namespaces "nope" not found', details: { name: "nope", kind: "namespaces" } },
    upstream: "apimachinery/pkg/api/errors/errors.go NewNotFound", seen: true,
  },
  {
    name: "create with an unknown dryRun", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps?dryRun=Some", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" } } },
    want: { code: 422, reason: "Invalid", message: 'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: []string{"Some"}: supported values: "All"', details: { group: "meta.k8s.io", kind: "CreateOptions", causes: [{ reason: "FieldValueNotSupported", message: 'Unsupported value: []string{"Some"}: supported values: "All"', field: "dryRun" }] } },
    upstream: "apimachinery/pkg/apis/meta/v1/validation/validation.go", seen: true,
  },
  {
    name: "create with an empty dryRun", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps?dryRun=", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" } } },
    want: { code: 422, reason: "Invalid", message: 'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: []string{""}: supported values: "All"', details: { group: "meta.k8s.io", kind: "CreateOptions", causes: [{ reason: "FieldValueNotSupported", message: 'Unsupported value: []string{""}: supported values: "All"', field: "dryRun" }] } },
    upstream: "apimachinery/pkg/apis/meta/v1/validation/validation.go", seen: true,
  },
  {
    name: "create with two dryRuns", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps?dryRun=All&dryRun=None", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" } } },
    want: { code: 422, reason: "Invalid", message: 'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: []string{"All", "None"}: supported values: "All"', details: { group: "meta.k8s.io", kind: "CreateOptions", causes: [{ reason: "FieldValueNotSupported", message: 'Unsupported value: []string{"All", "None"}: supported values: "All"', field: "dryRun" }] } },
    upstream: "apimachinery/pkg/apis/meta/v1/validation/validation.go", seen: true,
  },
  {
    name: "create with an unknown fieldValidation", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps?fieldValidation=Loose", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" } } },
    want: { code: 422, reason: "Invalid", message: 'CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Loose": supported values: "Ignore", "Strict", "Warn"', details: { group: "meta.k8s.io", kind: "CreateOptions", causes: [{ reason: "FieldValueNotSupported", message: 'Unsupported value: "Loose": supported values: "Ignore", "Strict", "Warn"', field: "fieldValidation" }] } },
    upstream: "apimachinery/pkg/apis/meta/v1/validation/validation.go",
  },
  {
    name: "create with a fieldManager that cannot be printed", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps?fieldManager=a%07b", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" } } },
    want: { code: 422, reason: "Invalid", message: "CreateOptions.meta.k8s.io \"\" is invalid: fieldManager: Invalid value: \"a\\ab\": invalid character U+0007 (at position 1)", details: { group: "meta.k8s.io", kind: "CreateOptions", causes: [{ reason: "FieldValueInvalid", message: "Invalid value: \"a\\ab\": invalid character U+0007 (at position 1)", field: "fieldManager" }] } },
    upstream: "apimachinery/pkg/apis/meta/v1/validation/validation.go", seen: true,
  },
  {
    name: "create strictly with an unknown field", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps?fieldValidation=Strict", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" }, nope: 1 } },
    want: { code: 400, reason: "BadRequest", message: 'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "nope"' },
    upstream: "apimachinery/pkg/runtime/error.go strictDecodingError",
  },
  {
    name: "create strictly with a field said twice", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps?fieldValidation=Strict", body: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":{"a":"1","a":"2"}}' },
    want: { code: 400, reason: "BadRequest", message: 'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: duplicate field "data.a"' },
    upstream: "apimachinery/pkg/runtime/error.go strictDecodingError",
  },
  {
    name: "create strictly with both", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps?fieldValidation=Strict", body: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","name":"y","zzz":1},"nope":1}' },
    want: { code: 400, reason: "BadRequest", message: 'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "metadata.zzz", unknown field "nope", duplicate field "metadata.name"' },
    upstream: "apimachinery/pkg/runtime/error.go strictDecodingError",
  },
  {
    name: "create with a number for a text", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: 5 } } },
    want: { code: 400, reason: "BadRequest", message: 'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string' },
    upstream: "sigs.k8s.io/json, as Go's encoding/json",
  },
  {
    name: "create with a list for a map", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" }, data: [] } },
    want: { code: 400, reason: "BadRequest", message: 'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal array into Go struct field ConfigMap.data of type map[string]string' },
    upstream: "sigs.k8s.io/json, as Go's encoding/json",
  },
  {
    name: "create with a number in a map of texts", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" }, data: { a: 1 } } },
    want: { code: 400, reason: "BadRequest", message: 'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string' },
    upstream: "sigs.k8s.io/json, as Go's encoding/json",
  },
  {
    name: "create with a text for a number", ask: { method: "POST", path: "/apis/apps/v1/namespaces/t/deployments", body: { metadata: { name: "x" }, spec: { replicas: "three" } } },
    want: { code: 400, reason: "BadRequest", message: 'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32' },
    upstream: "sigs.k8s.io/json, as Go's encoding/json",
  },
  {
    name: "create with a fraction for a number", ask: { method: "POST", path: "/apis/apps/v1/namespaces/t/deployments", body: { metadata: { name: "x" }, spec: { replicas: 1.5 } } },
    want: { code: 400, reason: "BadRequest", message: 'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32' },
    upstream: "sigs.k8s.io/json, as Go's encoding/json",
  },
  {
    name: "create with a text for a list", ask: { method: "POST", path: "/api/v1/namespaces/t/pods", body: { apiVersion: "v1", kind: "Pod", metadata: { name: "x" }, spec: { containers: "none" } } },
    want: { code: 400, reason: "BadRequest", message: 'Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container' },
    upstream: "sigs.k8s.io/json, as Go's encoding/json",
  },
  {
    name: "create with a bad time", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x", creationTimestamp: "yesterday" } } },
    want: { code: 400, reason: "BadRequest", message: 'ConfigMap in version "v1" cannot be handled as a ConfigMap: parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"' },
    upstream: "apiserver/pkg/endpoints/handlers/create.go",
  },
  {
    name: "create with a bad quantity", ask: { method: "POST", path: "/api/v1/namespaces/t/pods", body: { apiVersion: "v1", kind: "Pod", metadata: { name: "x" }, spec: { containers: [{ name: "c", image: "i", resources: { limits: { cpu: "many" } } }] } } },
    want: { code: 400, reason: "BadRequest", message: "Pod in version \"v1\" cannot be handled as a Pod: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'" },
    upstream: "apiserver/pkg/endpoints/handlers/create.go",
  },
  {
    name: "create with a secret that is no base64", ask: { method: "POST", path: "/api/v1/namespaces/t/secrets", body: { metadata: { name: "x" }, data: { a: "?" } } },
    want: { code: 400, reason: "BadRequest", message: 'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 0' },
    upstream: "apiserver/pkg/endpoints/handlers/create.go",
  },
  {
    name: "create with broken YAML", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps", body: "kind: ConfigMap\nmetadata:\n  name: a\n data: {}\n", type: "application/yaml" },
    want: { code: 400, reason: "BadRequest", message: "the object provided is unrecognized (must be of type ConfigMap): yaml: line 3: did not find expected key (6b696e643a20436f6e6669674d61700a6d657461646174613a0a20206e61 ...)" },
    upstream: "apimachinery/pkg/runtime/serializer/json/json.go", seen: true,
  },
  {
    name: "create in an unknown format", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps", body: "x", type: "text/plain" },
    want: { code: 415, reason: "UnsupportedMediaType", message: "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf" },
    upstream: "apiserver/pkg/endpoints/handlers/negotiation/errors.go", seen: true,
  },
  {
    name: "create at a name", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps/x", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" } } },
    want: { code: 405, reason: "MethodNotAllowed", message: "the server does not allow this method on the requested resource", details: {} },
    upstream: "apimachinery/pkg/api/errors/errors.go NewGenericServerResponse", seen: true,
  },
  {
    name: "create everywhere", ask: { method: "POST", path: "/api/v1/configmaps", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" } } },
    want: { code: 405, reason: "MethodNotAllowed", message: "the server does not allow this method on the requested resource", details: {} },
    upstream: "apimachinery/pkg/api/errors/errors.go NewGenericServerResponse", seen: true,
  },
  {
    name: "create with a bad label", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x", labels: { "a b": "c" } } } },
    want: { code: 422, reason: "Invalid", message: "ConfigMap \"x\" is invalid: metadata.labels: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')", details: { name: "x", kind: "ConfigMap", causes: [{ reason: "FieldValueInvalid", message: "Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')", field: "metadata.labels" }] } },
    upstream: "apimachinery/pkg/api/validation/objectmeta.go", seen: true,
  },
  {
    name: "create with a bad label value", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x", labels: { a: "b c" } } } },
    want: { code: 422, reason: "Invalid", message: "ConfigMap \"x\" is invalid: metadata.labels: Invalid value: \"b c\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')", details: { name: "x", kind: "ConfigMap", causes: [{ reason: "FieldValueInvalid", message: "Invalid value: \"b c\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')", field: "metadata.labels" }] } },
    upstream: "apimachinery/pkg/api/validation/objectmeta.go", seen: true,
  },
  {
    name: "create with a bad annotation", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x", annotations: { "a b": "c" } } } },
    want: { code: 422, reason: "Invalid", message: "ConfigMap \"x\" is invalid: metadata.annotations: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')", details: { name: "x", kind: "ConfigMap", causes: [{ reason: "FieldValueInvalid", message: "Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')", field: "metadata.annotations" }] } },
    upstream: "apimachinery/pkg/api/validation/objectmeta.go", seen: true,
  },
  {
    name: "create with a bad finalizer", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x", finalizers: ["nope"] } } },
    want: { code: 422, reason: "Invalid", message: 'ConfigMap "x" is invalid: metadata.finalizers[0]: Invalid value: "nope": name is neither a standard finalizer name nor is it fully qualified', details: { name: "x", kind: "ConfigMap", causes: [{ reason: "FieldValueInvalid", message: 'Invalid value: "nope": name is neither a standard finalizer name nor is it fully qualified', field: "metadata.finalizers[0]" }] } },
    upstream: "apimachinery/pkg/api/validation/objectmeta.go", seen: true,
  },
  {
    name: "create with a bad owner", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x", ownerReferences: [{ apiVersion: "", kind: "", name: "", uid: "" }] } } },
    want: { code: 422, reason: "Invalid", message: 'ConfigMap "x" is invalid: [metadata.ownerReferences.apiVersion: Invalid value: "": version must not be empty, metadata.ownerReferences.kind: Invalid value: "": must not be empty, metadata.ownerReferences.name: Invalid value: "": must not be empty, metadata.ownerReferences.uid: Invalid value: "": must not be empty]', details: { name: "x", kind: "ConfigMap", causes: [{ reason: "FieldValueInvalid", message: 'Invalid value: "": version must not be empty', field: "metadata.ownerReferences.apiVersion" }, { reason: "FieldValueInvalid", message: 'Invalid value: "": must not be empty', field: "metadata.ownerReferences.kind" }, { reason: "FieldValueInvalid", message: 'Invalid value: "": must not be empty', field: "metadata.ownerReferences.name" }, { reason: "FieldValueInvalid", message: 'Invalid value: "": must not be empty', field: "metadata.ownerReferences.uid" }] } },
    upstream: "apimachinery/pkg/api/validation/objectmeta.go",
  },
  {
    name: "create with two controllers", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x", ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "a", uid: "1", controller: true }, { apiVersion: "v1", kind: "Pod", name: "b", uid: "2", controller: true }] } } },
    want: { code: 422, reason: "Invalid", message: 'ConfigMap "x" is invalid: metadata.ownerReferences: Invalid value: [{"apiVersion":"v1","kind":"Pod","name":"a","uid":"1","controller":true},{"apiVersion":"v1","kind":"Pod","name":"b","uid":"2","controller":true}]: Only one reference can have Controller set to true. Found "true" in references for Pod/a and Pod/b', details: { name: "x", kind: "ConfigMap", causes: [{ reason: "FieldValueInvalid", message: 'Invalid value: [{"apiVersion":"v1","kind":"Pod","name":"a","uid":"1","controller":true},{"apiVersion":"v1","kind":"Pod","name":"b","uid":"2","controller":true}]: Only one reference can have Controller set to true. Found "true" in references for Pod/a and Pod/b', field: "metadata.ownerReferences" }] } },
    upstream: "apimachinery/pkg/api/validation/objectmeta.go",
  },
  {
    name: "create with a bad key", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" }, data: { "a b": "c" } } },
    want: { code: 422, reason: "Invalid", message: "ConfigMap \"x\" is invalid: data[a b]: Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')", details: { name: "x", kind: "ConfigMap", causes: [{ reason: "FieldValueInvalid", message: "Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')", field: "data[a b]" }] } },
    upstream: "pkg/apis/core/validation/validation.go", seen: true,
  },
  {
    name: "create with a key in both maps", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" }, data: { a: "c" }, binaryData: { a: "" } } },
    want: { code: 422, reason: "Invalid", message: 'ConfigMap "x" is invalid: data[a]: Invalid value: "a": duplicate of key present in binaryData', details: { name: "x", kind: "ConfigMap", causes: [{ reason: "FieldValueInvalid", message: 'Invalid value: "a": duplicate of key present in binaryData', field: "data[a]" }] } },
    upstream: "pkg/apis/core/validation/validation.go", seen: true,
  },
  {
    name: "create an empty Pod", ask: { method: "POST", path: "/api/v1/namespaces/t/pods", body: { apiVersion: "v1", kind: "Pod", metadata: { name: "x" }, spec: {} } },
    want: { code: 422, reason: "Invalid", message: 'Pod "x" is invalid: spec.containers: Required value', details: { name: "x", kind: "Pod", causes: [{ reason: "FieldValueRequired", message: "Required value", field: "spec.containers" }] } },
    upstream: "pkg/apis/core/validation/validation.go, pkg/registry/core/pod/strategy.go", seen: true,
  },
  {
    name: "create a Pod with a bad container", ask: { method: "POST", path: "/api/v1/namespaces/t/pods", body: { apiVersion: "v1", kind: "Pod", metadata: { name: "x" }, spec: { containers: [{ name: "C", image: "" }] } } },
    want: { code: 422, reason: "Invalid", message: "Pod \"x\" is invalid: [spec.containers[0].name: Invalid value: \"C\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?'), spec.containers[0].image: Required value]", details: { name: "x", kind: "Pod", causes: [{ reason: "FieldValueInvalid", message: "Invalid value: \"C\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')", field: "spec.containers[0].name" }, { reason: "FieldValueRequired", message: "Required value", field: "spec.containers[0].image" }] } },
    upstream: "pkg/apis/core/validation/validation.go, pkg/registry/core/pod/strategy.go", seen: true,
  },
  {
    name: "create a Pod with two containers of a name", ask: { method: "POST", path: "/api/v1/namespaces/t/pods", body: { apiVersion: "v1", kind: "Pod", metadata: { name: "x" }, spec: { containers: [{ name: "c", image: "i" }, { name: "c", image: "i" }] } } },
    want: { code: 422, reason: "Invalid", message: 'Pod "x" is invalid: spec.containers[1].name: Duplicate value: "c"', details: { name: "x", kind: "Pod", causes: [{ reason: "FieldValueDuplicate", message: 'Duplicate value: "c"', field: "spec.containers[1].name" }] } },
    upstream: "pkg/apis/core/validation/validation.go, pkg/registry/core/pod/strategy.go", seen: true,
  },
  {
    name: "create a Pod with an unknown volume", ask: { method: "POST", path: "/api/v1/namespaces/t/pods", body: { apiVersion: "v1", kind: "Pod", metadata: { name: "x" }, spec: { containers: [{ name: "c", image: "i", volumeMounts: [{ name: "v", mountPath: "/v" }] }] } } },
    want: { code: 422, reason: "Invalid", message: 'Pod "x" is invalid: spec.containers[0].volumeMounts[0].name: Not found: "v"', details: { name: "x", kind: "Pod", causes: [{ reason: "FieldValueNotFound", message: 'Not found: "v"', field: "spec.containers[0].volumeMounts[0].name" }] } },
    upstream: "pkg/apis/core/validation/validation.go, pkg/registry/core/pod/strategy.go", seen: true,
  },
  {
    name: "create a Pod with an unknown restartPolicy", ask: { method: "POST", path: "/api/v1/namespaces/t/pods", body: { apiVersion: "v1", kind: "Pod", metadata: { name: "x" }, spec: { restartPolicy: "Maybe", containers: [{ name: "c", image: "i" }] } } },
    want: { code: 422, reason: "Invalid", message: 'Pod "x" is invalid: spec.restartPolicy: Unsupported value: "Maybe": supported values: "Always", "OnFailure", "Never"', details: { name: "x", kind: "Pod", causes: [{ reason: "FieldValueNotSupported", message: 'Unsupported value: "Maybe": supported values: "Always", "OnFailure", "Never"', field: "spec.restartPolicy" }] } },
    upstream: "pkg/apis/core/validation/validation.go, pkg/registry/core/pod/strategy.go", seen: true,
  },
  {
    name: "create an empty Deployment", ask: { method: "POST", path: "/apis/apps/v1/namespaces/t/deployments", body: { metadata: { name: "x" } } },
    want: { code: 422, reason: "Invalid", message: 'Deployment.apps "x" is invalid: [spec.selector: Required value, spec.template.metadata.labels: Invalid value: {}: `selector` does not match template `labels`, spec.template.spec.containers: Required value]', details: { name: "x", group: "apps", kind: "Deployment", causes: [{ reason: "FieldValueRequired", message: "Required value", field: "spec.selector" }, { reason: "FieldValueInvalid", message: "Invalid value: {}: `selector` does not match template `labels`", field: "spec.template.metadata.labels" }, { reason: "FieldValueRequired", message: "Required value", field: "spec.template.spec.containers" }] } },
    upstream: "apimachinery/pkg/api/validation/objectmeta.go",
  },
  {
    name: "create a Deployment whose selector misses", ask: { method: "POST", path: "/apis/apps/v1/namespaces/t/deployments", body: { metadata: { name: "x" }, spec: { selector: { matchLabels: { a: "b" } }, template: { metadata: { labels: { a: "c" } }, spec: { containers: [{ name: "c", image: "i" }] } } } } },
    want: { code: 422, reason: "Invalid", message: 'Deployment.apps "x" is invalid: spec.template.metadata.labels: Invalid value: {"a":"c"}: `selector` does not match template `labels`', details: { name: "x", group: "apps", kind: "Deployment", causes: [{ reason: "FieldValueInvalid", message: 'Invalid value: {"a":"c"}: `selector` does not match template `labels`', field: "spec.template.metadata.labels" }] } },
    upstream: "apimachinery/pkg/api/validation/objectmeta.go",
  },
  {
    name: "create a Deployment with fewer than none", ask: { method: "POST", path: "/apis/apps/v1/namespaces/t/deployments", body: { metadata: { name: "x" }, spec: { replicas: -1, selector: { matchLabels: { a: "b" } }, template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } } } } },
    want: { code: 422, reason: "Invalid", message: 'Deployment.apps "x" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0', details: { name: "x", group: "apps", kind: "Deployment", causes: [{ reason: "FieldValueInvalid", message: "Invalid value: -1: must be greater than or equal to 0", field: "spec.replicas" }] } },
    upstream: "pkg/apis/apps/validation/validation.go", seen: true,
  },
  {
    name: "create a Service without ports", ask: { method: "POST", path: "/api/v1/namespaces/t/services", body: { metadata: { name: "x" }, spec: {} } },
    want: { code: 422, reason: "Invalid", message: 'Service "x" is invalid: spec.ports: Required value', details: { name: "x", kind: "Service", causes: [{ reason: "FieldValueRequired", message: "Required value", field: "spec.ports" }] } },
    upstream: "pkg/apis/core/validation/validation.go", seen: true,
  },
  {
    name: "create a Service with a bad port", ask: { method: "POST", path: "/api/v1/namespaces/t/services", body: { metadata: { name: "x" }, spec: { ports: [{ port: 70000 }] } } },
    want: { code: 422, reason: "Invalid", message: 'Service "x" is invalid: [spec.ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive, spec.ports[0].targetPort: Invalid value: 70000: must be between 1 and 65535, inclusive]', details: { name: "x", kind: "Service", causes: [{ reason: "FieldValueInvalid", message: "Invalid value: 70000: must be between 1 and 65535, inclusive", field: "spec.ports[0].port" }, { reason: "FieldValueInvalid", message: "Invalid value: 70000: must be between 1 and 65535, inclusive", field: "spec.ports[0].targetPort" }] } },
    upstream: "pkg/apis/core/validation/validation.go", seen: true,
  },
  {
    name: "create a Service with a bad type", ask: { method: "POST", path: "/api/v1/namespaces/t/services", body: { metadata: { name: "x" }, spec: { type: "Nope", ports: [{ port: 80 }] } } },
    want: { code: 422, reason: "Invalid", message: 'Service "x" is invalid: spec.type: Unsupported value: "Nope": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"', details: { name: "x", kind: "Service", causes: [{ reason: "FieldValueNotSupported", message: 'Unsupported value: "Nope": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"', field: "spec.type" }] } },
    upstream: "pkg/apis/core/validation/validation.go", seen: true,
  },
  {
    name: "create a Service with a bad name", ask: { method: "POST", path: "/api/v1/namespaces/t/services", body: { metadata: { name: "1x" }, spec: { ports: [{ port: 80 }] } } },
    want: { code: 422, reason: "Invalid", message: "Service \"1x\" is invalid: metadata.name: Invalid value: \"1x\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')", details: { name: "1x", kind: "Service", causes: [{ reason: "FieldValueInvalid", message: "Invalid value: \"1x\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')", field: "metadata.name" }] } },
    upstream: "apimachinery/pkg/api/validation/objectmeta.go", seen: true,
  },
  {
    name: "create a RoleBinding without a role", ask: { method: "POST", path: "/apis/rbac.authorization.k8s.io/v1/namespaces/t/rolebindings", body: { metadata: { name: "x" }, roleRef: {} } },
    want: { code: 422, reason: "Invalid", message: 'RoleBinding.rbac.authorization.k8s.io "x" is invalid: [roleRef.kind: Unsupported value: "": supported values: "Role", "ClusterRole", roleRef.name: Required value]', details: { name: "x", group: "rbac.authorization.k8s.io", kind: "RoleBinding", causes: [{ reason: "FieldValueNotSupported", message: 'Unsupported value: "": supported values: "Role", "ClusterRole"', field: "roleRef.kind" }, { reason: "FieldValueRequired", message: "Required value", field: "roleRef.name" }] } },
    upstream: "pkg/apis/rbac/validation/validation.go", seen: true,
  },
  {
    name: "create a Role with an empty rule", ask: { method: "POST", path: "/apis/rbac.authorization.k8s.io/v1/namespaces/t/roles", body: { metadata: { name: "x" }, rules: [{}] } },
    want: { code: 422, reason: "Invalid", message: 'Role.rbac.authorization.k8s.io "x" is invalid: [rules[0].verbs: Required value: verbs must contain at least one value, rules[0].apiGroups: Required value: resource rules must supply at least one api group, rules[0].resources: Required value: resource rules must supply at least one resource]', details: { name: "x", group: "rbac.authorization.k8s.io", kind: "Role", causes: [{ reason: "FieldValueRequired", message: "Required value: verbs must contain at least one value", field: "rules[0].verbs" }, { reason: "FieldValueRequired", message: "Required value: resource rules must supply at least one api group", field: "rules[0].apiGroups" }, { reason: "FieldValueRequired", message: "Required value: resource rules must supply at least one resource", field: "rules[0].resources" }] } },
    upstream: "pkg/apis/rbac/validation/validation.go", seen: true,
  },
  {
    name: "create a PriorityClass too high", ask: { method: "POST", path: "/apis/scheduling.k8s.io/v1/priorityclasses", body: { metadata: { name: "x" }, value: 2000000000 } },
    want: { code: 422, reason: "Invalid", message: 'PriorityClass.scheduling.k8s.io "x" is invalid: value: Forbidden: maximum allowed value of a user defined priority is 1000000000', details: { name: "x", group: "scheduling.k8s.io", kind: "PriorityClass", causes: [{ reason: "FieldValueForbidden", message: "Forbidden: maximum allowed value of a user defined priority is 1000000000", field: "value" }] } },
    upstream: "pkg/apis/scheduling/validation/validation.go", seen: true,
  },
  {
    name: "create a StorageClass without provisioner", ask: { method: "POST", path: "/apis/storage.k8s.io/v1/storageclasses", body: { metadata: { name: "x" } } },
    want: { code: 422, reason: "Invalid", message: 'StorageClass.storage.k8s.io "x" is invalid: provisioner: Required value', details: { name: "x", group: "storage.k8s.io", kind: "StorageClass", causes: [{ reason: "FieldValueRequired", message: "Required value", field: "provisioner" }] } },
    upstream: "pkg/apis/storage/validation/validation.go", seen: true,
  },
  {
    name: "create an empty PersistentVolume", ask: { method: "POST", path: "/api/v1/persistentvolumes", body: { metadata: { name: "x" }, spec: {} } },
    want: { code: 422, reason: "Invalid", message: 'PersistentVolume "x" is invalid: [spec.accessModes: Required value, spec.capacity: Required value, spec.capacity: Unsupported value: {}: supported values: "storage", spec: Required value: must specify a volume type]', details: { name: "x", kind: "PersistentVolume", causes: [{ reason: "FieldValueRequired", message: "Required value", field: "spec.accessModes" }, { reason: "FieldValueRequired", message: "Required value", field: "spec.capacity" }, { reason: "FieldValueNotSupported", message: 'Unsupported value: {}: supported values: "storage"', field: "spec.capacity" }, { reason: "FieldValueRequired", message: "Required value: must specify a volume type", field: "spec" }] } },
    upstream: "pkg/apis/core/validation/validation.go",
  },
  {
    name: "create an empty PersistentVolumeClaim", ask: { method: "POST", path: "/api/v1/namespaces/t/persistentvolumeclaims", body: { metadata: { name: "x" }, spec: {} } },
    want: { code: 422, reason: "Invalid", message: 'PersistentVolumeClaim "x" is invalid: [spec.accessModes: Required value: at least 1 access mode is required, spec.resources[storage]: Required value]', details: { name: "x", kind: "PersistentVolumeClaim", causes: [{ reason: "FieldValueRequired", message: "Required value: at least 1 access mode is required", field: "spec.accessModes" }, { reason: "FieldValueRequired", message: "Required value", field: "spec.resources[storage]" }] } },
    upstream: "pkg/apis/core/validation/validation.go", seen: true,
  },
];
