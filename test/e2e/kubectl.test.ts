import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { spawn } from "node:child_process";
import { eventually } from "#base/waiting.ts";
import { kubectlMinor, unknownField } from "../support/kubectl.ts";
import { sharedInstance } from "../support/shared-instance.ts";
import { testNamespace } from "../support/test-namespace.ts";

const shared = sharedInstance();

describe("kubectl", { skip: shared === undefined && "needs root" }, () => {
  assert(shared !== undefined);
  const dir = mkdtempSync(join(tmpdir(), "seedpod-kubectl-"));
  const namespace = "kubectl-test";
  const { kubectl, make, remove } = testNamespace(shared, namespace);
  const refused = async (...args: readonly string[]): Promise<string> => {
    const { code, stderr } = await shared.tryKubectl("-n", namespace, ...args);
    assert.notEqual(code, 0, "kubectl should have failed");
    return stderr.trim();
  };

  before(async () => {
    await make();
    await kubectl("apply", "-f", "examples/nginx.yaml");
    await kubectl("wait", "--for=condition=Ready", "pod/nginx", "--timeout=60s");
  });
  after(async () => {
    await remove(60);
    rmSync(dir, { recursive: true });
  });

  test("get -o wide shows the pod's address and node", async () => {
    const [header = "", row = ""] = (await kubectl("get", "pod", "nginx", "-o", "wide")).split("\n");
    assert.match(header, /^NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE\s+IP\s+NODE\s+NOMINATED NODE\s+READINESS GATES$/);
    assert.match(row, /^nginx\s+1\/1\s+Running\s+0\s+\d+s\s+10\.\d+\.\d+\.\d+\s+\S+\s+<none>\s+<none>$/);
  });

  test("apply again changes nothing", async () => {
    assert.equal(await kubectl("apply", "-f", "examples/nginx.yaml"), "pod/nginx unchanged\n");
  });

  test("describe ends with the pod's events", async () => {
    const text = await kubectl("describe", "pod", "nginx");
    for (const reason of ["Scheduled", "Pulled", "Created", "Started"]) assert.match(text, new RegExp(`Normal\\s+${reason}\\s`), reason);
  });

  test("top tells what nodes, pods and containers use", async () => {
    const rows = async (...args: readonly string[]): Promise<string[][]> => (await kubectl("top", ...args)).trim().split("\n").map((line) => line.trim().split(/\s+/));
    await eventually(() => kubectl("top", "pods", "nginx"), 60_000);
    const [header = [], row = []] = await rows("pods", "nginx", "--containers");
    assert.deepEqual([header, row.slice(0, 2)], [["POD", "NAME", "CPU(cores)", "MEMORY(bytes)"], ["nginx", "nginx"]]);
    assert.match(row.slice(2).join(" "), /^\d+m [1-9]\d*Mi$/);
    const [, node = []] = await rows("nodes");
    assert.match(node.slice(1).join(" "), /^\d+m \d+% [1-9]\d*Mi \d+%$/);
    assert((await rows("pods", "-A", "--sort-by=cpu")).some(([namespace_, pod]) => namespace_ === namespace && pod === "nginx"));
  });

  test("events lists them too", async () => {
    const list = (await kubectlMinor()) >= 26 ? ["events", "--for", "pod/nginx"] : ["get", "events", "--field-selector=involvedObject.name=nginx"];
    assert.match(await shared.kubectl(...list, "-n", namespace), /Normal\s+Scheduled\s+[Pp]od\/nginx/);
  });

  test("exec answers with output, exit code and standard input", async () => {
    assert.equal(await kubectl("exec", "nginx", "--", "echo", "hello"), "hello\n");
    const long = "a".repeat(100_000); // the whole command is in the request's URL
    assert.equal(await kubectl("exec", "nginx", "--", "echo", long), `${long}\n`);
    assert.equal(await shared.kubectlWith("from here\n", "-n", namespace, "exec", "-i", "nginx", "--", "cat"), "from here\n");
    const failed = await shared.tryKubectl("-n", namespace, "exec", "nginx", "--", "sh", "-c", "exit 7");
    assert.equal(failed.code, 7);
  });

  test("cp there and back keeps the bytes", async () => {
    const [there, back] = [join(dir, "there"), join(dir, "back")];
    const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7) % 251));
    writeFileSync(there, content);
    await kubectl("cp", there, "nginx:/tmp/file");
    await kubectl("cp", "nginx:/tmp/file", back);
    assert.ok(readFileSync(back).equals(content));
  });

  test("port-forward leads to the pod", async () => {
    const forward = spawn("kubectl", ["--kubeconfig", shared.kubeconfig, "-n", namespace, "port-forward", "pod/nginx", ":80"], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      const port = await new Promise<string>((resolve, reject) => {
        forward.stdout.on("data", (chunk: Buffer) => { const found = /127\.0\.0\.1:(\d+)/.exec(String(chunk))?.[1]; if (found !== undefined) resolve(found); });
        forward.once("exit", (code) => reject(new Error(`port-forward ended with ${code}`)));
      });
      for (let i = 0; i < 3; i++) assert.match(await (await fetch(`http://127.0.0.1:${port}/`)).text(), /Welcome to nginx/);
    } finally {
      forward.kill();
    }
  });

  test("logs shows what nginx wrote, and --tail its end", async () => {
    await eventually(async () => assert.match(await kubectl("logs", "nginx"), /"GET \/ HTTP/));
    assert.equal((await kubectl("logs", "nginx", "--tail=1")).trimEnd().split("\n").length, 1);
  });

  test("logs -f follows until the container ends", async () => {
    await shared.kubectlWith(JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: "counter" }, spec: { restartPolicy: "Never", containers: [{ name: "c", image: "seedpod.local/busybox:1", command: ["sh", "-c", "for i in 1 2 3; do echo $i; sleep 1; done"] }] } }), "-n", namespace, "apply", "-f", "-");
    await eventually(async () => assert.match(await kubectl("logs", "counter"), /1/));
    assert.equal(await kubectl("logs", "-f", "counter"), "1\n2\n3\n");
  });

  test("explain and api-resources know the kinds", async () => {
    assert.match(await kubectl("explain", "pod.spec.containers.image"), /FIELD:\s+image <string>/);
    const kinds = await kubectl("api-resources", "--no-headers");
    for (const line of [/^pods\s+po\s+v1\s+true\s+Pod$/m, /^deployments\s+deploy\s+apps\/v1\s+true\s+Deployment$/m, /^nodes\s+no\s+v1\s+false\s+Node$/m]) assert.match(kinds, line);
  });

  test("label and field selectors", async () => {
    assert.equal(await kubectl("get", "pods", "-l", "app=nginx", "-o", "name"), "pod/nginx\n");
    assert.equal(await kubectl("get", "pods", "-l", "app!=nginx,app", "-o", "name"), "");
    assert.equal(await kubectl("get", "pods", "--field-selector", "metadata.name=nginx", "-o", "name"), "pod/nginx\n");
  });

  test("bad manifests get upstream's words", async () => {
    const apply = async (manifest: unknown): Promise<string> => {
      const file = join(dir, "bad.yaml");
      writeFileSync(file, typeof manifest === "string" ? manifest : JSON.stringify(manifest));
      return refused("create", "-f", file);
    };
    const pod = (spec: object, metadata: object = { name: "bad" }): object => ({ apiVersion: "v1", kind: "Pod", metadata, spec });
    const container = { name: "c", image: "x" };
    assert.match(await apply({ apiVersion: "v1", kind: "Prod", metadata: { name: "x" } }), /no matches for kind "Prod" in version "v1"/);
    assert.match(await apply(pod({ containers: [container], colour: "red" })), unknownField("Pod", "colour"));
    assert.match(await apply(pod({ containers: [container] }, {})), /resource name may not be empty|name or generateName is required/);
    assert.match(await apply(pod({ containers: [{ ...container, resources: { requests: { cpu: "lots" } } }] })), /quantities must match the regular expression/);
    assert.match(await apply("apiVersion: v1\nkind: Pod\n  metadata: {\n"), /error (converting|parsing)/);
    assert.match(await apply(pod({ containers: [] })), /spec\.containers: Required value/);
    assert.match(await apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "big" }, data: { x: "y".repeat(4 * 1024 * 1024) } }), /[Rr]equest entity too large/);
  });
});
