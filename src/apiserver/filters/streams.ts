import { isTrue } from "./connect-verbs.ts";
import type { RequestInfo } from "./request-info.ts";

const streaming: ReadonlySet<string> = new Set(["exec", "attach", "portforward", "proxy"]);

/** Requests that may stay for hours: they do not count against the requests under way. Upstream: the longrunning check */
export const isStream = ({ verb, target, query }: RequestInfo): boolean =>
  verb === "watch"
  || (target !== undefined && (streaming.has(target.subresource) || (target.subresource === "log" && isTrue(query, "follow"))));
