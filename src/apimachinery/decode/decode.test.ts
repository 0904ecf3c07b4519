import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { decode } from "../decode.ts";
import { parseJson } from "../json.ts";
import type { ApiSchema } from "../schema.ts";

const schema = JSON.parse(readFileSync(new URL("../../api/gen/schema.json", import.meta.url), "utf8")) as ApiSchema;
const read = (type: string, text: string): ReturnType<typeof decode> => decode(schema, type, parseJson(text).value);
const pod = (text: string): Record<string, unknown> => read("core/v1.Pod", text).object;

test("what Go always prints is filled in, what it omits is gone", () => {
  const text = '{"kind":"Pod","metadata":{"name":"a","labels":{},"generation":0,"creationTimestamp":null},"spec":{"containers":[{"name":"c","image":"","command":[]}],"hostNetwork":false,"securityContext":{},"terminationGracePeriodSeconds":0}}';
  assert.deepEqual(pod(text), { kind: "Pod", metadata: { name: "a" }, spec: { containers: [{ name: "c", resources: {} }], securityContext: {}, terminationGracePeriodSeconds: 0 }, status: {} });
});

test("a missing struct is filled all the way down", () => {
  assert.deepEqual(read("apps/v1.Deployment", "{}").object, { metadata: {}, spec: { template: { metadata: {}, spec: { containers: [] } }, strategy: {} }, status: {} });
});

test("quantities and times become canonical", () => {
  const { spec, metadata } = pod('{"metadata":{"creationTimestamp":"2026-01-02T05:04:05.999+02:00"},"spec":{"containers":[{"name":"c","resources":{"limits":{"cpu":0.5,"memory":" 1024Ki "}}}]}}') as { spec: { containers: { resources: unknown }[] }; metadata: unknown };
  assert.deepEqual(spec.containers[0]?.resources, { limits: { cpu: "500m", memory: "1Mi" } });
  assert.deepEqual(metadata, { creationTimestamp: "2026-01-02T03:04:05Z" });
  assert.deepEqual((read("coordination/v1.Lease", '{"spec":{"renewTime":"2026-01-02T03:04:05.123456Z","acquireTime":"2026-01-02T04:04:05.000001+01:00"}}').object["spec"]), { acquireTime: "2026-01-02T03:04:05.000001Z", renewTime: "2026-01-02T03:04:05.123456Z" });
});

test("nulls in lists and maps become zero values", () => {
  assert.deepEqual(read("core/v1.ConfigMap", '{"data":{"a":null,"b":"c"}}').object["data"], { a: "", b: "c" });
  assert.deepEqual((pod('{"spec":{"containers":[null]}}')["spec"] as { containers: unknown }).containers, [{ name: "", resources: {} }]);
});

test("unknown fields are named in document order, with indexes and in their case", () => {
  const { unknown, object } = read("apps/v1.Deployment", '{"zzz":1,"spec":{"Replicas":1,"template":{"spec":{"containers":[{"x":1,"name":"a"}]}}},"metadata":{"unknownMeta":1}}');
  assert.deepEqual(unknown, ['unknown field "zzz"', 'unknown field "spec.Replicas"', 'unknown field "spec.template.spec.containers[0].x"', 'unknown field "metadata.unknownMeta"']);
  assert.equal(Object.hasOwn(object, "zzz"), false);
});

test("a key __proto__ is unknown in a struct, and a key like any other in a map", () => {
  assert.deepEqual(read("core/v1.ConfigMap", '{"__proto__":{"a":1}}').unknown, ['unknown field "__proto__"']);
  const { data } = read("core/v1.ConfigMap", '{"data":{"__proto__":null,"constructor":"x"}}').object;
  assert.equal(JSON.stringify(data), '{"__proto__":"","constructor":"x"}');
});

