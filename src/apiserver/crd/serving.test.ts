import assert from "node:assert/strict";
import { test } from "node:test";
import type { JSONSchemaProps } from "#api/gen/apiextensions-v1.ts";
import { crds, startServer, widgetDefinition, widgets } from "./fixture.ts";

const spec: JSONSchemaProps = { type: "object", properties: { size: { type: "integer", minimum: 1, default: 3 }, color: { type: "string", enum: ["red", "blue"] }, parts: { type: "array", items: { type: "string" } } } };
const widget = (name: string, content: object = {}): object => ({ apiVersion: "example.com/v1", kind: "Widget", metadata: { name }, ...content });

test("a definition is established and its resources are served", async (t) => {
  const { send, condition } = await startServer(t);
  assert.equal((await send("GET", widgets)).status, 404);
  const created = await send("POST", crds, widgetDefinition({ spec }));
  assert.equal(created.status, 201, JSON.stringify(created.body));
  await condition("widgets.example.com", "Established");
  const made = await send("POST", widgets, widget("a", { spec: { color: "red", unknown: 1 } }));
  assert.equal(made.status, 201, JSON.stringify(made.body));
  assert.deepEqual((made.body as { spec: unknown }).spec, { color: "red", size: 3 });
  assert.equal(made.headers["warning"], '299 - "unknown field \\"spec.unknown\\""');
  const list = (await send("GET", widgets)).body as { kind: string; items: unknown[] };
  assert.deepEqual([list.kind, list.items.length], ["WidgetList", 1]);
});
