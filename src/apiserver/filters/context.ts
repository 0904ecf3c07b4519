import type { HttpRequest, Identity } from "#base/http.ts";
import type { RequestInfo } from "./request-info.ts";

/** One request on its way from the filters to its endpoint. */
export interface RequestContext {
  readonly request: HttpRequest;
  readonly info: RequestInfo;
  readonly user: Identity;
  /** Told to the client as `Warning` headers, each once. */
  readonly warnings: Set<string>;
  /** What the audit shall know beside: admission's remarks, by key. */
  readonly annotations: Map<string, string>;
  /** Tells audit what was sent, where it wants to know. */
  readonly sent?: (body: unknown) => void;
}
