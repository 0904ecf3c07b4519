/** Tokens that stand in Secrets: whom they speak for, and until when. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TokenReview } from "#api/gen/authentication-v1.ts";
import { dayOf, trackingMap } from "#api/legacy-token.ts";
import { configMaps, namespaces, secrets, serviceAccounts } from "#api/resources.ts";
import { isStatus } from "#apimachinery/status.ts";
import { systemClock } from "#base/clock.ts";
import { newSigningKey } from "#base/pki.ts";
import { VirtualClock } from "#base/virtual-clock.ts";
import { until } from "#base/waiting.ts";
import { tokenSecretController } from "#controllers/serviceaccount/token-secrets.ts";
import { unusedTokenController } from "#controllers/serviceaccount/unused-tokens.ts";
import { startApiServer } from "../support/api-server.ts";
import { runControllers } from "../support/controllers.ts";

const day = 86_400_000;

test("a token is made on request, and is good while its Secret and its account are there", async (t) => {
  const signing = newSigningKey();
  const server = await startApiServer(t, { serviceAccountKeys: { signing } });
  const { client } = server;
  runControllers(t, server, (deps) => tokenSecretController(deps, { rootCa: server.ca.cert, signingKey: signing }));
  await client.resource(namespaces).create({ metadata: { name: "shop" }, spec: {}, status: {} });
  await client.resource(serviceAccounts).create({ metadata: { name: "bot", namespace: "shop" } });
  const tokenOf = async (name: string): Promise<string> => {
    await client.resource(secrets).create({ metadata: { name, namespace: "shop", annotations: { "kubernetes.io/service-account.name": "bot" } }, type: "kubernetes.io/service-account-token" });
    const { data = {} } = await until("a token", async () => client.resource(secrets).get(name, "shop").then((s) => s.data?.["token"] !== undefined && s));
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
  await until("no Secret", () => client.resource(secrets).get("second", "shop").then(() => false, (err: unknown) => isStatus(err, "NotFound")));
});

test("the use of a token is written down, and what an account's own token is not used for goes in two steps", async (t) => {
  const signing = newSigningKey();
  const server = await startApiServer(t, { serviceAccountKeys: { signing } });
  const { client } = server;
  const clock = new VirtualClock(systemClock.now());
  runControllers(t, server, (deps) => tokenSecretController(deps, { rootCa: server.ca.cert, signingKey: signing }), (deps) => unusedTokenController({ ...deps, clock }));
  await client.resource(namespaces).create({ metadata: { name: "shop" }, spec: {}, status: {} });
  await client.resource(serviceAccounts).create({ metadata: { name: "bot", namespace: "shop" }, secrets: [{ name: "used" }, { name: "idle" }] });
  const labelsOf = async (name: string): Promise<string[]> => Object.entries((await client.resource(secrets).get(name, "shop")).metadata.labels ?? {}).map(([key, value]) => `${key.replace("kubernetes.io/legacy-token-", "")} ${value}`);
  for (const name of ["used", "idle", "by-hand"]) await client.resource(secrets).create({ metadata: { name, namespace: "shop", annotations: { "kubernetes.io/service-account.name": "bot" } }, type: "kubernetes.io/service-account-token" });
  const today = dayOf(clock.now());
  assert.equal((await client.resource(configMaps).get(trackingMap.name, trackingMap.namespace)).data?.["since"], today);
  const token = await until("a token", async () => client.resource(secrets).get("used", "shop").then((s) => s.data?.["token"]));
  const use = async (): Promise<number> => (await server.as()("GET", "/api", { headers: { authorization: `Bearer ${Buffer.from(token, "base64").toString()}` } })).status;
  assert.equal(await use(), 200);
  await until("a day of use", async () => (await labelsOf("used")).includes(`last-used ${today}`));

  clock.advance(367 * day);
  await until("marks", async () => (await labelsOf("idle")).length > 0 && (await labelsOf("used")).length > 1);
  assert.deepEqual([await labelsOf("idle"), await labelsOf("by-hand"), await use()], [[`invalid-since ${dayOf(clock.now())}`], [], 401]);
  await client.resource(secrets).patch("used", "shop", { type: "merge", body: { metadata: { labels: { "kubernetes.io/legacy-token-invalid-since": null, "kubernetes.io/legacy-token-last-used": dayOf(clock.now() + 300 * day) } } } });
  clock.advance(367 * day);
  await until("the end", () => client.resource(secrets).get("idle", "shop").then(() => false, (err: unknown) => isStatus(err, "NotFound")));
  assert.deepEqual([(await labelsOf("used")).length, await labelsOf("by-hand")], [1, []]);
});

test("settings bound how long tokens live that are asked for", async (t) => {
  const { admin } = await startApiServer(t, { settings: { maxTokenMs: 7_200_000, extendTokens: false } });
  const core = "/api/v1/namespaces/default";
  for (const [resource, body] of [["serviceaccounts", { metadata: { name: "bot" } }], ["pods", { metadata: { name: "p" }, spec: { serviceAccountName: "bot", containers: [{ name: "c", image: "c" }] } }]] as const) assert.equal((await admin("POST", `${core}/${resource}`, { body })).status, 201);
  const ask = async (expirationSeconds: number): Promise<unknown> => {
    const { headers, text } = await admin("POST", `${core}/serviceaccounts/bot/token`, { body: { spec: { expirationSeconds, boundObjectRef: { apiVersion: "v1", kind: "Pod", name: "p" } } } });
    const { spec, status } = JSON.parse(text) as { spec: { expirationSeconds: number }; status: { token: string } };
    const { iat, exp } = JSON.parse(Buffer.from(status.token.split(".")[1] ?? "", "base64url").toString()) as { iat: number; exp: number };
    return [spec.expirationSeconds, exp - iat, headers["warning"]];
  };
  assert.deepEqual([await ask(3607), await ask(10_000)], [[3607, 3607, undefined], [7200, 7200, '299 - "requested expiration of 10000 seconds shortened to 7200 seconds"']]);
});
