import { isRecord } from "#apimachinery/equal.ts";
import { parseJson } from "#apimachinery/json.ts";
import { badRequest, StatusError } from "#apimachinery/status.ts";

/** Where the next page of a list begins: behind `after` (relative to the resource's prefix), at `revision`; -1: at the newest. */
export interface Continue { readonly revision: number; readonly after: string }

const version = "meta.k8s.io/v1";

/** Upstream: apiserver/pkg/storage/continue.go; the same fields. */
export const encodeContinue = ({ revision, after }: Continue): string =>
  Buffer.from(JSON.stringify({ v: version, rv: revision, start: `${after}\0` })).toString("base64url");

/** Throws BadRequest: tokens come from clients. */
export function decodeContinue(token: string): Continue {
  const { v, rv, start } = parsed(token);
  if (v !== version) throw invalidToken(`: server does not recognize this encoded version ${JSON.stringify(v ?? "")}`);
  if (typeof rv !== "number" || !Number.isSafeInteger(rv) || rv < -1 || rv === 0) throw invalidToken(": incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
  if (typeof start !== "string" || start === "" || start === "\0") throw invalidToken(": encoded start key empty (version meta.k8s.io/v1)");
  if (!/^[^\0]+\0?$/.test(start) || start.split("/").some((part) => part === ".." || part === "." || part === "")) throw invalidToken(`: ${start}`);
  return { revision: rv, after: start.replace("\0", "") };
}

function parsed(token: string): Record<string, unknown> {
  const foreign = token.search(/[^\w-]/);
  if (foreign >= 0) throw invalidToken(`: illegal base64 data at input byte ${foreign}`);
  try {
    const value = parseJson(Buffer.from(token, "base64url")).value;
    if (isRecord(value)) return value;
  } catch (err) {
    throw invalidToken(`: ${(err as Error).message}`);
  }
  throw invalidToken("");
}

/** Upstream: etcd3/store.go, `invalid continue token: %v` */
export const invalidToken = (why: string): StatusError => badRequest(`invalid continue token: continue key is not valid${why}`);

const expiredText = "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, "
  + "or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - "
  + "objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";

/** 410 with a token that goes on at the newest revision. Upstream: apiserver/pkg/storage/etcd3/errors.go handleCompactedErrorForPaging */
export class ExpiredContinue extends StatusError {
  readonly #token: string;

  constructor(after: string) {
    super("Expired", expiredText);
    this.#token = encodeContinue({ revision: -1, after });
  }

  override toStatus(): Record<string, unknown> {
    return { ...super.toStatus(), metadata: { continue: this.#token } };
  }
}
