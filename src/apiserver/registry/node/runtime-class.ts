import type { RuntimeClass } from "#api/gen/node-v1.ts";
import { eachInvalid, immutable } from "#apimachinery/validation/causes.ts";
import { dns1123Label } from "#apimachinery/validation/names.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import type { Resource } from "../resource.ts";

/** Upstream: pkg/apis/node/validation ValidateRuntimeClass */
export const runtimeClasses: Resource<RuntimeClass> = {
  group: "node.k8s.io", version: "v1", kind: "RuntimeClass", schema: "node/v1.RuntimeClass", scope: "Cluster",
  unconditionalUpdate: false,
  names: { plural: "runtimeclasses", singular: "runtimeclass" },
  validate: ({ handler }) => eachInvalid("handler", handler, dns1123Label(handler)),
  validateUpdate: (next, old) => immutable("handler", next.handler, old.handler),
  columns: [
    nameColumn,
    { name: "Handler", type: "string", description: "The name by which the runtime knows the class.", cell: ({ handler }) => handler },
    ageColumn,
  ],
};
