import assert from "node:assert/strict";
import { test } from "node:test";
import { parseStaticPod } from "./static-pod-manifest.ts";

const manifest = (spec: object = {}, more: object = {}): string =>
  JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: "web" }, spec: { containers: [{ name: "app", image: "nginx:1" }], ...spec }, ...more });

test("a manifest gets the API server's defaults, and the namespace default", () => {
  const { metadata, spec } = parseStaticPod("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: app\n    image: nginx:1\n");
  assert.deepEqual([metadata.namespace, spec.restartPolicy, spec.containers[0]?.imagePullPolicy], ["default", "Always", "IfNotPresent"]);
});

const volume = (source: object): string => manifest({ volumes: [{ name: "v", ...source }] });
const refusals = [
  { name: "no YAML", text: "{", want: /error converting YAML to JSON/ },
  { name: "nothing", text: "", want: 'couldn\'t parse as pod: it is undefined of undefined, not "Pod" of "v1"' },
  { name: "another kind", text: manifest({}, { kind: "Service" }), want: 'couldn\'t parse as pod: it is "Service" of "v1", not "Pod" of "v1"' },
  { name: "no name", text: manifest({}, { metadata: {} }), want: "invalid pod: name is needed for the pod" },
  { name: "a bad name", text: manifest({}, { metadata: { name: "Web" } }), want: /^invalid pod: metadata\.name: Invalid value: "Web"/ },
  { name: "no containers", text: manifest({ containers: [] }), want: "invalid pod: spec.containers: Required value" },
  { name: "a service account", text: manifest({ serviceAccountName: "sa" }), want: "static pods may not reference serviceaccounts" },
  { name: "a Secret", text: volume({ secret: { secretName: "s" } }), want: "static pods may not reference secrets" },
  { name: "a ConfigMap in a variable", text: manifest({ containers: [{ name: "app", image: "i", envFrom: [{ configMapRef: { name: "c" } }] }] }), want: "static pods may not reference configmaps" },
  { name: "a claim", text: volume({ persistentVolumeClaim: { claimName: "c" } }), want: "static pods may not reference persistentvolumeclaims" },
] as const;
for (const { name, text, want } of refusals) test(`a manifest with ${name} is refused`, () => assert.throws(() => parseStaticPod(text), { message: want }));
