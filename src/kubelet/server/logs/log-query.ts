import { HttpError } from "../http-error.ts";
import type { LogOptions } from "./read-logs.ts";

export interface LogQuery extends LogOptions { readonly previous: boolean }

/** Reads the query of `/containerLogs`. Upstream: pkg/kubelet/server/server.go getContainerLogs. @param now ms since the epoch. Throws `HttpError`. */
export function parseLogQuery(query: URLSearchParams, now: number): LogQuery {
  const [tailLines, limitBytes, sinceSeconds] = [whole(query, "tailLines", 0), whole(query, "limitBytes", 1), whole(query, "sinceSeconds", 1)];
  const sinceTime = query.get("sinceTime");
  if (sinceTime !== null && Number.isNaN(Date.parse(sinceTime))) throw new HttpError(400, "Unable to decode query.");
  const sinceMs = sinceSeconds !== undefined ? now - sinceSeconds * 1000 : sinceTime !== null ? Date.parse(sinceTime) : undefined;
  const stream = query.get("stream")?.toLowerCase();
  return {
    previous: flag(query, "previous"), follow: flag(query, "follow"), timestamps: flag(query, "timestamps"),
    ...(tailLines !== undefined && { tailLines }), ...(limitBytes !== undefined && { limitBytes }), ...(sinceMs !== undefined && { sinceMs }),
    ...((stream === "stdout" || stream === "stderr") && { stream }),
  };
}

/** Go's ParseBool, an empty value being true as in upstream's query conversion. */
export function flag(query: URLSearchParams, name: string): boolean {
  const text = query.get(name);
  return text !== null && !["0", "f", "F", "false", "False", "FALSE"].includes(text);
}

function whole(query: URLSearchParams, name: string, least: number): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  if (!/^-?\d{1,18}$/.test(text)) throw new HttpError(400, "Unable to decode query.");
  const value = Number(text);
  if (value < least) throw new HttpError(422, `Invalid request: ${name} must be greater than or equal to ${least}`);
  return value;
}
