/** Who may say who asks, and what is written down of it. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { uniform } from "#apiserver/audit/policy.ts";
import { systemClock } from "#base/clock.ts";
import { issue, newCa, type KeyPair } from "#base/pki.ts";
import { startApiServer, type TestApiServer } from "../../support/api-server.ts";
import { newHttps, type Https } from "../../support/https.ts";

const now = systemClock.now();
const frontProxyCa = newCa("front-proxy", now);
const proxyCertificate = (commonName: string): KeyPair => issue(frontProxyCa, { commonName, organizations: ["system:masters"], usages: ["client"], days: 1 }, now);
const whoAmI = { body: { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview", metadata: {} } };
const reviews = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

describe("identity", () => {
  let server: TestApiServer;
  const events: Readonly<Record<string, unknown>>[] = [];
  const opened: Https[] = [];
  const https = (pair?: KeyPair): Https => {
    const made = newHttps({ port: server.port, ca: server.ca.cert, ...pair });
    opened.push(made);
    return made;
  };
  const nameOf = async (asked: Https, headers: Readonly<Record<string, string | readonly string[]>> = {}): Promise<unknown> => {
    const answer = await asked("POST", reviews, { ...whoAmI, headers });
    return answer.status === 201 ? (JSON.parse(answer.text) as { status: { userInfo: unknown } }).status.userInfo : answer.status;
  };
  before(async () => {
    server = await startApiServer(undefined, { audit: { policy: uniform("Request"), write: (event) => { events.push(event); } }, limits: { streamsPerUser: 5 } }, { ca: frontProxyCa.cert, names: ["front-proxy-client"] });
  });
  after(async () => {
    for (const one of opened) one.close();
    await server.stop();
  });

  const remote = { "x-remote-user": "eve", "x-remote-group": "system:masters" };
  test("row 32: X-Remote-* of somebody who is no front proxy means nothing", async () => {
    assert.equal(await nameOf(https(), remote), 401);
    const bob = await nameOf(https(server.certificate("bob")), remote) as { username: string; groups: string[] };
    assert.deepEqual([bob.username, bob.groups], ["bob", ["system:authenticated"]]);
  });

  test("row 32: a front proxy speaks for others, and is nobody itself", async () => {
    const proxy = https(proxyCertificate("front-proxy-client"));
    assert.deepEqual(await nameOf(proxy, { ...remote, "x-remote-group": ["devs", "ops"], "x-remote-extra-acme.com%2Fproject": "p", "x-remote-uid": "7" }),
      { username: "eve", uid: "7", groups: ["devs", "ops", "system:authenticated"], extra: { "acme.com/project": ["p"] } });
    assert.equal(await nameOf(proxy), 401);
  });

  test("row 32: a certificate of the front proxies' authority under another name is worth nothing", async () => {
    const other = https(proxyCertificate("somebody"));
    assert.equal(await nameOf(other, remote), 401);
    assert.equal(await nameOf(other), 401);
  });

  test("row 32: nobody may ask for health and version, and for nothing else", async () => {
    const nobody = https();
    for (const path of ["/healthz", "/livez", "/readyz", "/version"]) assert.equal((await nobody("GET", path)).status, 200, path);
    for (const path of ["/", "/api", "/apis", "/metrics", "/openapi/v2", "/api/v1/pods", "/healthz/../metrics", "/openid/v1/jwks"]) assert.equal((await nobody("GET", path)).status, 401, path);
    assert.equal((await nobody("GET", "/readyz/etcd")).status, 403); // what is wrong in detail is for those who may know
    assert.equal((await nobody("POST", "/healthz")).status, 401);
    assert.equal((await nobody("GET", "/healthz", { headers: { authorization: "Bearer x" } })).status, 401);
  });

  test("row 34: what is written down holds who and what, and no secret", async () => {
    const canary = "c4n4ry";
    events.length = 0;
    const data = { k: Buffer.from(canary).toString("base64") };
    await server.admin("POST", "/api/v1/namespaces/default/secrets", { body: { metadata: { name: "s", annotations: { canary } }, data, stringData: { canary } } });
    await server.admin("PATCH", "/api/v1/namespaces/default/secrets/s", { body: { stringData: { canary } }, type: "application/merge-patch+json" });
    await server.admin("POST", "/apis/authentication.k8s.io/v1/tokenreviews", { body: { spec: { token: canary } } });
    await server.admin("GET", `/api/v1/namespaces/default/secrets?token=${canary}`, { headers: { authorization: `Bearer ${canary}` } });
    await server.admin("POST", "/api/v1/namespaces/default/configmaps", { body: { metadata: { name: "seen" } }, headers: { "impersonate-user": "alice" } });
    assert.deepEqual(events.filter((event) => JSON.stringify(event).includes(canary)), []);
    const last = events.at(-1) as Record<string, unknown>;
    const { requestReceivedTimestamp: _r, stageTimestamp: _s, auditID: _a, sourceIPs: _i, ...rest } = last;
    assert.deepEqual(rest, {
      kind: "Event", apiVersion: "audit.k8s.io/v1", level: "Request", stage: "ResponseComplete", requestURI: "/api/v1/namespaces/default/configmaps", verb: "create",
      user: { username: "admin", groups: ["system:masters", "system:authenticated"] }, impersonatedUser: { username: "alice", groups: ["system:authenticated"] },
      objectRef: { resource: "configmaps", namespace: "default", apiVersion: "v1" }, responseStatus: { metadata: {}, code: 403 },
      annotations: { "authorization.k8s.io/decision": "forbid", "authorization.k8s.io/reason": "" },
    });
    await server.admin("POST", "/api/v1/namespaces/default/configmaps", { body: { metadata: { name: "seen" } } });
    assert.deepEqual((events.at(-1) as { requestObject: { metadata: { name: string } } }).requestObject.metadata.name, "seen");
  });

  test("row 36: one user's watches have a bound, others watch on; labels of metrics do too", async () => {
    const bob = https(server.certificate("bob"));
    const rule = { rules: [{ verbs: ["*"], apiGroups: [""], resources: ["configmaps"] }] };
    await server.admin("POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles", { body: { metadata: { name: "watch" }, ...rule } });
    await server.admin("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", { body: { metadata: { name: "watch" }, roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "watch" }, subjects: [{ kind: "User", name: "bob" }] } });
    const watches = await Promise.all(Array.from({ length: 8 }, () => bob.open("GET", "/api/v1/configmaps?watch=1")));
    assert.deepEqual(watches.map(({ statusCode = 0 }) => statusCode).toSorted((a, b) => a - b), [200, 200, 200, 200, 200, 429, 429, 429]);
    assert.equal(watches.find(({ statusCode }) => statusCode === 429)?.headers["retry-after"], "1");
    assert.equal((await bob("GET", "/api/v1/namespaces/default/configmaps")).status, 200);
    for (let i = 0; i < 50; i++) await bob("GET", `/api/v1/namespaces/n${i}/things${i}/x/sub${i}`);
    const { text } = await server.admin("GET", "/metrics");
    assert.doesNotMatch(text, /things1|sub1|"n1"/);
    assert.match(text, /apiserver_longrunning_requests\{verb="WATCH",group="",version="v1",resource="configmaps",subresource="",scope="cluster",component="apiserver"\} 5/);
    for (const one of watches) one.destroy();
  });
});
