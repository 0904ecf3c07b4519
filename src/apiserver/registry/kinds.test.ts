import assert from "node:assert/strict";
import { test } from "node:test";
import { apiSchema } from "#api/schema.ts";
import { optionalKinds } from "#api/optional-kinds.ts";
import { decode } from "#apimachinery/decode.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { kinds as always, optionalResources } from "./kinds.ts";
import type { AnyResource } from "./resource.ts";

const kinds = [...always, ...optionalResources(optionalKinds)];
const now = Date.parse("2026-01-01T00:00:00Z");

/** As the write path does it, up to the store. */
function create(resource: AnyResource, content: object): KubeObject {
  const obj = decode(apiSchema, resource.schema, { metadata: { name: "x", ...(resource.scope === "Namespaced" && { namespace: "default" }) }, ...content }).object as unknown as KubeObject;
  resource.defaults?.(obj);
  resource.prepareCreate?.(obj);
  return obj;
}

test("no two resources have one name, and none has a name that the schema does not know", () => {
  const names = kinds.map(({ group, version, names: { plural } }) => `${group}/${version}/${plural}`);
  assert.equal(new Set(names).size, names.length);
  assert.deepEqual(kinds.filter(({ schema }) => apiSchema.types[schema] === undefined).map((k) => k.kind), []);
});

for (const resource of kinds) {
  test(`an empty ${resource.kind} of ${resource.group || "core"} is looked at without a fault`, () => {
    for (const content of [{}, { spec: {} }, { spec: { template: {} } }, { spec: { template: { spec: {} } } }]) {
      const obj = create(resource, Object.hasOwn(apiSchema.types[resource.schema]?.fields ?? {}, "spec") ? content : {});
      resource.validate?.(obj);
      resource.validateCreate?.(obj);
      resource.validateUpdate?.(obj, structuredClone(obj));
      resource.warnings?.(obj);
      resource.gracePeriod?.(obj, undefined);
      for (const column of resource.columns) assert.notEqual(column.cell(obj, now), undefined, column.name);
      for (const read of Object.values(resource.selectableFields ?? {})) assert.equal(typeof read(obj), "string");
    }
  });

  test(`writing a ${resource.kind} of ${resource.group || "core"} back changes nothing`, () => {
    const old = create(resource, {});
    const next = structuredClone(old);
    resource.defaults?.(next);
    resource.prepareUpdate?.(next, old);
    assert.deepEqual(next, old);
    assert.deepEqual(resource.validateUpdate?.(next, old) ?? [], []);
  });
}
