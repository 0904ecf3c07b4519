/** For tests: a whole API server over a store in memory, and an administrator's requests to it. */
import type { TestContext } from "node:test";
import type { JSONSchemaProps } from "#api/gen/apiextensions-v1.ts";
import { systemClock } from "#base/clock.ts";
import { inProcess } from "#client/in-process-transport.ts";
import type { Store } from "#storage/store.ts";
import { runServer } from "../fixture.ts";

export interface Answer { readonly status: number; readonly body: unknown; readonly headers: Readonly<Record<string, string | undefined>> }
export interface TestServer {
  readonly store: Store;
  readonly send: (method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
  /** The lines of a stream, until it ends. */
  readonly lines: (path: string) => AsyncGenerator<Record<string, unknown>>;
  /** Waits until a definition's condition has this status. */
  readonly condition: (name: string, type: string, status?: string) => Promise<void>;
}

/** @param existing another server's store, which it closes */
export async function startServer(t: TestContext, existing?: Store): Promise<TestServer> {
  const { store, handler, signal } = await runServer(t, { existing });
  const transport = inProcess(handler, { name: "admin", groups: ["system:masters"] });
  const send: TestServer["send"] = async (method, path, body, headers = {}) => {
    const response = await transport({
      method, path, headers: { "content-type": "application/json", ...headers }, signal,
      ...(body !== undefined && { body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)) }),
    });
    const pieces: Uint8Array[] = [];
    for await (const piece of response.body) pieces.push(piece);
    const text = Buffer.concat(pieces).toString();
    return { status: response.status, body: text.startsWith("{") ? JSON.parse(text) as unknown : text, headers: response.headers };
  };
  await send("POST", "/api/v1/namespaces", { metadata: { name: "default" } });
  return {
    store, send,
    lines: async function* (path) {
      const response = await transport({ method: "GET", path, headers: {}, signal });
      let rest = "";
      for await (const piece of response.body) {
        const texts = (rest + Buffer.from(piece).toString()).split("\n");
        rest = texts.pop() ?? "";
        for (const text of texts) yield JSON.parse(text) as Record<string, unknown>;
      }
    },
    async condition(name, type, status = "True") {
      for (;;) {
        const { body } = await send("GET", `${crds}/${name}`);
        if ((body as { status?: { conditions?: { type: string; status: string }[] } }).status?.conditions?.some((c) => c.type === type && c.status === status) === true) return;
        await systemClock.sleep(1, signal);
      }
    },
  };
}

export const crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/** A definition of `widgets.example.com` with one version. */
export function widgetDefinition(properties: Readonly<Record<string, JSONSchemaProps>>, version: Readonly<Record<string, unknown>> = {}, spec: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name: "widgets.example.com" },
    spec: {
      group: "example.com", scope: "Namespaced", names: { plural: "widgets", kind: "Widget", shortNames: ["wd"], categories: ["all"] },
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object", properties } }, ...version }],
      ...spec,
    },
  };
}

export const widgets = "/apis/example.com/v1/namespaces/default/widgets";
