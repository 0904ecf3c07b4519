/** What a patch may do to apiVersion and kind; Kubernetes 1.20.2 was asked the same. It answers 500 where a custom object loses its version. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { crds, startServer, widgetDefinition, widgets } from "./fixture.ts";

const unnamed = "the name of the object (a based on URL) was undeterminable: name must be provided";
const noVersion = "Object 'apiVersion' is missing in 'object has no apiVersion field'";
const noKind = (apiVersion = '"apiVersion":"example.com/v1",', kind = ""): string =>
  `Object 'Kind' is missing in '{${apiVersion}${kind}"metadata":{"creationTimestamp":<time>,"generation":1,"name":"a","namespace":"default","resourceVersion":<n>,"uid":<uid>},"spec":{"a":{"c":2,"d":1},"b":0}}'`;
const noText = (type: string, field: string): string => `couldn't get version/kind; json parse error: json: cannot unmarshal ${type} into Go struct field .${field} of type string`;

const cases: readonly [patch: object, builtIn: string | undefined, custom: string][] = [
  [{ apiVersion: null }, unnamed, noVersion],
  [{ apiVersion: "" }, unnamed, noVersion],
  [{ kind: null }, undefined, noKind()],
  [{ kind: "" }, undefined, noKind(undefined, '"kind":"",')],
  [{ apiVersion: null, kind: null }, unnamed, noKind("")],
  [{ apiVersion: 1 }, noText("number", "apiVersion"), noText("number", "apiVersion")],
  [{ kind: [] }, noText("array", "kind"), noText("array", "kind")],
  [{ apiVersion: "v2" }, 'no kind "ConfigMap" is registered for version "v2" in scheme "pkg/api/legacyscheme/scheme.go:30"', 'apiVersion: Invalid value: "v2": must be example.com/v1'],
  [{ kind: "Other" }, 'no kind "Other" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30"', 'kind: Invalid value: "Other": must be Widget'],
];

test("a patch of apiVersion and kind", async (t) => {
  const { send, condition } = await startServer(t);
  const maps = "/api/v1/namespaces/default/configmaps";
  await send("POST", crds, widgetDefinition({ spec: { type: "object", "x-kubernetes-preserve-unknown-fields": true } }));
  await condition("widgets.example.com", "Established");
  await send("POST", widgets, { apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "a" }, spec: { b: 0, a: { d: 1, c: 2 } } });
  await send("POST", maps, { apiVersion: null, kind: null, metadata: { name: "a" } });
  const told = async (path: string, patch: object): Promise<string | undefined> => {
    const { status, body } = await send("PATCH", path, patch, { "content-type": "application/merge-patch+json" });
    const { message } = body as { readonly message?: string };
    assert.equal(status, message === undefined ? 200 : message === unnamed || message === noVersion ? 400 : 422, message);
    return message?.replace(/^.*? is invalid: (?:patch: Invalid value: "(?:[^"\\]|\\.)*": )?/, "").replace(/"managedFields":\[.*?\],/, "")
      .replace(/("uid":)"[^"]*"/, "$1<uid>").replace(/("resourceVersion":)"\d+"/, "$1<n>").replace(/("creationTimestamp":)"[^"]*"/, "$1<time>");
  };
  for (const [patch, builtIn, custom] of cases) assert.deepEqual([await told(`${maps}/a`, patch), await told(`${widgets}/a`, patch)], [builtIn, custom], JSON.stringify(patch));
});

test("a body whose kind is no text cannot be read", async (t) => {
  const { send } = await startServer(t);
  const { body } = await send("POST", "/api/v1/namespaces/default/configmaps", { kind: { a: 1 } });
  assert.equal((body as { readonly message: string }).message, `the object provided is unrecognized (must be of type ConfigMap): ${noText("object", "kind")} ({"kind":{"a":1}})`);
});
