import type { HttpRequest, Identity } from "#base/http.ts";

const extraPrefix = "x-remote-extra-";

/** Who a proven front proxy says is asking; undefined when nobody has proven to be one. Upstream: authenticator/request/headerrequest/requestheader.go */
export function forwardedIdentity({ frontProxy, headers }: HttpRequest): Identity | undefined {
  const name = headers["x-remote-user"] ?? "";
  if (frontProxy === undefined || name === "") return undefined;
  const extras = Object.entries(headers).filter(([header]) => header.startsWith(extraPrefix));
  const uid = headers["x-remote-uid"];
  return {
    name, groups: listed(headers["x-remote-group"]), ...(uid !== undefined && { uid }),
    extra: Object.fromEntries(extras.map(([header, value]) => [unescaped(header.slice(extraPrefix.length)), listed(value)])),
  };
}

/** Both transports join a repeated header with a comma and a blank. */
export const listed = (value: string | undefined): string[] => (value === undefined ? [] : value.split(/,\s*/).filter((v) => v !== ""));

/** A key in a header's name, percent-encoded where it must be. */
export function unescaped(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
