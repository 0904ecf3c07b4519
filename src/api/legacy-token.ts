/** Tokens of service accounts that stand in Secrets and do not end by time. Upstream: pkg/serviceaccount/legacy.go */
import type { Secret, ServiceAccount } from "./gen/core-v1.ts";
import { accountUser } from "./service-account.ts";

export const legacyIssuer = "kubernetes/serviceaccount";
export const tokenSecretType = "kubernetes.io/service-account-token";
/** On a token's Secret: whose it is. */
export const accountNameAnnotation = "kubernetes.io/service-account.name";
export const accountUidAnnotation = "kubernetes.io/service-account.uid";

/** On a token's Secret: the day on which it was last used, and the one since which nobody may use it any more. */
export const lastUsedLabel = "kubernetes.io/legacy-token-last-used";
export const invalidSinceLabel = "kubernetes.io/legacy-token-invalid-since";
/** Says since when uses are written down. Upstream: pkg/controlplane/controller/legacytokentracking */
export const trackingMap = { namespace: "kube-system", name: "kube-apiserver-legacy-service-account-token-tracking", key: "since" } as const;

/** `2026-01-31`, UTC. @param ms since 1970 */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
/** Upstream's way to tell days: what is none is undefined. In ms since 1970 */
export function millisOfDay(day: string | undefined): number | undefined {
  const at = day !== undefined && /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(day) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

const claim = (name: string): string => `${legacyIssuer}/${name}`;
const names = { namespace: claim("namespace"), secret: claim("secret.name"), account: claim("service-account.name"), uid: claim("service-account.uid") };

export interface LegacyClaims { readonly namespace: string; readonly secret: string; readonly account: string; readonly uid: string }

export const legacyClaims = (secret: Secret, account: ServiceAccount): Readonly<Record<string, string>> => ({
  [names.namespace]: account.metadata.namespace ?? "", [names.secret]: secret.metadata.name, [names.account]: account.metadata.name, [names.uid]: account.metadata.uid ?? "",
});

/** The claims as they must look; undefined for anything else. */
export function legacyClaimsOf(payload: Readonly<Record<string, unknown>>): LegacyClaims | undefined {
  const text = (name: string): string => (typeof payload[name] === "string" ? payload[name] : "");
  const claims = { namespace: text(names.namespace), secret: text(names.secret), account: text(names.account), uid: text(names.uid) };
  return Object.values(claims).includes("") || payload["sub"] !== accountUser(claims.namespace, claims.account) ? undefined : claims;
}
