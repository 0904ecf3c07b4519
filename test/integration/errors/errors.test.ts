import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startApiServer, type TestApiServer } from "../../support/api-server.ts";
import type { Https } from "../../support/https.ts";
import { access } from "./access.table.ts";
import { create } from "./create.table.ts";
import { deletes } from "./delete.table.ts";
import { large } from "./large.table.ts";
import { patch } from "./patch.table.ts";
import { read } from "./read.table.ts";
import { told } from "./refusal.ts";
import { subresources } from "./subresources.table.ts";
import { update } from "./update.table.ts";

const template = { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } };
const objects: readonly [path: string, object: object][] = [
  ["/api/v1/namespaces", { metadata: { name: "t" } }],
  ["/api/v1/namespaces/t/serviceaccounts", { metadata: { name: "default" }, automountServiceAccountToken: false }],
  ...["a", "b", "c"].map((name): [string, object] => ["/api/v1/namespaces/t/configmaps", { metadata: { name, labels: { app: name } }, data: { k: name } }]),
  ["/api/v1/namespaces/t/configmaps", { metadata: { name: "frozen" }, data: { k: "v" }, immutable: true }],
  ["/api/v1/namespaces/t/secrets", { metadata: { name: "s" }, data: { k: "dg==" } }],
  ["/api/v1/namespaces/t/pods", { metadata: { name: "p" }, spec: template.spec }],
  ["/apis/apps/v1/namespaces/t/deployments", { metadata: { name: "d" }, spec: { selector: { matchLabels: { a: "b" } }, template } }],
  ["/apis/coordination.k8s.io/v1/namespaces/t/leases", { metadata: { name: "l" }, spec: {} }],
  ["/api/v1/nodes", { metadata: { name: "n1" } }],
];

describe("a bad request is refused in upstream's words", { concurrency: 16 }, () => {
  let users: Readonly<Record<string, Https>>;
  let server: TestApiServer;
  before(async () => {
    server = await startApiServer();
    users = { admin: server.admin, bob: server.as("bob"), nobody: server.as() };
    for (const [path, body] of objects) assert.equal((await server.admin("POST", path, { body })).status, 201, path);
  });

  after(() => server.stop());

  for (const { name, ask: { method, path, as = "admin", ...asked }, want } of [...read, ...create, ...update, ...patch, ...deletes, ...subresources, ...access, ...large]) {
    test(name, async () => {
      const answer = await (users[as] as Https)(method, path, asked);
      assert.deepEqual(told(answer.status, answer.text), want);
      assert.equal(answer.status, want.code);
    });
  }
});
