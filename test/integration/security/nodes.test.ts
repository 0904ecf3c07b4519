/** What a node's certificate and a pod's token are good for, and for what they are not. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { mastersCsr } from "#base/csr-fixture.ts";
import { startApiServer, type TestApiServer } from "../../support/api-server.ts";
import { newHttps, type Https } from "../../support/https.ts";

const core = "/api/v1/namespaces/default";
const claims = "/apis/resource.k8s.io/v1/namespaces/default/resourceclaims";
const slices = "/apis/resource.k8s.io/v1/resourceslices";
const storage = "/apis/storage.k8s.io/v1";
const csrs = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
const container = { name: "c", image: "c" };

const podOf = (node: string): object => ({
  metadata: { name: `pod-${node}` },
  spec: {
    nodeName: node, containers: [{ ...container, envFrom: [{ secretRef: { name: `secret-${node}` } }, { configMapRef: { name: `config-${node}` } }] }],
    serviceAccountName: `account-${node}`, volumes: [{ name: "v", persistentVolumeClaim: { claimName: `claim-${node}` } }],
    resourceClaims: [{ name: "gpu", resourceClaimName: `gpu-${node}` }],
  },
});
/** All that belongs to one node, and the path of each. */
const worldOf = (node: string): readonly (readonly [path: string, body: object])[] => [
  ["/api/v1/nodes", { metadata: { name: node } }],
  [`${core}/serviceaccounts`, { metadata: { name: `account-${node}` } }],
  [`${core}/secrets`, { metadata: { name: `secret-${node}` } }],
  [`${core}/secrets`, { metadata: { name: `mount-${node}` } }],
  [`${core}/secrets`, { metadata: { name: `publish-${node}` } }],
  [`${core}/configmaps`, { metadata: { name: `config-${node}` } }],
  ["/api/v1/persistentvolumes", {
    metadata: { name: `volume-${node}` },
    spec: {
      capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], claimRef: { namespace: "default", name: `claim-${node}` },
      csi: { driver: "d.example.com", volumeHandle: "h", nodePublishSecretRef: { namespace: "default", name: `mount-${node}` }, controllerPublishSecretRef: { namespace: "default", name: `publish-${node}` } },
    },
  }],
  [`${core}/persistentvolumeclaims`, { metadata: { name: `claim-${node}` }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, volumeName: `volume-${node}` } }],
  [claims, { metadata: { name: `gpu-${node}` }, spec: { devices: { requests: [{ name: "r", exactly: { deviceClassName: "c" } }] } } }],
  [`${storage}/volumeattachments`, { metadata: { name: `attachment-${node}` }, spec: { attacher: "d.example.com", nodeName: node, source: { persistentVolumeName: `volume-${node}` } } }],
  [`${storage}/csinodes`, { metadata: { name: node }, spec: { drivers: [] } }],
  [slices, { metadata: { name: `slice-${node}` }, spec: { driver: "d.example.com", nodeName: node, pool: { name: node, generation: 1, resourceSliceCount: 1 }, devices: [] } }],
  [`${core}/pods`, podOf(node)],
];
const fieldSelector = (text: string): string => `?fieldSelector=${encodeURIComponent(text)}`;
/** What a node may read of its own, and not of another. */
const ownReads = (node: string): readonly string[] => [
  `/api/v1/nodes/${node}`, `${core}/pods/pod-${node}`, `${core}/secrets/secret-${node}`, `${core}/secrets/mount-${node}`, `${core}/configmaps/config-${node}`,
  `${core}/secrets${fieldSelector(`metadata.name=secret-${node}`)}`, `${core}/serviceaccounts/account-${node}`, `${core}/persistentvolumeclaims/claim-${node}`,
  `/api/v1/persistentvolumes/volume-${node}`, `${claims}/gpu-${node}`, `${storage}/volumeattachments/attachment-${node}`, `${storage}/csinodes/${node}`, `${slices}/slice-${node}`,
  `/api/v1/pods${fieldSelector(`spec.nodeName=${node}`)}`, `${slices}${fieldSelector(`spec.nodeName=${node}`)}`,
];
/** What no node may read at all. */
const foreignReads: readonly string[] = [
  `${core}/secrets`, `${core}/configmaps`, "/api/v1/secrets", "/api/v1/nodes", "/api/v1/pods", `${core}/pods`, `${core}/serviceaccounts`, `${core}/persistentvolumeclaims`, "/api/v1/persistentvolumes",
  `${core}/secrets/publish-a`, claims, `${storage}/csinodes`, `${storage}/csinodes?watch=1`, `${storage}/volumeattachments`, slices, "/apis/rbac.authorization.k8s.io/v1/clusterroles", `${core}/pods/pod-a/log`, "/api/v1/nodes/a/proxy",
];

