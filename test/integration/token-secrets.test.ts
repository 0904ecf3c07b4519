/** Tokens that stand in Secrets: whom they speak for, and until when. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TokenReview } from "#api/gen/authentication-v1.ts";
import { namespaces, secrets, serviceAccounts } from "#api/resources.ts";
import { isStatus } from "#apimachinery/status.ts";
import { newSigningKey } from "#base/pki.ts";
import { tokenSecretController } from "#controllers/serviceaccount/token-secrets.ts";
import { startApiServer } from "../support/api-server.ts";
import { eventually, runControllers } from "../support/controllers.ts";

test("a token is made on request, and is good while its Secret and its account are there", async (t) => {
  const signing = newSigningKey();
  const server = await startApiServer(t, { serviceAccountKeys: { signing } });
  const { client } = server;
  runControllers(t, server, (deps) => tokenSecretController(deps, { rootCa: server.ca.cert, signingKey: signing }));
  await client.resource(namespaces).create({ metadata: { name: "shop" }, spec: {}, status: {} });
  await client.resource(serviceAccounts).create({ metadata: { name: "bot", namespace: "shop" } });
  const tokenOf = async (name: string): Promise<string> => {
    await client.resource(secrets).create({ metadata: { name, namespace: "shop", annotations: { "kubernetes.io/service-account.name": "bot" } }, type: "kubernetes.io/service-account-token" });
    const { data = {} } = await eventually("a token", async () => client.resource(secrets).get(name, "shop").then((s) => s.data?.["token"] !== undefined && s));
    assert.deepEqual([data["namespace"], data["ca.crt"]], ["shop", server.ca.cert].map((text) => Buffer.from(text).toString("base64")));
    return Buffer.from(data["token"] ?? "", "base64").toString();
  };
  const whoIs = async (token: string): Promise<string | number> => {
    const { status, text } = await server.as()("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", { headers: { authorization: `Bearer ${token}` }, body: { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview", metadata: {} } });
    return status === 201 ? (JSON.parse(text) as { status: { userInfo: { username: string } } }).status.userInfo.username : status;
  };
  const [first, second, third] = [await tokenOf("first"), await tokenOf("second"), await tokenOf("third")];
  assert.equal(await whoIs(first), "system:serviceaccount:shop:bot");
  const review = await client.request<TokenReview>({ method: "POST", path: "/apis/authentication.k8s.io/v1/tokenreviews", body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", metadata: {}, spec: { token: first } } });
  assert.deepEqual(review.status?.user?.groups, ["system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"]);
  await client.resource(secrets).patch("third", "shop", { type: "merge", body: { metadata: { labels: { "kubernetes.io/legacy-token-invalid-since": "2026-01-01" } } } });
  assert.equal(await whoIs(third), 401);
  await client.resource(secrets).delete("first", "shop");
  assert.deepEqual([await whoIs(first), await whoIs(second)], [401, "system:serviceaccount:shop:bot"]);
  await client.resource(serviceAccounts).delete("bot", "shop");
  assert.equal(await whoIs(second), 401);
  await eventually("no Secret", () => client.resource(secrets).get("second", "shop").then(() => false, (err: unknown) => isStatus(err, "NotFound")));
});
