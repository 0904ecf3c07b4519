/**
 * The verb of a connection is that of the operation, not of the HTTP method: a WebSocket opens with GET, and a GET
 * must not be enough to run a command. The same for a node's proxy, behind which the kubelet runs commands.
 */
const alwaysCreate: ReadonlySet<string> = new Set(["exec", "attach", "portforward"]);
const kubeletRuns = /^\/+(?:exec|attach|run|portforward|cri)(?:\/|$)/i;

export function forcedCreate({ resource, subresource, rest }: { readonly resource: string; readonly subresource: string; readonly rest: string }): boolean {
  if (resource === "pods") return alwaysCreate.has(subresource);
  return resource === "nodes" && subresource === "proxy" && kubeletRuns.test(cleaned(rest));
}

/** The path as the kubelet will read it: decoded, without dots and doubled slashes. */
function cleaned(rest: string): string {
  try {
    return new URL(decodeURIComponent(rest).replaceAll(/\/+/g, "/"), "http://node").pathname;
  } catch {
    return "/exec"; // unreadable: take it for the worst
  }
}

/** Upstream reads a flag as true when it is there, unless it says `false` or `0`. */
export const isTrue = (query: URLSearchParams, name: string): boolean => {
  const value = query.get(name);
  return value !== null && value !== "0" && value.toLowerCase() !== "false";
};
