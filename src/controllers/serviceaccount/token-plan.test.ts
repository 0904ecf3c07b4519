import assert from "node:assert/strict";
import { test } from "node:test";
import type { Secret, ServiceAccount } from "#api/gen/core-v1.ts";
import { planToken } from "./token-plan.ts";

const account: ServiceAccount = { metadata: { name: "bot", namespace: "shop", uid: "u" } };
const encode = (text: string): string => Buffer.from(text).toString("base64");
const secret = (rest: { readonly uid?: string; readonly data?: Record<string, string>; readonly type?: string; readonly going?: boolean } = {}): Secret => ({
  metadata: {
    name: "t", namespace: "shop", annotations: { "kubernetes.io/service-account.name": "bot", ...(rest.uid !== undefined && { "kubernetes.io/service-account.uid": rest.uid }) },
    ...(rest.going === true && { deletionTimestamp: "2026-01-01T00:00:00Z" }),
  },
  type: rest.type ?? "kubernetes.io/service-account-token", ...(rest.data && { data: rest.data }),
});
const whole = { token: "x", "ca.crt": encode("CA"), namespace: encode("shop") };

const cases: readonly [name: string, secret: Secret, account: ServiceAccount | undefined, want: string][] = [
  ["of another type", secret({ type: "Opaque" }), account, "none"],
  ["that goes", secret({ going: true }), account, "none"],
  ["of no account", secret(), undefined, "delete"],
  ["of an older account of this name", secret({ uid: "older" }), account, "delete"],
  ["that is empty", secret(), account, "fill with a token"],
  ["that holds all", secret({ uid: "u", data: whole }), account, "none"],
  ["with another authority", secret({ uid: "u", data: { ...whole, "ca.crt": encode("old") } }), account, "fill"],
  ["without the uid", secret({ data: whole }), account, "fill"],
];
for (const [name, object, of, want] of cases) {
  test(`a secret ${name}`, () => {
    const next = planToken(object, of, "CA");
    assert.equal(next.action === "fill" && next.needsToken ? "fill with a token" : next.action, want);
    if (next.action === "fill") assert.deepEqual([next.secret.data?.["ca.crt"], next.secret.data?.["namespace"], next.secret.metadata.annotations?.["kubernetes.io/service-account.uid"]], [encode("CA"), encode("shop"), "u"]);
  });
}
