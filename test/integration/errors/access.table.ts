/** Who asks, and how: what is wrong with a request, and what it is told. */
import type { Refusal } from "./refusal.ts";

export const access: readonly Refusal[] = [
  {
    name: "as nobody", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps", as: "nobody" },
    want: { code: 401, reason: "Unauthorized", message: "Unauthorized" },
    upstream: "apiserver/pkg/endpoints/filters/authentication.go",
  },
  {
    name: "with a bad token", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps", headers: { authorization: "Bearer nope" }, as: "nobody" },
    want: { code: 401, reason: "Unauthorized", message: "Unauthorized" },
    upstream: "apiserver/pkg/endpoints/filters/authentication.go", seen: true,
  },
  {
    name: "get what one may not", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps/a", as: "bob" },
    want: { code: 403, reason: "Forbidden", message: 'configmaps "a" is forbidden: User "bob" cannot get resource "configmaps" in API group "" in the namespace "t"', details: { name: "a", kind: "configmaps" } },
    upstream: "apiserver/pkg/endpoints/handlers/responsewriters/errors.go", seen: true,
  },
  {
    name: "list what one may not", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps", as: "bob" },
    want: { code: 403, reason: "Forbidden", message: 'configmaps is forbidden: User "bob" cannot list resource "configmaps" in API group "" in the namespace "t"', details: { kind: "configmaps" } },
    upstream: "apiserver/pkg/endpoints/handlers/responsewriters/errors.go", seen: true,
  },
  {
    name: "list everywhere what one may not", ask: { method: "GET", path: "/api/v1/configmaps", as: "bob" },
    want: { code: 403, reason: "Forbidden", message: 'configmaps is forbidden: User "bob" cannot list resource "configmaps" in API group "" at the cluster scope', details: { kind: "configmaps" } },
    upstream: "apiserver/pkg/endpoints/handlers/responsewriters/errors.go", seen: true,
  },
  {
    name: "watch what one may not", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps?watch=true", as: "bob" },
    want: { code: 403, reason: "Forbidden", message: 'configmaps is forbidden: User "bob" cannot watch resource "configmaps" in API group "" in the namespace "t"', details: { kind: "configmaps" } },
    upstream: "apiserver/pkg/endpoints/handlers/responsewriters/errors.go", seen: true,
  },
  {
    name: "create what one may not", ask: { method: "POST", path: "/api/v1/namespaces/t/configmaps", body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" } }, as: "bob" },
    want: { code: 403, reason: "Forbidden", message: 'configmaps is forbidden: User "bob" cannot create resource "configmaps" in API group "" in the namespace "t"', details: { kind: "configmaps" } },
    upstream: "apiserver/pkg/endpoints/handlers/responsewriters/errors.go", seen: true,
  },
  {
    name: "update what one may not", ask: { method: "PUT", path: "/apis/apps/v1/namespaces/t/deployments/d", body: {}, as: "bob" },
    want: { code: 403, reason: "Forbidden", message: 'deployments.apps "d" is forbidden: User "bob" cannot update resource "deployments" in API group "apps" in the namespace "t"', details: { name: "d", group: "apps", kind: "deployments" } },
    upstream: "apiserver/pkg/endpoints/handlers/responsewriters/errors.go", seen: true,
  },
  {
    name: "patch what one may not", ask: { method: "PATCH", path: "/apis/apps/v1/namespaces/t/deployments/d/status", body: {}, type: "application/merge-patch+json", as: "bob" },
    want: { code: 403, reason: "Forbidden", message: 'deployments.apps "d" is forbidden: User "bob" cannot patch resource "deployments/status" in API group "apps" in the namespace "t"', details: { name: "d", group: "apps", kind: "deployments" } },
    upstream: "apiserver/pkg/endpoints/handlers/responsewriters/errors.go", seen: true,
  },
  {
    name: "delete what one may not", ask: { method: "DELETE", path: "/api/v1/nodes/n1", as: "bob" },
    want: { code: 403, reason: "Forbidden", message: 'nodes "n1" is forbidden: User "bob" cannot delete resource "nodes" in API group "" at the cluster scope', details: { name: "n1", kind: "nodes" } },
    upstream: "apiserver/pkg/endpoints/handlers/responsewriters/errors.go", seen: true,
  },
  {
    name: "delete a collection that one may not", ask: { method: "DELETE", path: "/api/v1/namespaces/t/configmaps", as: "bob" },
    want: { code: 403, reason: "Forbidden", message: 'configmaps is forbidden: User "bob" cannot deletecollection resource "configmaps" in API group "" in the namespace "t"', details: { kind: "configmaps" } },
    upstream: "apiserver/pkg/endpoints/handlers/responsewriters/errors.go", seen: true,
  },
  {
    name: "a subresource that one may not", ask: { method: "GET", path: "/api/v1/namespaces/t/pods/p/log", as: "bob" },
    want: { code: 403, reason: "Forbidden", message: 'pods "p" is forbidden: User "bob" cannot get resource "pods/log" in API group "" in the namespace "t"', details: { name: "p", kind: "pods" } },
    upstream: "apiserver/pkg/endpoints/handlers/responsewriters/errors.go", seen: true,
  },
  {
    name: "a path that one may not", ask: { method: "GET", path: "/metrics", as: "bob" },
    want: { code: 403, reason: "Forbidden", message: 'forbidden: User "bob" cannot get path "/metrics"', details: {} },
    upstream: "apiserver/pkg/endpoints/handlers/responsewriters/errors.go", seen: true,
  },
  {
    name: "an unknown path that one may not", ask: { method: "GET", path: "/nope", as: "bob" },
    want: { code: 403, reason: "Forbidden", message: 'forbidden: User "bob" cannot get path "/nope"', details: {} },
    upstream: "apiserver/pkg/endpoints/handlers/responsewriters/errors.go", seen: true,
  },
  {
    name: "be somebody else without leave", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps", headers: { "impersonate-user": "alice" }, as: "bob" },
    want: { code: 403, reason: "Forbidden", message: 'users "alice" is forbidden: User "bob" cannot impersonate resource "users" in API group "" at the cluster scope', details: { name: "alice", kind: "users" } },
    upstream: "apiserver/pkg/endpoints/handlers/responsewriters/errors.go", seen: true,
  },
  {
    name: "be an account without leave", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps", headers: { "impersonate-user": "system:serviceaccount:t:default" }, as: "bob" },
    want: { code: 403, reason: "Forbidden", message: 'serviceaccounts "default" is forbidden: User "bob" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "t"', details: { name: "default", kind: "serviceaccounts" } },
    upstream: "apiserver/pkg/endpoints/handlers/responsewriters/errors.go", seen: true,
  },
  {
    name: "be a group without a user", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps", headers: { "impersonate-group": "g" } },
    want: { code: 400, reason: "BadRequest", message: "requested impersonation without impersonating a user" },
    upstream: "apiserver/pkg/endpoints/filters/impersonation.go",
  },
  {
    name: "be somebody else who may not", ask: { method: "GET", path: "/api/v1/namespaces/t/configmaps", headers: { "impersonate-user": "alice" } },
    want: { code: 403, reason: "Forbidden", message: 'configmaps is forbidden: User "alice" cannot list resource "configmaps" in API group "" in the namespace "t"', details: { kind: "configmaps" } },
    upstream: "apiserver/pkg/endpoints/handlers/responsewriters/errors.go", seen: true,
  },
  {
    name: "an odd method", ask: { method: "TRACE", path: "/api/v1/namespaces/t/configmaps" },
    want: { code: 405, reason: "MethodNotAllowed", message: "the server does not allow this method on the requested resource", details: {} },
    upstream: "apimachinery/pkg/api/errors/errors.go NewGenericServerResponse", seen: true,
  },
  {
    name: "options", ask: { method: "OPTIONS", path: "/api/v1/namespaces/t/configmaps" },
    want: { code: 405, reason: "MethodNotAllowed", message: "the server does not allow this method on the requested resource", details: {} },
    upstream: "apimachinery/pkg/api/errors/errors.go NewGenericServerResponse", seen: true,
  },
];
