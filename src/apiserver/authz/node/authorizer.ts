import type { PolicyRule } from "#api/gen/rbac-v1.ts";
import { parseFieldSelector } from "#apimachinery/field-selector.ts";
import type { Feed } from "../../cacher/feed.ts";
import type { AuthorizationRequest, Authorizer, Decision } from "../authorizer.ts";
import { ruleAllows } from "../rules.ts";
import { NodeGraph } from "./graph.ts";

const prefix = "system:node:";

const rule = (group: string, resources: string[], verbs: string[]): PolicyRule => ({ apiGroups: [group], resources, verbs });
/** What every node may do without regard to its pods. Upstream: bootstrappolicy NodeRules, less what is looked at more closely below */
const nodeRules: readonly PolicyRule[] = [
  rule("authentication.k8s.io", ["tokenreviews"], ["create"]),
  rule("authorization.k8s.io", ["subjectaccessreviews", "localsubjectaccessreviews"], ["create"]),
  rule("", ["services"], ["get", "list", "watch"]),
  rule("", ["events"], ["create", "patch", "update"]),
  rule("events.k8s.io", ["events"], ["create", "patch", "update"]),
  rule("certificates.k8s.io", ["certificatesigningrequests"], ["create", "get", "list", "watch"]),
  rule("certificates.k8s.io", ["clustertrustbundles"], ["get", "list", "watch"]),
  rule("node.k8s.io", ["runtimeclasses"], ["get", "list", "watch"]),
  rule("storage.k8s.io", ["csidrivers"], ["get", "list", "watch"]),
];

interface Asked extends AuthorizationRequest { readonly node: string; readonly subresource: string; readonly name: string; readonly namespace: string; readonly related: (kind: string) => Decision }
type Check = (asked: Asked) => Decision;

/**
 * A node sees what its own pods name, and itself; NodeRestriction looks at what it writes.
 * Upstream: plugin/pkg/auth/authorizer/node
 */
export function nodeAuthorizer(feed: Feed): Authorizer {
  const graph = new NodeGraph(feed);
  return { authorize: async (request) => decide(graph, request) };
}

function decide(graph: NodeGraph, request: AuthorizationRequest): Decision {
  const { user, group = "", resource = "", namespace = "", name = "", subresource = "" } = request;
  if (!user.name.startsWith(prefix) || !user.groups.includes("system:nodes")) return no("");
  const node = user.name.slice(prefix.length);
  if (node === "") return no(`unknown node for user "${user.name}"`);
  const check = request.path === undefined ? checks[`${group}/${resource}`] : undefined;
  if (check === undefined) return { allowed: nodeRules.some((r) => ruleAllows(r, request)), reason: "" };
  const related = (kind: string): Decision => {
    if (name === "") return no("No Object name found");
    return graph.reaches(node, kind, namespace, name) ? yes : no(`no relationship found between node '${node}' and this object`);
  };
  return check({ ...request, node, namespace, name, subresource, related });
}

const yes: Decision = { allowed: true, reason: "" };
const no = (reason: string): Decision => ({ allowed: false, reason });

const checks: Readonly<Record<string, Check>> = {
  "/secrets": (asked) => readNamespaced(asked, "secret"),
  "/configmaps": (asked) => readNamespaced(asked, "configmap"),
  "/persistentvolumeclaims": (asked) => (asked.subresource === "status" ? updateStatus(asked, "persistentvolumeclaim") : getOne(asked, "persistentvolumeclaim")),
  "/persistentvolumes": (asked) => getOne(asked, "persistentvolume"),
  "resource.k8s.io/resourceclaims": (asked) => getOne(asked, "resourceclaim"),
  "storage.k8s.io/volumeattachments": (asked) => getOne(asked, "volumeattachment"),
  "/serviceaccounts": serviceAccount,
  "coordination.k8s.io/leases": lease,
  "storage.k8s.io/csinodes": csiNode,
  "resource.k8s.io/resourceslices": slice,
  "certificates.k8s.io/podcertificaterequests": certificateRequest,
  "/nodes": itself,
  "/pods": pod,
};

