/** Requests that are too much of something. */
import type { Refusal } from "./refusal.ts";

const maps = "/api/v1/namespaces/t/configmaps";
const long = "a".repeat(254);
const nameRule = "must be no more than 253 bytes";
const named = { kind: "ConfigMap", causes: [{ reason: "FieldValueInvalid", message: `Invalid value: ${JSON.stringify(long)}: ${nameRule}`, field: "metadata.name" }] };
const tooManyBytes = "Too long: may not be more than";

export const large: readonly Refusal[] = [
  {
    name: "create with a name too long", ask: { method: "POST", path: maps, body: { metadata: { name: long } } },
    want: { code: 422, reason: "Invalid", message: `ConfigMap ${JSON.stringify(long)} is invalid: metadata.name: Invalid value: ${JSON.stringify(long)}: ${nameRule}`, details: { name: long, ...named } },
    upstream: "apimachinery/pkg/util/validation/validation.go MaxLenError",
  },
  {
    name: "create with annotations too long", ask: { method: "POST", path: maps, body: { metadata: { name: "x", annotations: { a: "x".repeat(262145) } } } },
    want: {
      code: 422, reason: "Invalid", message: `ConfigMap "x" is invalid: metadata.annotations: ${tooManyBytes} 262144 bytes`,
      details: { name: "x", kind: "ConfigMap", causes: [{ reason: "FieldValueTooLong", message: `${tooManyBytes} 262144 bytes`, field: "metadata.annotations" }] },
    },
    upstream: "apimachinery/pkg/api/validation/objectmeta.go ValidateAnnotationsSize",
  },
  {
    name: "create with data too long", ask: { method: "POST", path: maps, body: { metadata: { name: "x" }, data: { a: "x".repeat(1048577) } } },
    want: {
      code: 422, reason: "Invalid", message: `ConfigMap "x" is invalid: []: ${tooManyBytes} 1048576 bytes`,
      details: { name: "x", kind: "ConfigMap", causes: [{ reason: "FieldValueTooLong", message: `${tooManyBytes} 1048576 bytes`, field: "[]" }] },
    },
    upstream: "pkg/apis/core/validation/validation.go ValidateConfigMap",
  },
  {
    name: "create with a fieldManager too long", ask: { method: "POST", path: `${maps}?fieldManager=${"a".repeat(129)}`, body: { metadata: { name: "x" } } },
    want: {
      code: 422, reason: "Invalid", message: `CreateOptions.meta.k8s.io "" is invalid: fieldManager: ${tooManyBytes} 128 bytes`,
      details: { group: "meta.k8s.io", kind: "CreateOptions", causes: [{ reason: "FieldValueTooLong", message: `${tooManyBytes} 128 bytes`, field: "fieldManager" }] },
    },
    upstream: "apimachinery/pkg/apis/meta/v1/validation/validation.go ValidateFieldManager",
  },
  {
    name: "json patch of 10001 operations", ask: { method: "PATCH", path: `${maps}/a`, type: "application/json-patch+json", body: Array.from({ length: 10001 }, () => ({ op: "test", path: "/data/k", value: "a" })) },
    want: { code: 413, reason: "RequestEntityTooLarge", message: "Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001" },
    upstream: "apiserver/pkg/endpoints/handlers/patch.go", seen: true,
  },
  {
    name: "a body of 3 MiB and one byte", ask: { method: "POST", path: maps, body: " ".repeat(3 * 1024 * 1024 + 1) },
    want: { code: 413, reason: "RequestEntityTooLarge", message: "Request entity too large: limit is 3145728" },
    upstream: "apiserver/pkg/endpoints/handlers/rest.go limitedReadBody", seen: true,
  },
];
