/** The operations of resources, as far as clients read them: which kind a path serves and which parameters it takes. */
import { apiVersionOf } from "#apimachinery/meta.ts";
import type { AnyResource, Verb } from "../registry/resource.ts";
import type { GroupVersionKind, JsonSchema } from "./definitions.ts";
import { listTypeNameOf, typeNameOf } from "./names.ts";

export type Method = "get" | "put" | "post" | "delete" | "patch";
export interface Operation {
  readonly path: string;
  readonly method: Method;
  readonly operationId: string;
  readonly action: string;
  readonly gvk: GroupVersionKind;
  readonly query: readonly string[];
  readonly pathParameters: readonly string[];
  /** Published names of the body's and of the answer's type; the body of a patch may be anything. */
  readonly body: string | undefined;
  readonly answer: string;
  readonly patchTypes: readonly string[];
}

const writeQuery = ["dryRun", "fieldManager", "fieldValidation"];
const listQuery = ["allowWatchBookmarks", "continue", "fieldSelector", "labelSelector", "limit", "resourceVersion", "resourceVersionMatch", "sendInitialEvents", "timeoutSeconds", "watch"];
const deleteQuery = ["dryRun", "gracePeriodSeconds", "orphanDependents", "propagationPolicy"];
const status = "io.k8s.apimachinery.pkg.apis.meta.v1.Status";

interface Row { readonly verb: Verb; readonly method: Method; readonly action: string; readonly id: string; readonly onItem: boolean; readonly query: readonly string[] }
const rows: readonly Row[] = [
  { verb: "list", method: "get", action: "list", id: "list", onItem: false, query: listQuery },
  { verb: "create", method: "post", action: "post", id: "create", onItem: false, query: writeQuery },
  { verb: "deletecollection", method: "delete", action: "deletecollection", id: "deleteCollection", onItem: false, query: [...deleteQuery, ...listQuery] },
  { verb: "get", method: "get", action: "get", id: "read", onItem: true, query: [] },
  { verb: "update", method: "put", action: "put", id: "replace", onItem: true, query: writeQuery },
  { verb: "patch", method: "patch", action: "patch", id: "patch", onItem: true, query: [...writeQuery, "force"] },
  { verb: "delete", method: "delete", action: "delete", id: "delete", onItem: true, query: deleteQuery },
];

/** `/api/v1`, `/apis/apps/v1`. */
export const rootOf = (group: string, version: string): string => (group === "" ? `/api/${version}` : `/apis/${group}/${version}`);

/** All operations of a resource: collection, item, and its writable subresources. */
export function operationsOf(resource: AnyResource): Operation[] {
  const own = rows.filter(({ verb }) => resource.verbs?.includes(verb) ?? true).map((row) => operation(resource, row));
  const written = Object.entries(resource.subresources ?? {}).filter(([, sub]) => sub.type === "write").flatMap(([name]) =>
    rows.filter(({ id }) => id === "read" || id === "replace" || id === "patch").map((row) => operation(resource, row, name)));
  return [...own, ...written];
}

function operation(resource: AnyResource, row: Row, subresource = ""): Operation {
  const { group, version, kind, names, scope } = resource;
  const namespaced = scope === "Namespaced";
  const collection = `${rootOf(group, version)}${namespaced ? "/namespaces/{namespace}" : ""}/${names.plural}`;
  const type = typeNameOf(resource);
  const answer = row.id === "list" ? listTypeNameOf(resource) : row.method === "delete" ? status : type;
  return {
    path: `${collection}${row.onItem ? "/{name}" : ""}${subresource === "" ? "" : `/${subresource}`}`,
    method: row.method, action: row.action, gvk: { group, version, kind }, query: ["pretty", ...row.query], answer, patchTypes: patchTypesOf(resource),
    operationId: `${row.id}${title(group.split(".")[0] || "core")}${title(version)}${namespaced ? "Namespaced" : ""}${kind}${title(subresource)}`,
    pathParameters: [...(row.onItem ? ["name"] : []), ...(namespaced ? ["namespace"] : [])],
    body: row.method === "post" || row.method === "put" ? type : row.method === "delete" ? "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions" : undefined,
  };
}

const title = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Types that the operations of a group version refer to. */
export const rootTypes = (resources: readonly AnyResource[]): string[] =>
  ["meta/v1.Status", "meta/v1.DeleteOptions", ...resources.flatMap(({ schema, custom }) => (custom === undefined ? [schema, `${schema}List`] : ["meta/v1.ObjectMeta", "meta/v1.ListMeta"]))];

/** What a PATCH of a resource may be. A custom kind has no merge keys. */
const patchTypesOf = ({ custom }: AnyResource): readonly string[] =>
  ["application/json-patch+json", "application/merge-patch+json", ...(custom === undefined ? ["application/strategic-merge-patch+json"] : [])];

/** What an operation says of itself in both dialects. */
export const common = ({ operationId, action, gvk }: Operation): JsonSchema => ({
  tags: [gvk.group === "" ? `core_${gvk.version}` : apiVersionOf(gvk.group, gvk.version).replaceAll(/[./]/g, "_")],
  operationId, "x-kubernetes-action": action, "x-kubernetes-group-version-kind": gvk,
});

/** Query parameters that are not strings. */
export const parameterType = (name: string): "string" | "integer" | "boolean" =>
  ["limit", "timeoutSeconds", "gracePeriodSeconds"].includes(name) ? "integer" : ["watch", "allowWatchBookmarks", "force", "orphanDependents", "sendInitialEvents"].includes(name) ? "boolean" : "string";