function readNamespaced({ verb, subresource, namespace, related }: Asked, kind: string): Decision {
  if (verb !== "get" && verb !== "list" && verb !== "watch") return no("can only read resources of this type");
  if (subresource !== "") return no("cannot read subresource");
  return namespace === "" ? no("can only read namespaced object of this type") : related(kind);
}

function getOne({ verb, subresource, related }: Asked, kind: string): Decision {
  if (verb !== "get") return no("can only get individual resources of this type");
  return subresource !== "" ? no("cannot get subresource") : related(kind);
}

function updateStatus({ verb, related }: Asked, kind: string): Decision {
  return verb === "update" || verb === "patch" ? related(kind) : no("can only get/update/patch this type");
}

function serviceAccount(asked: Asked): Decision {
  const { verb, subresource, name, related } = asked;
  if (verb === "get" && subresource === "") return readNamespaced(asked, "serviceaccount");
  if (verb !== "create" || name === "") return no("can only create tokens for individual service accounts");
  return subresource === "token" ? related("serviceaccount") : no("can only create token subresource of serviceaccount");
}

const ownVerbs: readonly string[] = ["get", "create", "update", "patch", "delete"];

function lease({ verb, namespace, name, node }: Asked): Decision {
  if (!ownVerbs.includes(verb)) return no("can only get, create, update, patch, or delete a node lease");
  if (namespace !== "kube-node-lease") return no(`can only access leases in the "kube-node-lease" system namespace`);
  return verb === "create" || name === node ? yes : no("can only access node lease with the same name as the requesting node");
}

function csiNode({ verb, subresource, name, node }: Asked): Decision {
  if (!ownVerbs.includes(verb)) return no("can only get, create, update, patch, or delete a CSINode");
  if (subresource !== "") return no("cannot authorize CSINode subresources");
  return verb === "create" || name === node ? yes : no("can only access CSINode with the same name as the requesting node");
}

function slice(asked: Asked): Decision {
  if (asked.subresource !== "") return no("cannot authorize ResourceSlice subresources");
  switch (asked.verb) {
    case "create": return yes;
    case "get": case "update": case "patch": case "delete": return asked.related("resourceslice");
    case "watch": case "list": case "deletecollection":
      return selects(asked, "spec.nodeName") ? yes : no("can only list/watch/deletecollection resourceslices with nodeName field selector");
    default: return no("only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection");
  }
}

/** NodeRestriction looks at what it asks for. Upstream: authorizePodCertificateRequest */
function certificateRequest(asked: Asked): Decision {
  if (asked.subresource !== "") return no("nodes may not access the status subresource of PodCertificateRequests");
  switch (asked.verb) {
    case "create": return yes;
    case "get": return asked.related("podcertificaterequest");
    case "list": case "watch": return selects(asked, "spec.nodeName") ? yes : no("can only list/watch podcertificaterequests with nodeName field selector");
    default: return no("");
  }
}

function itself({ verb, subresource, name, node }: Asked): Decision {
  const writes = verb === "update" || verb === "patch";
  if (subresource !== "") return subresource === "status" && writes ? yes : no("");
  if (writes || verb === "create") return yes;
  if (verb !== "get" && verb !== "list" && verb !== "watch") return no("");
  if (name === node) return yes;
  return no(name === "" ? `node '${node}' cannot read all nodes, only its own Node object` : `node '${node}' cannot read '${name}', only its own Node object`);
}

function pod(asked: Asked): Decision {
  const { verb, subresource, name, related } = asked;
  switch (`${verb} ${subresource}`) {
    case "create ": case "delete ": case "update status": case "patch status": case "create eviction": return yes;
    case "get ": return related("pod");
    case "list ": case "watch ":
      if (selects(asked, "spec.nodeName")) return yes;
      return name === "" ? no("can only list/watch pods with spec.nodeName field selector") : related("pod");
    default: return no("");
  }
}

/** A field selector that wants the node's own name in `field`. */
function selects({ fieldSelector, node }: Asked, field: string): boolean {
  try {
    return parseFieldSelector(fieldSelector ?? "").requirements.some((r) => r.field === field && r.equal && r.value === node);
  } catch {
    return false; // the endpoint says what is wrong with it
  }
}
