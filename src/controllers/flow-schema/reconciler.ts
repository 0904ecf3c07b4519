import { flowSchemas, priorityLevelConfigurations } from "#api/resources.ts";
import type { Component } from "#base/component.ts";
import { ignore } from "../ignore.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { marked } from "./plan.ts";

/** Says of each FlowSchema whether its level is there. Key: the schema. */
export function flowSchemaController(deps: ControllerDeps): Component {
  const schemas = deps.informers.for(flowSchemas);
  const levels = deps.informers.for(priorityLevelConfigurations);
  schemas.addIndex("level", ({ spec }) => [spec.priorityLevelConfiguration.name]);
  return newController(deps, (client) => ({
    sources: [
      source(flowSchemas, schemas, ({ metadata }) => [metadata.name]),
      source(priorityLevelConfigurations, levels, ({ metadata }) => schemas.by("level", metadata.name).map((schema) => schema.metadata.name)),
    ],
    workers: 1,
    reconciler: {
      name: "flow-schema",
      async reconcile(key, signal) {
        const schema = schemas.get(key);
        const next = schema && marked(schema, levels.get(schema.spec.priorityLevelConfiguration.name) !== undefined, deps.clock.now());
        if (next !== undefined) await client.resource(flowSchemas).update(next, { subresource: "status", signal }).catch(ignore("NotFound"));
      },
    },
  }));
}