const refused: readonly [type: string, text: string, message: string][] = [
  ["core/v1.Pod", '"x"', "json: cannot unmarshal string into Go value of type v1.Pod"],
  ["core/v1.Pod", '{"metadata":{"labels":"x"}}', "json: cannot unmarshal string into Go struct field ObjectMeta.metadata.labels of type map[string]string"],
  ["core/v1.Pod", '{"metadata":{"labels":{"a":1}}}', "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string"],
  ["core/v1.Pod", '{"metadata":{"uid":true}}', "json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.uid of type types.UID"],
  ["apps/v1.Deployment", '{"spec":{"replicas":"3"}}', "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32"],
  ["apps/v1.Deployment", '{"spec":{"replicas":1.5}}', "json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32"],
  ["apps/v1.Deployment", '{"spec":{"replicas":3000000000}}', "json: cannot unmarshal number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32"],
  ["core/v1.Pod", '{"spec":{"containers":{}}}', "json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container"],
  ["core/v1.Pod", '{"spec":{"containers":["x"]}}', "json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type v1.Container"],
  ["core/v1.Pod", '{"spec":{"restartPolicy":1,"containers":[{"ports":[{"protocol":1}]}]}}', "json: cannot unmarshal number into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy"],
  ["core/v1.Pod", '{"spec":{"containers":[{"ports":[{"protocol":1}]}]}}', "json: cannot unmarshal number into Go struct field ContainerPort.spec.containers.ports.protocol of type v1.Protocol"],
  ["core/v1.Pod", '{"spec":{"containers":[{"resources":{"limits":[]}}]}}', "json: cannot unmarshal array into Go struct field ResourceRequirements.spec.containers.resources.limits of type v1.ResourceList"],
  ["core/v1.Pod", '{"spec":{"containers":[{"resources":{"limits":{"cpu":"1x"}}}]}}', "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"],
  ["core/v1.Pod", '{"metadata":{"creationTimestamp":"today"}}', 'parsing time "today" as "2006-01-02T15:04:05Z07:00": cannot parse "today" as "2006"'],
  ["core/v1.Pod", '{"metadata":{"creationTimestamp":"2026-02-30T00:00:00Z"}}', 'parsing time "2026-02-30T00:00:00Z": day out of range'],
  ["core/v1.Secret", '{"data":{"a":"b!=="}}', "illegal base64 data at input byte 1"],
];
for (const [type, text, message] of refused) test(`${text} is refused`, () => assert.throws(() => read(type, text), { reason: "BadRequest", message }));

test("of two mistakes the first in the document is told", () => {
  assert.throws(() => read("core/v1.Pod", '{"spec":{"nodeName":1},"metadata":{"name":1}}'), { message: /PodSpec\.spec\.nodeName/ });
});

test("the largest int64 stays one", () => {
  const { activeDeadlineSeconds } = pod('{"spec":{"activeDeadlineSeconds":9223372036854775807}}')["spec"] as { activeDeadlineSeconds: number };
  assert(BigInt(JSON.stringify(activeDeadlineSeconds)) < 2n ** 63n);
});

test("schemas within unions of a CustomResourceDefinition are read as schemas", () => {
  const { openAPIV3Schema } = read("apiextensions/v1.CustomResourceValidation", '{"openAPIV3Schema":{"type":"","items":{"type":"string","nope":1},"additionalProperties":false}}').object as { openAPIV3Schema: unknown };
  assert.deepEqual(openAPIV3Schema, { items: { type: "string" }, additionalProperties: false });
});

test("every type of the schema can be compiled and filled", () => {
  for (const type of Object.keys(schema.types)) decode(schema, type, {});
});

test("decoding its own output changes nothing", () => {
  const first = pod('{"metadata":{"name":"a"},"spec":{"volumes":[{"name":"v","emptyDir":{"sizeLimit":"1024Mi"}}],"containers":[{"name":"c","livenessProbe":{"httpGet":{"port":"http"}},"env":[{"name":"X","valueFrom":{"resourceFieldRef":{"resource":"limits.cpu"}}}]}]}}');
  assert.deepEqual(decode(schema, "core/v1.Pod", structuredClone(first)), { object: first, unknown: [] });
});
