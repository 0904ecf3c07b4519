import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { KubeconfigError, kubeconfigText, loadKubeconfig } from "./kubeconfig.ts";

async function directory(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "seedpod-kubeconfig-"));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

describe("a kubeconfig", () => {
  test("reads back what was written", async (t) => {
    const path = join(await directory(t), "kubeconfig");
    await writeFile(path, kubeconfigText({ name: "seedpod", user: "admin", server: "https://127.0.0.1:6443", ca: "CA", cert: "CERT", key: "KEY", namespace: "x" }));
    assert.deepEqual(await loadKubeconfig(path), { server: "https://127.0.0.1:6443", insecure: false, ca: "CA", cert: "CERT", key: "KEY", namespace: "x" });
  });

  test("reads the files that it names, beside itself", async (t) => {
    const at = await directory(t);
    const path = join(at, "config");
    await writeFile(join(at, "ca.crt"), "CA");
    await writeFile(join(at, "token"), "secret\n");
    await writeFile(path, JSON.stringify({
      "current-context": "a",
      clusters: [{ name: "c", cluster: { server: "https://h", "certificate-authority": "ca.crt", "tls-server-name": "kubernetes" } }],
      users: [{ name: "u", user: { tokenFile: "token" } }], contexts: [{ name: "a", context: { cluster: "c", user: "u" } }],
    }));
    assert.deepEqual(await loadKubeconfig(path), { server: "https://h", insecure: false, ca: "CA", token: "secret", serverName: "kubernetes" });
  });

  const broken = [
    { name: "has no current context", config: {}, says: /no context is named/ },
    { name: "names a context that is not there", config: { "current-context": "a" }, says: /there is no context "a"/ },
    { name: "needs a plugin", config: { "current-context": "a", contexts: [{ name: "a", context: { cluster: "c", user: "u" } }], clusters: [{ name: "c", cluster: { server: "https://h" } }], users: [{ name: "u", user: { exec: {} } }] }, says: /exec plugin/ },
  ];
  for (const { name, config, says } of broken) {
    test(`says what is wrong when it ${name}`, async (t) => {
      const path = join(await directory(t), "config");
      await writeFile(path, JSON.stringify(config));
      await assert.rejects(loadKubeconfig(path), (err) => err instanceof KubeconfigError && says.test(err.message));
    });
  }
});
