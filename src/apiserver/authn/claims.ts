import { accountGroups, accountUser } from "#api/service-account.ts";
import type { Identity } from "#base/http.ts";

/** An object that a token stands and falls with. */
export interface Bound { readonly name: string; readonly uid: string }

/** The `kubernetes.io` claim. Upstream: pkg/serviceaccount/claims.go */
export interface KubernetesClaims {
  readonly namespace: string;
  readonly serviceaccount: Bound;
  readonly pod?: Bound;
  readonly secret?: Bound;
  readonly node?: Bound;
  /** Seconds since the epoch: whoever still uses the token then should have fetched a new one. */
  readonly warnafter?: number;
}

/** Who a token with these claims speaks for. */
export function identityOf({ namespace, serviceaccount, pod, node }: KubernetesClaims, tokenId: string | undefined): Identity {
  const extra: Record<string, string[]> = {};
  const add = (key: string, value: string | undefined): void => {
    if (value !== undefined && value !== "") extra[`authentication.kubernetes.io/${key}`] = [value];
  };
  add("credential-id", tokenId === undefined ? undefined : `JTI=${tokenId}`);
  add("pod-name", pod?.name);
  add("pod-uid", pod?.uid);
  add("node-name", node?.name);
  add("node-uid", node?.uid);
  return { name: accountUser(namespace, serviceaccount.name), uid: serviceaccount.uid, groups: accountGroups(namespace), extra };
}

/** The claim as it must look; undefined for anything else. */
export function claimsOf(value: unknown, subject: string | undefined): KubernetesClaims | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { namespace, serviceaccount, pod, secret, node } = value as Record<string, unknown>;
  if (typeof namespace !== "string" || !isBound(serviceaccount)) return undefined;
  if (![pod, secret, node].every((b) => b === undefined || isBound(b))) return undefined;
  if (subject !== accountUser(namespace, serviceaccount.name)) return undefined;
  return value as KubernetesClaims;
}

const isBound = (value: unknown): value is Bound =>
  typeof value === "object" && value !== null && typeof (value as Record<string, unknown>)["name"] === "string" && typeof (value as Record<string, unknown>)["uid"] === "string";
