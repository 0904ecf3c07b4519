import type { PolicyRule } from "#api/gen/rbac-v1.ts";
import { parseFieldSelector } from "#apimachinery/field-selector.ts";
import { persistentVolumes } from "#api/resources.ts";
import type { PersistentVolume } from "#api/gen/core-v1.ts";
import type { Feed } from "../cacher/feed.ts";
import { objectKey, prefixOf } from "../cacher/keys.ts";
import type { AuthorizationRequest, Authorizer, Decision } from "./authorizer.ts";
import { NodeReferences } from "./node-references.ts";
import { ruleAllows } from "./rules.ts";

const prefix = "system:node:";
const reads: ReadonlySet<string> = new Set(["get", "list", "watch"]);
const kinds: Readonly<Record<string, string>> = { secrets: "secret", configmaps: "configmap", persistentvolumeclaims: "persistentvolumeclaim" };

const rule = (group: string, resources: string[], verbs: string[]): PolicyRule => ({ apiGroups: [group], resources, verbs });
/** What a node may do without regard to its pods; NodeRestriction looks closer at its writes. Upstream: bootstrappolicy NodeRules */
const nodeRules: readonly PolicyRule[] = [
  rule("authentication.k8s.io", ["tokenreviews"], ["create"]),
  rule("authorization.k8s.io", ["subjectaccessreviews", "localsubjectaccessreviews"], ["create"]),
  rule("", ["services"], ["get", "list", "watch"]),
  rule("", ["nodes"], ["create"]),
  rule("", ["nodes/status"], ["update", "patch"]),
  rule("", ["nodes"], ["update", "patch"]),
  rule("", ["pods"], ["create", "delete"]),
  rule("", ["pods/status"], ["update", "patch"]),
  rule("", ["pods/eviction"], ["create"]),
  rule("", ["events"], ["create", "patch", "update"]),
  rule("events.k8s.io", ["events"], ["create", "patch", "update"]),
  rule("certificates.k8s.io", ["certificatesigningrequests"], ["create", "get", "list", "watch"]),
  rule("node.k8s.io", ["runtimeclasses"], ["get", "list", "watch"]),
  rule("storage.k8s.io", ["csidrivers"], ["get", "list", "watch"]),
  rule("storage.k8s.io", ["volumeattachments"], ["get"]),
];

/** A node sees what its own pods name, and itself. Upstream: plugin/pkg/auth/authorizer/node */
export function nodeAuthorizer(feed: Feed): Authorizer {
  const references = new NodeReferences(feed);
  return { authorize: async (request) => decide(feed, references, request) };
}

function decide(feed: Feed, references: NodeReferences, request: AuthorizationRequest): Decision {
  const node = nodeOf(request);
  if (node === undefined || request.path !== undefined) return no("");
  switch (`${request.group ?? ""}/${request.resource ?? ""}`) {
    case "/secrets": case "/configmaps": case "/persistentvolumeclaims": return named(references, node, request);
    case "/persistentvolumes": return volume(feed, references, node, request);
    case "/serviceaccounts": return token(references, node, request);
    case "coordination.k8s.io/leases": return lease(node, request);
    case "storage.k8s.io/csinodes": return own(node, request, ["create", "get", "update", "patch", "delete"]);
    case "/nodes": if (reads.has(request.verb)) return own(node, request, ["get", "list", "watch"]); break;
    case "/pods": if (reads.has(request.verb) && request.subresource === "") return ownPods(references, node, request); break;
  }
  return { allowed: nodeRules.some((r) => ruleAllows(r, request)), reason: "" };
}

function nodeOf({ user }: AuthorizationRequest): string | undefined {
  if (!user.name.startsWith(prefix) || !user.groups.includes("system:nodes")) return undefined;
  return user.name.slice(prefix.length);
}

function named(references: NodeReferences, node: string, { verb, resource = "", namespace = "", name = "", subresource = "" }: AuthorizationRequest): Decision {
  const growth = resource === "persistentvolumeclaims" && subresource === "status" && (verb === "update" || verb === "patch" || verb === "get");
  const read = subresource === "" && (verb === "get" || (resource !== "persistentvolumeclaims" && reads.has(verb)));
  if (!read && !growth) return no("can only read resources of this type");
  if (name === "") return no("No Object name found");
  return reached(references.reaches(node, kinds[resource] ?? "", namespace, name), node);
}

function volume(feed: Feed, references: NodeReferences, node: string, { verb, name = "", subresource }: AuthorizationRequest): Decision {
  if (verb !== "get" || subresource !== "") return no("can only get individual resources of this type");
  const at = prefixOf({ group: "", plural: persistentVolumes.resource });
  const claim = (feed.cache(at).get(objectKey(at, "", name))?.shared as PersistentVolume | undefined)?.spec.claimRef;
  return reached(claim !== undefined && references.reaches(node, "persistentvolumeclaim", claim.namespace ?? "", claim.name ?? ""), node);
}

function token(references: NodeReferences, node: string, { verb, subresource, namespace = "", name = "" }: AuthorizationRequest): Decision {
  const asks = verb === "create" && subresource === "token";
  if (!asks && !(verb === "get" && subresource === "")) return no("can only create tokens for individual service accounts");
  return reached(references.reaches(node, "serviceaccount", namespace, name), node);
}

function lease(node: string, { verb, namespace, name, subresource }: AuthorizationRequest): Decision {
  if (subresource !== "" || !["get", "create", "update", "patch", "delete"].includes(verb)) return no("can only get, create, update, patch, or delete a node lease");
  if (namespace !== "kube-node-lease") return no(`can only access leases in the "kube-node-lease" system namespace`);
  return verb === "create" || name === node ? yes : no("can only access node lease with the same name as the requesting node");
}

function own(node: string, request: AuthorizationRequest, verbs: readonly string[]): Decision {
  if (!verbs.includes(request.verb) || (request.subresource !== "" && request.verb !== "get")) return no("");
  if (request.verb === "create" || request.name === node || selected(request, "metadata.name") === node) return yes;
  return no(`node '${node}' cannot read '${request.name ?? ""}', only its own ${request.resource ?? ""} object`);
}

function ownPods(references: NodeReferences, node: string, request: AuthorizationRequest): Decision {
  if (request.verb === "get") return reached(references.reaches(node, "pod", request.namespace ?? "", request.name ?? ""), node);
  return selected(request, "spec.nodeName") === node ? yes : no("can only list/watch pods with spec.nodeName field selector");
}

/** The one value that a field selector wants for `field`. */
function selected({ fieldSelector }: AuthorizationRequest, field: string): string | undefined {
  try {
    return parseFieldSelector(fieldSelector ?? "").requirements.find((r) => r.field === field && r.equal)?.value;
  } catch {
    return undefined;
  }
}

const yes: Decision = { allowed: true, reason: "" };
const no = (reason: string): Decision => ({ allowed: false, reason });
const reached = (found: boolean, node: string): Decision => (found ? yes : no(`no relationship found between node '${node}' and this object`));
