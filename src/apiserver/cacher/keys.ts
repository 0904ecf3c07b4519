/** Where objects lie in the store: `/registry/<group>/<plural>/[<namespace>/]<name>`. */
export const root = "/registry/";

/** Where the server keeps marks of its own, which are no objects. Outside of `root`, so that no cache sees them. */
export const reservedRoot = "/registry.reserved/";

/** What the keys of all objects of a resource begin with. */
export const prefixOf = (r: { readonly group: string; readonly plural: string }): string => `${root}${r.group === "" ? "core" : r.group}/${r.plural}/`;

/** Of one object. `namespace` is empty for cluster-scoped ones. */
export const objectKey = (prefix: string, namespace: string, name: string): string =>
  namespace === "" ? prefix + name : `${prefix}${namespace}/${name}`;

/** Everything of one namespace, or all where it is empty. */
export const rangeKey = (prefix: string, namespace: string): string => (namespace === "" ? prefix : `${prefix}${namespace}/`);

/** The resource's prefix of a stored key. */
export function resourcePrefix(key: string): string {
  const group = key.indexOf("/", root.length);
  return key.slice(0, key.indexOf("/", group + 1) + 1);
}

/** Namespace and name behind a resource's prefix. */
export function placeOf(prefix: string, key: string): { readonly namespace: string; readonly name: string } {
  const rest = key.slice(prefix.length);
  const slash = rest.indexOf("/");
  return slash < 0 ? { namespace: "", name: rest } : { namespace: rest.slice(0, slash), name: rest.slice(slash + 1) };
}
