/** The field's client for Python, as the distribution has it. */
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { startApiServer } from "../support/api-server.ts";
import { kubeConfigOf } from "../support/client-node.ts";

const python = "/usr/bin/python3";
const found = spawnSync(python, ["-c", "import importlib.util, sys; sys.exit(importlib.util.find_spec('kubernetes') is None)"]).status === 0;

test("python3-kubernetes: typed calls, patches, errors, watches, the dynamic client", { skip: found ? false : `the package python3-kubernetes is not installed for ${python}` }, async (t) => {
  const server = await startApiServer(t);
  const dir = await mkdtemp(path.join(tmpdir(), "seedpod-python-"));
  t.after(() => rm(dir, { recursive: true }));
  const kubeconfig = path.join(dir, "kubeconfig");
  await writeFile(kubeconfig, kubeConfigOf(server).exportConfig(), { mode: 0o600 });
  const { stdout } = await promisify(execFile)(python, [path.join(import.meta.dirname, "python-client.py")], { env: { ...process.env, KUBECONFIG: kubeconfig }, timeout: 60_000 });
  assert.deepEqual(stdout.trim().split("\n").map((line) => JSON.parse(line) as unknown), [
    ["version", true], ["created", "py", true], ["read", { k: "1" }], ["patched", { k: "1", l: "2" }], ["replaced", { m: "3" }], ["listed", ["py"]], ["deleted", "Success"], ["missing", 404, "NotFound"],
    ["watched", [["MODIFIED", { m: "3" }], ["DELETED", { m: "3" }]]], ["deployment", "25%", { cpu: "500m" }], ["merged by name", ["a", "b"]], ["dynamic", "jobs", true, 0],
  ]);
});
