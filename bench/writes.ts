/**
 * What a write costs the API server: CPU time per write through the whole filter chain, without sockets, over a store in
 * memory. Processor time, not wall time, so that a busy machine can be compared with itself.
 *
 * `node bench/writes.ts [writes=3000]`
 */
import { openSqliteStore } from "#storage/sqlite/store.ts";
import { ownServer } from "./own-server.ts";
import { round, say } from "./support.ts";

const writes = Number(process.argv[2] ?? 3000);
const store = await openSqliteStore({ path: ":memory:" });
const { transport, stop } = await ownServer(store);

async function send(method: string, path: string, body: object, type = "application/json"): Promise<void> {
  const response = await transport({ method, path, headers: { "content-type": type }, body: Buffer.from(JSON.stringify(body)) });
  const pieces: Uint8Array[] = [];
  for await (const piece of response.body) pieces.push(piece);
  if (response.status >= 300) throw new Error(Buffer.concat(pieces).toString());
}

async function step(name: string, work: (i: number) => Promise<void>): Promise<void> {
  for (let i = 0; i < writes / 4; i++) await work(i);
  const before = process.cpuUsage();
  for (let i = 0; i < writes; i++) await work(i + writes);
  const { user, system } = process.cpuUsage(before);
  say(name, { cpuMicrosPerWrite: round((user + system) / writes) });
}

const inDefault = "/api/v1/namespaces/default";
const leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
const lease = (i: number): object => ({ metadata: { name: "l" }, spec: { holderIdentity: "n", leaseDurationSeconds: 40, renewTime: new Date(Date.UTC(2026, 0, 1) + i * 10_000).toISOString().replace("Z", "000Z") } });
const condition = (type: string, i: number): object => ({ type, status: i % 2 === 0 ? "True" : "False", lastTransitionTime: new Date(Date.UTC(2026, 0, 1) + i * 1000).toISOString().slice(0, 19) + "Z", message: `at ${i}` });

await send("POST", "/api/v1/namespaces", { metadata: { name: "default" } });
await send("POST", `${inDefault}/serviceaccounts`, { metadata: { name: "default" } });
await send("POST", `${inDefault}/pods`, { metadata: { name: "p", labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "x" }, { name: "d", image: "y" }] } });
await send("POST", `${inDefault}/configmaps`, { metadata: { name: "m" }, data: { k: "v" } });
await send("POST", leases, lease(0));
await step("create a ConfigMap", (i) => send("POST", `${inDefault}/configmaps`, { metadata: { name: `c-${i}`, labels: { app: "a" } }, data: { payload: "x".repeat(1200) } }));
await step("create a Pod", (i) => send("POST", `${inDefault}/pods`, { metadata: { name: `p-${i}`, labels: { app: "a" } }, spec: { containers: [{ name: "c", image: "x", ports: [{ containerPort: 80 }] }] } }));
await step("merge patch of an annotation", (i) => send("PATCH", `${inDefault}/configmaps/m`, { metadata: { annotations: { k: String(i) } } }, "application/merge-patch+json"));
await step("merge patch of a Lease", (i) => send("PATCH", `${leases}/l`, lease(i + 1), "application/merge-patch+json"));
await step("strategic patch of a Pod's status", (i) => send("PATCH", `${inDefault}/pods/p/status`, { status: { conditions: ["Ready", "ContainersReady"].map((type) => condition(type, i)) } }, "application/strategic-merge-patch+json"));
await stop();
