/** Names of properties as expressions may write them. Upstream: apiserver/pkg/cel/escaping.go */

const reserved: ReadonlySet<string> = new Set("true false null in as break const continue else for function if import let loop package namespace return var void while".split(" "));
const escapable = /^[A-Za-z_.\-/][A-Za-z0-9_.\-/]*$/;
const escapes: Readonly<Record<string, string>> = { "__": "__underscores__", ".": "__dot__", "-": "__dash__", "/": "__slash__" };

/** Undefined for a name that no expression can say. */
export function escapeName(name: string): string | undefined {
  if (reserved.has(name)) return `__${name}__`;
  return escapable.test(name) ? name.replace(/__|[.\-/]/g, (part) => escapes[part] ?? part) : undefined;
}

/** The escaped name that a keyword, written plainly after a dot, means. */
export const escapedKeyword = (name: string): string | undefined => (reserved.has(name) ? `__${name}__` : undefined);
