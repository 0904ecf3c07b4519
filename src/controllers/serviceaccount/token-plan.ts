/** Secrets that hold an account's token. Upstream: pkg/controller/serviceaccount/tokens_controller.go */
import type { Secret, ServiceAccount } from "#api/gen/core-v1.ts";
import { accountNameAnnotation, accountUidAnnotation, tokenSecretType } from "#api/legacy-token.ts";

export type TokenPlan =
  | { readonly action: "none" }
  /** Its account is not there (any more). */
  | { readonly action: "delete" }
  /** `secret` as it shall be; a token is still to be made where it has none. */
  | { readonly action: "fill"; readonly secret: Secret; readonly needsToken: boolean };

const encode = (text: string): string => Buffer.from(text).toString("base64");

/** @param ca PEM */
export function planToken(secret: Secret, account: ServiceAccount | undefined, ca: string): TokenPlan {
  if (secret.type !== tokenSecretType || secret.metadata.deletionTimestamp !== undefined) return { action: "none" };
  if (account === undefined || !isOf(secret, account)) return { action: "delete" };
  const { name, uid = "", namespace = "" } = account.metadata;
  const annotations = { ...secret.metadata.annotations, [accountNameAnnotation]: name, [accountUidAnnotation]: uid };
  const data: Record<string, string> = { ...secret.data, "ca.crt": encode(ca), namespace: secret.data?.["namespace"] || encode(namespace) };
  const needsToken = !data["token"];
  const same = !needsToken && secret.metadata.annotations?.[accountUidAnnotation] === uid && Object.entries(data).every(([key, value]) => secret.data?.[key] === value);
  return same ? { action: "none" } : { action: "fill", secret: { ...secret, metadata: { ...secret.metadata, annotations }, data }, needsToken };
}

/** Made for this account, not for one of the same name that was there before. */
function isOf({ metadata }: Secret, account: ServiceAccount): boolean {
  const uid = metadata.annotations?.[accountUidAnnotation] ?? "";
  return metadata.annotations?.[accountNameAnnotation] === account.metadata.name && (uid === "" || uid === account.metadata.uid);
}
