/**
 * Many CustomResourceDefinitions of real-life size in an API server in this process, its store on disk: the time until
 * each is established and served, the memory that each costs, unused and used, and what their OpenAPI documents take.
 *
 * `node --expose-gc bench/crds.ts [definitions=200] [fields=600]`
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { CustomResourceDefinition, JSONSchemaProps } from "#api/gen/apiextensions-v1.ts";
import { nextTurn } from "#base/clock.ts";
import { pause } from "#base/waiting.ts";
import { openSqliteStore } from "#storage/sqlite/store.ts";
import { ownServer } from "./own-server.ts";
import { latency, nowMs, round, say } from "./support.ts";

const [definitions = 200, fields = 600] = process.argv.slice(2, 4).map(Number);
const text = "What this field is for, said in a sentence or two as generators of definitions copy it out of the comments of a type, so that most of a definition is prose.";

/** A tree of objects, lists, maps and scalars; no two definitions have the same. */
function schemaOf(seed: number, left: { count: number }, depth = 0): JSONSchemaProps {
  const properties: Record<string, JSONSchemaProps> = {};
  for (let i = 0; i < 12 && left.count > 0; i++) {
    left.count--;
    const kind = (seed + i * 7 + depth) % 6;
    const name = `field${seed % 97}x${i}`;
    if (kind === 0 && depth < 5) properties[name] = { ...schemaOf(seed + i, left, depth + 1), description: text };
    else if (kind === 1 && depth < 5) properties[name] = { type: "array", description: text, items: schemaOf(seed + i, left, depth + 1) };
    else if (kind === 2) properties[name] = { type: "object", description: text, additionalProperties: { type: "string" } };
    else if (kind === 3) properties[name] = { type: "integer", format: "int32", minimum: 0, description: text };
    else if (kind === 4) properties[name] = { type: "string", pattern: `^[a-z]{1,${(seed % 30) + 1}}$`, maxLength: 63, description: text };
    else properties[name] = { type: "string", enum: ["A", "B", `C${seed}`], default: "A", description: text };
  }
  return { type: "object", properties };
}

function definition(n: number): CustomResourceDefinition {
  const left = { count: fields };
  const parts: Record<string, JSONSchemaProps> = {};
  for (let part = 0; left.count > 0; part++) parts[`part${part}`] = schemaOf(n * 131 + part * 17, left);
  const properties: Record<string, JSONSchemaProps> = { spec: { type: "object", properties: parts } };
  const plural = `things${n}`;
  return {
    apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name: `${plural}.bench${n % 20}.example.com` }, status: {},
    spec: {
      group: `bench${n % 20}.example.com`, scope: "Namespaced", names: { plural, kind: `Thing${n}` },
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object", properties } }, subresources: { status: {} } }],
    },
  };
}

const directory = mkdtempSync(join(tmpdir(), "bench-crds-"));
const store = await openSqliteStore({ path: join(directory, "store.db") });
const { transport, stop } = await ownServer(store);

async function send(method: string, path: string, body?: Buffer): Promise<number> {
  const response = await transport({ method, path, headers: { "content-type": "application/json" }, ...(body && { body }) });
  for await (const _ of response.body);
  return response.status;
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function heap(): number {
  for (let i = 0; i < 3; i++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const root = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
await send("POST", "/api/v1/namespaces", Buffer.from('{"metadata":{"name":"default"}}'));
const bodies = Array.from({ length: definitions }, (_, n) => Buffer.from(JSON.stringify(definition(n))));
await send("POST", root, Buffer.from(JSON.stringify(definition(definitions)))); // the first of all is warm-up
await pause(200);

const pathOf = (n: number): string => `/apis/bench${n % 20}.example.com/v1/namespaces/default/things${n}`;
const before = heap();
const created: number[] = [];
const established: number[] = [];
const cpu = cpuMs();
let creating = 0;
for (const [n, body] of bodies.entries()) {
  const [from, began] = [nowMs(), cpuMs()];
  const status = await send("POST", root, body);
  if (status !== 201) throw new Error(`definition ${n}: ${status}`);
  const answered = nowMs();
  created.push(answered - from);
  creating += cpuMs() - began;
  while ((await send("GET", pathOf(n))) !== 200) await pause(1); // asked in each turn, the asking would be what takes time
  established.push(nowMs() - answered);
}
const both = cpuMs() - cpu;
say("create a definition: validated and durable", { ...latency(created), cpuMs: round(creating / definitions), definitionBytes: Math.round(bodies.reduce((sum, b) => sum + b.length, 0) / definitions) });
say("from that answer until established and served", { ...latency(established), cpuMs: round((both - creating) / definitions) });
const unused = heap();
say("memory of a definition that nobody uses", { bytes: Math.round((unused - before) / definitions) });

const first: number[] = [];
const next: number[] = [];
for (let n = 0; n < definitions; n++) {
  for (const sample of [first, next]) {
    const body = Buffer.from(JSON.stringify({ apiVersion: `bench${n % 20}.example.com/v1`, kind: `Thing${n}`, metadata: { name: sample === first ? "a" : "b" }, spec: { part0: {} } }));
    const from = nowMs();
    const status = await send("POST", pathOf(n), body);
    if (status !== 201) throw new Error(`thing ${n}: ${status}`);
    sample.push(nowMs() - from);
  }
}
say("first object of a definition (its schema is compiled)", latency(first));
say("next object", latency(next));
say("memory of a definition in use", { bytes: Math.round((heap() - before) / definitions), ofWhichStarted: Math.round((heap() - unused) / definitions) });
const delay = monitorEventLoopDelay({ resolution: 1 });
/** How long a document takes, and for how long nobody else got a turn. */
async function documented(step: string, path: string): Promise<void> {
  await nextTurn();
  delay.reset();
  delay.enable();
  const from = nowMs();
  await send("GET", path);
  const ms = round(nowMs() - from);
  await pause(5);
  delay.disable();
  say(step, { ms, longestStallMs: round(delay.max / 1e6) });
}

for (const [name, path] of [["v3, the index", "/openapi/v3"], ["v3, one group", "/openapi/v3/apis/bench1.example.com/v1"], ["v2", "/openapi/v2"]] as const) await documented(`OpenAPI ${name}`, path);
await send("PUT", `${root}/things1.bench1.example.com`, Buffer.from(JSON.stringify({ ...definition(1), metadata: await metadataOf(`${root}/things1.bench1.example.com`) }).replaceAll("What this", "What the")));
await pause(300);
for (const [name, path] of [["v3, one group", "/openapi/v3/apis/bench1.example.com/v1"], ["v2", "/openapi/v2"]] as const) await documented(`OpenAPI ${name}, after a change`, path);

async function metadataOf(path: string): Promise<object> {
  const pieces: Uint8Array[] = [];
  for await (const piece of (await transport({ method: "GET", path, headers: {} })).body) pieces.push(piece);
  return (JSON.parse(Buffer.concat(pieces).toString()) as { metadata: object }).metadata;
}

await stop();
rmSync(directory, { recursive: true });