describe("nodes, tokens and roles", () => {
  let server: TestApiServer;
  let node: Https;
  const uids = new Map<string, string>();
  const merge = "application/merge-patch+json";
  const refusal = async (asked: Https, method: string, path: string, body?: unknown, type?: string): Promise<string> => {
    const { status, text } = await asked(method, path, { ...(body !== undefined && { body }), ...(type !== undefined && { type }) });
    return status < 300 ? String(status) : `${status} ${(JSON.parse(text) as { message: string }).message}`;
  };
  const rbac = async (user: string, rules: readonly object[]): Promise<Https> => {
    const at = "/apis/rbac.authorization.k8s.io/v1";
    await server.admin("POST", `${at}/clusterroles`, { body: { metadata: { name: user }, rules } });
    await server.admin("POST", `${at}/clusterrolebindings`, { body: { metadata: { name: user }, roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: user }, subjects: [{ kind: "User", name: user }] } });
    return server.as(user);
  };
  before(async () => {
    server = await startApiServer();
    node = server.as("system:node:a", "system:nodes");
    for (const name of ["a", "b"]) {
      for (const [path, body] of worldOf(name)) {
        const { status, text } = await server.admin("POST", path, { body });
        assert.equal(status, 201, text);
        const { metadata } = JSON.parse(text) as { metadata: { name: string; uid: string } };
        uids.set(metadata.name, metadata.uid);
      }
    }
  });
  after(() => server.stop());

  test("row 29: a node reads what its pods name, and nothing of another node", async () => {
    for (const path of ownReads("a")) assert.equal(await refusal(node, "GET", path), "200", path);
    for (const path of [...ownReads("b"), ...foreignReads]) assert.match(await refusal(node, "GET", path), /^403 /, path);
  });

  test("row 29: why, in upstream's words", async () => {
    const because = async (path: string): Promise<string | undefined> => /": (.*)$|scope: (.*)$/.exec(await refusal(node, "GET", path))?.slice(1).find((text) => text !== undefined);
    assert.equal(await because(`${core}/secrets/secret-b`), "no relationship found between node 'a' and this object");
    assert.equal(await because("/api/v1/nodes/b"), "node 'a' cannot read 'b', only its own Node object");
    assert.equal(await because("/api/v1/nodes"), "node 'a' cannot read all nodes, only its own Node object");
    assert.equal(await because("/api/v1/pods"), "can only list/watch pods with spec.nodeName field selector");
    assert.equal(await because(`${storage}/csinodes`), "can only get, create, update, patch, or delete a CSINode");
    assert.equal(await because(slices), "can only list/watch/deletecollection resourceslices with nodeName field selector");
    assert.equal(await because(claims), "can only get individual resources of this type");
  });

  test("row 29: a node of no name, and one without its group, are nobody", async () => {
    for (const other of [server.as("system:node:", "system:nodes"), server.as("system:node:a")]) assert.match(await refusal(other, "GET", "/api/v1/nodes/a"), /^403 /);
  });

  test("row 29: a node writes about itself and its own pods", async () => {
    const status = { status: { conditions: [{ type: "Ready", status: "True" }] } };
    const cases: readonly (readonly [method: string, path: string, body: unknown, want: RegExp])[] = [
      ["PATCH", "/api/v1/nodes/a/status", status, /^200$/],
      ["PATCH", "/api/v1/nodes/b/status", status, /^403 .*node "a" is not allowed to modify node "b"/],
      ["PATCH", "/api/v1/nodes/a", { spec: { taints: [{ key: "k", effect: "NoSchedule" }] } }, /^403 .*is not allowed to modify taints/],
      ["PATCH", "/api/v1/nodes/a", { metadata: { labels: { "node-role.kubernetes.io/x": "" } } }, /^403 .*is not allowed to modify labels: node-role.kubernetes.io\/x/],
      ["PATCH", "/api/v1/nodes/a", { metadata: { labels: { mine: "1" } } }, /^200$/],
      ["DELETE", "/api/v1/nodes/a", undefined, /^403 /],
      ["PATCH", `${core}/pods/pod-a/status`, { status: { phase: "Running" } }, /^200$/],
      ["PATCH", `${core}/pods/pod-b/status`, { status: { phase: "Running" } }, /^403 .*can only update pod status for pods with spec.nodeName set to itself/],
      ["PATCH", `${core}/pods/pod-a`, { metadata: { labels: { x: "1" } } }, /^403 /],
      ["DELETE", `${core}/pods/pod-b`, undefined, /^403 .*can only delete pods with spec.nodeName set to itself/],
      ["POST", `${core}/pods/pod-b/eviction`, { metadata: { name: "pod-b" } }, /^403 .*can only evict pods with spec.nodeName set to itself/],
      ["POST", `${core}/pods`, { metadata: { name: "x" }, spec: { nodeName: "a", containers: [container], serviceAccountName: "account-a" } }, /^403 .*can only create mirror pods/],
      ["POST", `${core}/pods/pod-b/binding`, { target: { name: "a" } }, /^403 /],
      ["PATCH", `${core}/persistentvolumeclaims/claim-a/status`, { status: { capacity: { storage: "1Gi" } } }, /^200$/],
      ["PATCH", `${core}/persistentvolumeclaims/claim-a/status`, { status: { phase: "Lost" } }, /^403 .*not allowed to update fields other than/],
      ["PATCH", `${core}/persistentvolumeclaims/claim-a`, { metadata: { labels: { x: "1" } } }, /^403 /],
      ["PATCH", `${core}/persistentvolumeclaims/claim-b/status`, { status: { capacity: { storage: "1Gi" } } }, /^403 .*no relationship found/],
      ["PATCH", `${storage}/csinodes/a`, { metadata: { labels: { x: "1" } } }, /^200$/],
      ["PATCH", `${storage}/csinodes/b`, { metadata: { labels: { x: "1" } } }, /^403 /],
      ["POST", `${storage}/csinodes`, { metadata: { name: "c" }, spec: { drivers: [] } }, /^403 .*can only access CSINode with the same name/],
      ["POST", slices, { metadata: { name: "s" }, spec: { driver: "d.example.com", nodeName: "b", pool: { name: "b", generation: 1, resourceSliceCount: 1 } } }, /^403 .*can only create ResourceSlice with the same NodeName/],
      ["DELETE", `${slices}/slice-b`, undefined, /^403 .*no relationship found/],
      ["DELETE", slices, undefined, /^403 .*nodeName field selector/],
      ["POST", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases", { metadata: { name: "b" }, spec: {} }, /^403 .*same name as the requesting node/],
      ["POST", "/apis/coordination.k8s.io/v1/namespaces/default/leases", { metadata: { name: "a" }, spec: {} }, /^403 .*system namespace/],
      ["PATCH", `${core}/secrets/secret-a`, { stringData: { a: "1" } }, /^403 .*can only read resources of this type/],
    ];
    for (const [method, path, body, want] of cases) assert.match(await refusal(node, method, path, body, method === "PATCH" ? merge : undefined), want, `${method} ${path}`);
  });

  test("row 29: what a pod no longer needs, its node no longer reads", async () => {
    await server.admin("POST", `${core}/secrets`, { body: { metadata: { name: "short" } } });
    await server.admin("POST", `${core}/pods`, { body: { metadata: { name: "short" }, spec: { nodeName: "a", containers: [{ ...container, envFrom: [{ secretRef: { name: "short" } }] }], serviceAccountName: "account-a" } } });
    assert.equal(await refusal(node, "GET", `${core}/secrets/short`), "200");
    await server.admin("DELETE", `${core}/pods/short?gracePeriodSeconds=0`);
    assert.match(await refusal(node, "GET", `${core}/secrets/short`), /^403 /);
  });

  const tokenFor = (asked: Https, account: string, pod: string, audiences?: readonly string[]): Promise<{ status: { token: string } & string; message?: string }> =>
    asked.json("POST", `${core}/serviceaccounts/${account}/token`, { body: { spec: { ...(audiences && { audiences }), boundObjectRef: { apiVersion: "v1", kind: "Pod", name: pod, uid: uids.get(pod) } } } });

  test("row 29: a node gets tokens of its own pods only, bound to them, of audiences that they name", async () => {
    assert.equal(typeof (await tokenFor(node, "account-a", "pod-a")).status.token, "string");
    assert.match((await tokenFor(node, "account-a", "pod-b")).message ?? "", /bound to a pod scheduled on a different node/);
    assert.match((await tokenFor(node, "account-b", "pod-b")).message ?? "", /no relationship found between node 'a' and this object/);
    assert.match((await tokenFor(node, "account-a", "pod-a", ["vault"])).message ?? "", /audience "vault" not found in pod spec volume, system:node:a is not authorized/);
    assert.match((await node.json<{ message: string }>("POST", `${core}/serviceaccounts/account-a/token`, { body: { spec: {} } })).message, /node requested token not bound to a pod/);
  });

  const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
  const withToken = async (token: string): Promise<number> => {
    const nobody = newHttps({ port: server.port, ca: server.ca.cert });
    const { status } = await nobody("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", { body: review, headers: { authorization: `Bearer ${token}` } });
    nobody.close();
    return status;
  };
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

  test("row 30: a token is worth nothing without its signature, under another algorithm, for others' ears, from another issuer", async () => {
    const { token } = (await tokenFor(server.admin, "account-a", "pod-a")).status;
    assert.equal(await withToken(token), 201);
    const [head = "", payload = "", signature = ""] = token.split(".");
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as object;
    const header = JSON.parse(Buffer.from(head, "base64url").toString()) as object;
    const hmac = (signed: string): string => `${signed}.${createHmac("sha256", server.ca.cert).update(signed).digest("base64url")}`;
    const forged: Readonly<Record<string, string>> = {
      "no algorithm": `${part({ ...header, alg: "none" })}.${payload}.`,
      "no algorithm, old signature": `${part({ ...header, alg: "none" })}.${payload}.${signature}`,
      "the public key as a secret": hmac(`${part({ ...header, alg: "HS256" })}.${payload}`),
      "longer life": `${head}.${part({ ...claims, exp: 4_000_000_000 })}.${signature}`,
      "another issuer": `${head}.${part({ ...claims, iss: "https://example.com" })}.${signature}`,
      "a key of its own": `${part({ ...header, jwk: { kty: "oct", k: "AA" } })}.${payload}.${signature}`,
      "no signature": `${head}.${payload}.`,
    };
    for (const [name, text] of Object.entries(forged)) assert.equal(await withToken(text), 401, name);
    assert.equal(await withToken((await tokenFor(server.admin, "account-a", "pod-a", ["vault"])).status.token), 401);
  });

  test("row 30: a token ends with the pod that it is bound to, also where another of the name follows", async () => {
    const body = { metadata: { name: "brief" }, spec: { nodeName: "b", containers: [container], serviceAccountName: "account-b" } };
    const make = async (): Promise<void> => void uids.set("brief", (await server.admin.json<{ metadata: { uid: string } }>("POST", `${core}/pods`, { body })).metadata.uid);
    await make();
    const { token } = (await tokenFor(server.admin, "account-b", "brief")).status;
    assert.equal(await withToken(token), 201);
    await server.admin("DELETE", `${core}/pods/brief?gracePeriodSeconds=0`);
    assert.equal(await withToken(token), 401);
    await make();
    assert.equal(await withToken(token), 401);
  });

  test("row 31: nobody gives what they do not have, and speaks for whom they may not", async () => {
    const eve = await rbac("eve", [
      { verbs: ["create", "update", "patch", "get"], apiGroups: ["rbac.authorization.k8s.io"], resources: ["roles", "rolebindings", "clusterroles", "clusterrolebindings"] },
      { verbs: ["create"], apiGroups: ["certificates.k8s.io"], resources: ["certificatesigningrequests"] },
      { verbs: ["update", "get"], apiGroups: ["certificates.k8s.io"], resources: ["certificatesigningrequests/approval"] },
    ]);
    const at = "/apis/rbac.authorization.k8s.io/v1";
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" };
    const secrets = [{ verbs: ["get"], apiGroups: [""], resources: ["secrets"] }];
    const subjects = [{ kind: "User", name: "eve" }];
    assert.match(await refusal(eve, "POST", `${at}/clusterroles`, { metadata: { name: "x" }, rules: secrets }), /^403 .*is attempting to grant RBAC permissions not currently held/);
    assert.match(await refusal(eve, "PATCH", `${at}/clusterroles/eve`, { rules: secrets }, merge), /^403 .*is attempting to grant RBAC permissions not currently held/);
    assert.match(await refusal(eve, "POST", `${at}/clusterrolebindings`, { metadata: { name: "x" }, roleRef, subjects }), /^403 .*is attempting to grant RBAC permissions not currently held/);
    assert.match(await refusal(eve, "POST", `${at}/namespaces/default/rolebindings`, { metadata: { name: "x" }, roleRef, subjects }), /^403 /);
    for (const headers of [{ "impersonate-user": "admin" }, { "impersonate-user": "eve", "impersonate-group": "system:masters" }, { "impersonate-user": "eve", "impersonate-extra-x": "y" }]) {
      assert.equal((await eve("GET", "/api/v1/nodes", { headers: headers as Record<string, string> })).status, 403, JSON.stringify(headers));
    }
    const update = { metadata: { name: "ask" }, spec: { signerName: "kubernetes.io/kube-apiserver-client", request: Buffer.from(mastersCsr).toString("base64"), usages: ["client auth"] } };
    assert.match(await refusal(eve, "POST", csrs, update), /^403 .*use of kubernetes.io\/kube-apiserver-client signer with system:masters group is not allowed/);
  });

  test("row 31: who may approve needs the signer too, and a node asks for its own name", async () => {
    const mallory = server.as("eve");
    const body = { metadata: { name: "other" }, spec: { signerName: "example.com/x", request: Buffer.from(mastersCsr).toString("base64"), usages: ["client auth"] } };
    const made = await server.admin.json<{ status?: object }>("POST", csrs, { body });
    const approved = { ...made, status: { conditions: [{ type: "Approved", status: "True", reason: "r", message: "m" }] } };
    assert.match(await refusal(mallory, "PUT", `${csrs}/other/approval`, approved), /^403 .*user not permitted to approve requests with signerName "example.com\/x"/);
    const serving = { metadata: { name: "serving" }, spec: { ...body.spec, signerName: "kubernetes.io/kubelet-serving", usages: ["digital signature", "server auth"] } };
    assert.match(await refusal(node, "POST", csrs, serving), /^403 .*can only create a node CSR with CN=system:node:a/);
  });
});
