/** Two servers, as processes, on one etcd that they reach over TLS with client certificates. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { ConfigMap, Pod } from "#api/gen/core-v1.ts";
import { configMaps } from "#api/resources.ts";
import { systemClock } from "#base/clock.ts";
import { exec } from "#base/exec.ts";
import { issue, newCa } from "#base/pki.ts";
import { eventually } from "#base/waiting.ts";
import { nthAddress } from "#cni/addresses.ts";
import { loadInstance } from "#cmd/instance.ts";
import { newClient } from "#client/http-client.ts";
import { httpsTransport } from "#client/https-transport.ts";
import { loadKubeconfig } from "#client/kubeconfig.ts";
import { freePort, hasEtcd, TestEtcd } from "../support/etcd.ts";
import { ServerProcess } from "../support/server-process.ts";

describe("two servers on one etcd", { skip: hasEtcd ? false : "etcd is not installed", timeout: 180_000 }, () => {
  const directory = mkdtempSync(join(tmpdir(), "seedpod-etcd-"));
  const file = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text, { mode: 0o600 });
    return join(directory, name);
  };
  let etcd: TestEtcd;
  let one: ServerProcess;
  let two: ServerProcess;
  let etcdctl: (...args: readonly string[]) => Promise<string>;

  before(async () => {
    const now = systemClock.now();
    const ca = newCa("etcd-ca", now);
    const serving = issue(ca, { commonName: "etcd", dns: ["localhost"], ips: ["127.0.0.1"], usages: ["server", "client"], days: 1 }, now);
    const client = issue(ca, { commonName: "seedpod", usages: ["client"], days: 1 }, now);
    const files = { ca: file("ca.crt", ca.cert), cert: file("client.crt", client.cert), key: file("client.key", client.key) };
    etcd = await TestEtcd.start({ tls: { ca: files.ca, cert: file("etcd.crt", serving.cert), key: file("etcd.key", serving.key) } });
    etcdctl = (...args) => exec("etcdctl", ["--endpoints", etcd.url, "--cacert", files.ca, "--cert", files.cert, "--key", files.key, ...args], { env: { ...process.env, ETCDCTL_API: "3" } });
    one = await ServerProcess.start(join(directory, "one"), await freePort(), [
      "--store=etcd", `--etcd-servers=${etcd.url}`, "--etcd-cafile", files.ca, "--etcd-certfile", files.cert, "--etcd-keyfile", files.key, "--etcd-prefix=/clusters/test",
    ]);
    two = await ServerProcess.start(join(directory, "two"), await freePort(), ["--join", one.dataDir]);
  });

  after(async () => {
    await Promise.all([one, two].map((server) => server?.stop("SIGKILL")));
    await etcd?.remove();
    rmSync(directory, { recursive: true });
  });

  const json = async <T>(server: ServerProcess, ...args: readonly string[]): Promise<T> => JSON.parse(await server.kubectl(...args, "-o", "json")) as T;
  const holderOf = async (server: ServerProcess, name: string): Promise<string> =>
    (await json<{ spec: { holderIdentity: string } }>(server, "-n", "kube-system", "get", "lease", name)).spec.holderIdentity;
  const serviceAddress = ({ dataDir }: ServerProcess, index: number): string => nthAddress(loadInstance(dataDir)?.serviceCidr ?? "", index);
  const pods = async (server: ServerProcess): Promise<number> => (await json<{ items: Pod[] }>(server, "get", "pods", "-l", "app=web")).items.length;

  test("all keys are under the prefix that was asked for", async () => {
    const keys = (await etcdctl("get", "", "--prefix", "--keys-only")).split("\n").filter((key) => key !== "");
    assert(keys.length > 100);
    assert.deepEqual(keys.filter((key) => !key.startsWith("/clusters/test")), []);
  });

  test("what one has acknowledged, the other reads at once", async () => {
    for (let i = 0; i < 5; i++) {
      const [writer, reader] = i % 2 === 0 ? [one, two] : [two, one];
      await writer.kubectl("create", "configmap", `turn-${i}`, `--from-literal=i=${i}`);
      assert.equal((await json<ConfigMap>(reader, "get", "configmap", `turn-${i}`)).data?.["i"], String(i));
    }
  });

  test("each one's watch tells what the other writes, also while etcd starts again", async () => {
    const [through, over] = [httpsTransport(await loadKubeconfig(join(one.dataDir, "kubeconfig"))), httpsTransport(await loadKubeconfig(join(two.dataDir, "kubeconfig")))];
    const [a, b] = [newClient(through).resource(configMaps), newClient(over).resource(configMaps)];
    const stop = new AbortController();
    const { resourceVersion } = await b.list({ namespace: "default" });
    const seen: string[] = [];
    const watching = (async () => {
      for await (const event of b.watch({ namespace: "default", resourceVersion }, stop.signal)) if (event.type === "ADDED") seen.push(event.object.metadata.name ?? "");
    })().catch((err: unknown) => { if (!stop.signal.aborted) throw err; });
    const made: string[] = [];
    const restart = (async () => { await systemClock.sleep(200, stop.signal); await etcd.stop("SIGKILL"); await etcd.start(); })();
    for (let i = 0; i < 60; i++) {
      const name = `watched-${i}`;
      await eventually(() => a.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default" } }).catch((err: unknown) => {
        if ((err as { reason?: string }).reason !== "AlreadyExists") throw err; // the answer to an earlier try was lost
      }));
      made.push(name);
      await systemClock.sleep(10, stop.signal);
    }
    await restart;
    await eventually(async () => assert.deepEqual(seen, made));
    stop.abort();
    await watching;
    through.close();
    over.close();
  });

  test("of all that ask both servers for one node port and one address at the same time, one gets each", async () => {
    const service = (name: string, spec: object): string => JSON.stringify({ apiVersion: "v1", kind: "Service", metadata: { name }, spec: { type: "NodePort", ports: [{ port: 80 }], ...spec } });
    for (const [what, spec] of [["port", { ports: [{ port: 80, nodePort: 30_777 }] }], ["address", { clusterIP: serviceAddress(one, 77) }]] as const) {
      const results = await Promise.all(Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? one : two).kubectlWith(service(`${what}-${i}`, spec), "create", "-f", "-").then(() => "made", (err: Error) => err.message)));
      assert.equal(results.filter((result) => result === "made").length, 1, results.join("\n"));
      for (const result of results) assert.match(result, /^made$|already allocated/);
    }
  });

  test("a service account's token of one is good for the other", async () => {
    const request = JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} });
    const { status } = JSON.parse(await one.kubectlWith(request, "create", "--raw", "/api/v1/namespaces/default/serviceaccounts/default/token", "-f", "-")) as { status: { token: string } };
    const { stderr } = await two.tryKubectl("--kubeconfig", file("empty", ""), "--server", `https://127.0.0.1:${two.port}`, "--certificate-authority", join(two.dataDir, "pki/ca.crt"), "--token", status.token, "get", "nodes");
    assert.match(stderr, /User "system:serviceaccount:default:default" cannot list resource "nodes"/);
  });

  test("history that is compacted behind their backs is answered with 410, and nothing is lost", async () => {
    const { metadata: { resourceVersion = "" } } = await json<ConfigMap>(one, "get", "configmap", "turn-0");
    await one.kubectl("create", "configmap", "later");
    const newest = Number((await json<ConfigMap>(two, "get", "configmap", "later")).metadata.resourceVersion);
    await etcdctl("compaction", String(newest));
    const { stderr } = await two.tryKubectl("get", "--raw", `/api/v1/namespaces/default/configmaps?resourceVersion=${resourceVersion}&resourceVersionMatch=Exact&limit=1`);
    assert.match(stderr, /too old/);
    await one.kubectl("create", "configmap", "after");
    await two.kubectl("get", "configmap", "after");
  });

  test("one server's controllers act; when it is killed, the other's do", async () => {
    await two.kubectl("create", "deployment", "web", "--image=example.org/web");
    await two.kubectl("scale", "deployment", "web", "--replicas=3");
    await eventually(async () => assert.equal(await pods(one), 3));
    const before = await holderOf(two, "kube-controller-manager");
    const leader = one.log.includes(before) && one.log.includes("became leader") ? one : two;
    const other = leader === one ? two : one;
    await leader.stop("SIGKILL");
    await other.kubectl("scale", "deployment", "web", "--replicas=5");
    await eventually(async () => assert.equal(await pods(other), 5), 40_000);
    assert.notEqual(await holderOf(other, "kube-controller-manager"), before);
    await eventually(async () => assert.match(other.log, /"lease":"kube-scheduler".*became leader/), 20_000);
  });

  test("a server that is told to end gives its leases back: the other need not wait until they run out", async () => {
    const again = async (server: ServerProcess): Promise<ServerProcess> => (server.endedBy === null ? server : ServerProcess.start(server.dataDir, server.port, []));
    const [leader, other] = one.endedBy === null ? [one, (two = await again(two))] : [two, (one = await again(one))];
    const names = ["kube-controller-manager", "kube-scheduler"];
    const held = (): Promise<string[]> => Promise.all(names.map((name) => holderOf(other, name)));
    const before = await held();
    assert.ok(before.every((holder) => leader.log.includes(holder)));
    await leader.stop();
    for (const [i, holder] of (await held()).entries()) assert.notEqual(holder, before[i], names[i]);
    for (const name of names) await eventually(async () => assert.match(other.log, new RegExp(`"lease":"${name}".*became leader`)), 40_000);
  });
});
