/** What a pod may say, in every kind of container and by every kind of reference. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { nodes } from "#api/resources.ts";
import { until } from "#base/waiting.ts";
import { startApiServer, type TestApiServer } from "../../support/api-server.ts";
import type { Https } from "../../support/https.ts";

const kinds = ["app", "init", "ephemeral"] as const;
type Kind = (typeof kinds)[number];
const fields: Readonly<Record<Kind, string>> = { app: "containers", init: "initContainers", ephemeral: "ephemeralContainers" };

interface Refused { readonly code: number; readonly message: string }

describe("pods", () => {
  let server: TestApiServer;
  let count = 0;
  const post = async (path: string, body: object): Promise<void> => {
    const { status, text } = await server.admin("POST", path, { body });
    assert.equal(status, 201, text);
  };
  const newNamespace = async (name: string, labels: object = {}): Promise<void> => {
    await post("/api/v1/namespaces", { metadata: { name, labels } });
    await post(`/api/v1/namespaces/${name}/serviceaccounts`, { metadata: { name: "default" } });
  };
  const podOf = (name: string, spec: object, metadata: object = {}): object => ({ apiVersion: "v1", kind: "Pod", metadata: { name, ...metadata }, spec: { serviceAccountName: "default", automountServiceAccountToken: false, ...spec } });
  const restricted = { allowPrivilegeEscalation: false, runAsNonRoot: true, runAsUser: 1, capabilities: { drop: ["ALL"] }, seccompProfile: { type: "RuntimeDefault" } };
  const good = { name: "good", image: "good:1", securityContext: restricted };
  /** A pod with `bad` as a container of this kind: an ephemeral one comes to a pod that is there. Undefined when it was taken. */
  const tried = async (namespace: string, kind: Kind, bad: object, spec: object = {}, as: Https = server.admin, metadata: object = {}): Promise<Refused | undefined> => {
    const [name, pods] = [`p${count++}`, `/api/v1/namespaces/${namespace}/pods`];
    const container = { name: "bad", image: "good:1", securityContext: restricted, ...bad };
    let answer;
    if (kind === "ephemeral") {
      await post(pods, podOf(name, { containers: [good], ...spec }, metadata));
      const pod = await server.admin.json<{ spec: object }>("GET", `${pods}/${name}`);
      answer = await as("PUT", `${pods}/${name}/ephemeralcontainers`, { body: { ...pod, spec: { ...pod.spec, ephemeralContainers: [container] } } });
    } else {
      answer = await as("POST", pods, { body: podOf(name, { containers: [good], ...spec, [fields[kind]]: [container] }, metadata) });
    }
    return answer.status < 300 ? undefined : { code: answer.status, message: (JSON.parse(answer.text) as Refused).message };
  };

  before(async () => {
    server = await startApiServer();
    await newNamespace("open");
    await newNamespace("strict", { "pod-security.kubernetes.io/enforce": "restricted" });
    await newNamespace("limited");
    await post("/api/v1/namespaces/limited/serviceaccounts", { metadata: { name: "lister", annotations: { "kubernetes.io/enforce-mountable-secrets": "true" } }, secrets: [{ name: "listed" }], imagePullSecrets: [{ name: "pull" }] });
  });
  after(() => server.stop());

  for (const kind of kinds) {
    test(`row 21: PodSecurity looks at ${kind} containers (CVE-2023-2727 and its like)`, async () => {
      const flaws: readonly [string, object][] = [
        ["privileged", { securityContext: { ...restricted, privileged: true, allowPrivilegeEscalation: true } }],
        ["unrestricted capabilities", { securityContext: { ...restricted, capabilities: { drop: ["ALL"], add: ["SYS_ADMIN"] } } }],
        ["seccompProfile", { securityContext: { ...restricted, seccompProfile: { type: "Unconfined" } } }],
        ["runAsUser=0", { securityContext: { ...restricted, runAsUser: 0 } }],
        ["allowPrivilegeEscalation != false", { securityContext: { ...restricted, allowPrivilegeEscalation: true } }],
      ];
      assert.equal(await tried("strict", kind, {}), undefined);
      for (const [word, bad] of flaws) {
        const refused = await tried("strict", kind, bad);
        assert.equal(refused?.code, 403, word);
        assert.ok(refused.message.includes(word), `${word}: ${refused.message}`);
      }
    });

    test(`row 21: ServiceAccount's mountable secrets hold for ${kind} containers, env and envFrom (CVE-2023-2728, CVE-2024-3177)`, async () => {
      const spec = { serviceAccountName: "lister" };
      const env = (name: string): object => ({ env: [{ name: "A", value: "b" }, { name: "X", valueFrom: { secretKeyRef: { name, key: "k" } } }] });
      const envFrom = (name: string): object => ({ envFrom: [{ configMapRef: { name: "c" } }, { secretRef: { name } }] });
      for (const good of [env("listed"), envFrom("listed")]) assert.equal(await tried("limited", kind, good, spec), undefined);
      const words = kind === "app" ? "container" : `${kind} container`;
      for (const [bad, what] of [[env("other"), "envVar X"], [envFrom("other"), "envFrom"]] as const) {
        const refused = await tried("limited", kind, bad, spec);
        assert.equal(refused?.code, 403, what);
        assert.ok(refused.message.endsWith(`is forbidden: ${words} bad with ${what} referencing secret.secretName="other" is not allowed because service account lister does not reference that secret`), refused.message);
      }
    });

    test(`row 21: a policy over images sees ${kind} containers`, async () => {
      const [name, all] = [`images-${kind}`, ["containers", "initContainers", "ephemeralContainers"].map((list) => `object.spec.?${list}.orValue([])`).join(" + ")];
      const policies = "/apis/admissionregistration.k8s.io/v1";
      await newNamespace(name, { images: kind });
      await post(`${policies}/validatingadmissionpolicies`, { metadata: { name }, spec: {
        matchConstraints: { resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["pods", "pods/ephemeralcontainers"] }], namespaceSelector: { matchLabels: { images: kind } } },
        validations: [{ expression: `(${all}).all(c, c.image.startsWith("good"))`, message: "only good images" }],
      } });
      await post(`${policies}/validatingadmissionpolicybindings`, { metadata: { name }, spec: { policyName: name, validationActions: ["Deny"] } });
      const refused = await until("the policy holds", () => tried(name, kind, { image: "evil:1" }));
      assert.match(refused.message, /only good images/);
      assert.equal(await tried(name, kind, {}), undefined);
    });
  }

  const volumes: readonly [string, object][] = [
    ["secret", { secret: { secretName: "other" } }],
    ["projected", { projected: { sources: [{ secret: { name: "other" } }] } }],
    ["csi", { csi: { driver: "d.example.com", nodePublishSecretRef: { name: "other" } } }],
  ];
  for (const [kind, source] of volumes) {
    test(`row 21: ServiceAccount's mountable secrets hold for ${kind} volumes`, async () => {
      const refused = await tried("limited", "app", {}, { serviceAccountName: "lister", volumes: [{ name: "v", ...source }] });
      assert.match(refused?.message ?? "", /volume with secret\.secretName="other" is not allowed because service account lister does not reference that secret$/);
    });
  }

  test("row 21: ServiceAccount's mountable secrets hold for pull secrets", async () => {
    const spec = (name: string): object => ({ serviceAccountName: "lister", imagePullSecrets: [{ name }] });
    assert.equal(await tried("limited", "app", {}, spec("pull")), undefined);
    assert.match((await tried("limited", "app", {}, spec("listed")))?.message ?? "", /imagePullSecrets\[0\]\.name="listed" is not allowed because service account lister does not reference that imagePullSecret$/);
  });

  test("row 21: a node's mirror pod names nothing of the API, in no kind of container, volume or pull", async () => {
    const node = server.as("system:node:n", "system:nodes");
    const { uid } = (await server.client.resource(nodes).create({ metadata: { name: "n" }, spec: {}, status: {} })).metadata;
    const mirror = { annotations: { "kubernetes.io/config.mirror": "m" }, ownerReferences: [{ apiVersion: "v1", kind: "Node", name: "n", uid, controller: true }] };
    const own = { serviceAccountName: "", nodeName: "n" };
    const names = (what: string): readonly [Kind, object, object][] => {
      const [key, source, volume] = what === "secrets" ? ["secretKeyRef", "secretRef", { secret: { secretName: "s" } }] : ["configMapKeyRef", "configMapRef", { configMap: { name: "s" } }];
      const containers = [{ env: [{ name: "X", valueFrom: { [key]: { name: "s", key: "k" } } }] }, { envFrom: [{ [source]: { name: "s" } }] }];
      const projected = { projected: { sources: [what === "secrets" ? { secret: { name: "s" } } : { configMap: { name: "s" } }] } };
      return [
        ...(["app", "init"] as const).flatMap((kind) => containers.map((bad): [Kind, object, object] => [kind, bad, {}])),
        ...[volume, projected].map((source): [Kind, object, object] => ["app", {}, { volumes: [{ name: "v", ...source }] }]),
        ...(what === "secrets" ? [["app", {}, { imagePullSecrets: [{ name: "s" }] }] as [Kind, object, object]] : []),
      ];
    };
    for (const what of ["secrets", "configmaps"]) {
      for (const [kind, bad, spec] of names(what)) {
        const refused = await tried("open", kind, bad, { ...own, ...spec }, node, mirror);
        assert.match(refused?.message ?? "", new RegExp(`a mirror pod may not reference ${what}|node "n" can not create pods that reference ${what}`), `${kind} ${JSON.stringify({ bad, spec })}`);
      }
    }
  });

  test("row 22: a Localhost profile without a path, or with one that leads out, is no profile (CVE-2023-2431)", async () => {
    for (const kind of kinds) {
      for (const localhostProfile of [undefined, "", "../etc/passwd", "/etc/passwd", "a/../../b"]) {
        for (const type of ["seccompProfile", "appArmorProfile"]) {
          if (type === "appArmorProfile" && localhostProfile?.includes("/") === true) continue; // a profile's name, no path
          const refused = await tried("open", kind, { securityContext: { [type]: { type: "Localhost", ...(localhostProfile !== undefined && { localhostProfile }) } } });
          assert.equal(refused?.code, 422, `${kind} ${type} ${localhostProfile}: ${refused?.message}`);
        }
      }
    }
    const refused = await tried("open", "app", {}, { securityContext: { seccompProfile: { type: "Localhost", localhostProfile: "" } } });
    assert.equal(refused?.code, 422);
  });

  test("row 25: names and paths that would mean something to a shell or a program are refused", async () => {
    const mount = (extra: object): readonly [object, object] => [{ volumeMounts: [{ name: "v", mountPath: "/v", ...extra }] }, { volumes: [{ name: "v", emptyDir: {} }] }];
    for (const bad of ["../x", "a/../../x", "/etc"]) {
      const [container, spec] = mount({ subPath: bad });
      assert.equal((await tried("open", "app", container, spec))?.code, 422, bad);
    }
    for (const name of ["-v", "a;b", "$(id)", "a b", "A", "`id`", "a/b", ".."]) {
      assert.equal((await tried("open", "app", { name }))?.code, 422, `container ${name}`);
      assert.equal((await tried("open", "app", {}, { volumes: [{ name, emptyDir: {} }] }))?.code, 422, `volume ${name}`);
      assert.equal((await server.admin("POST", "/api/v1/namespaces/open/pods", { body: podOf(name, { containers: [good] }) })).status, 422, `pod ${name}`);
    }
    for (const path of ["/a/../b", "../x"]) assert.equal((await tried("open", "app", {}, { volumes: [{ name: "v", hostPath: { path } }] }))?.code, 422, path);
  });
});
