import type { RuntimeClass, Scheduling } from "#api/gen/node-v1.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, eachInvalid, immutable } from "#apimachinery/validation/causes.ts";
import { validateLabels } from "#apimachinery/validation/metadata.ts";
import { dns1123Label } from "#apimachinery/validation/names.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import { validateResources } from "../core/pod-spec/validate-resources.ts";
import { validateTolerations } from "../core/pod-spec/validate-scheduling.ts";
import type { Resource } from "../resource.ts";

/** Upstream: pkg/apis/node/validation validateScheduling */
const validateScheduling = ({ nodeSelector, tolerations = [] }: Scheduling, field: string): readonly Cause[] => [
  ...validateLabels(nodeSelector, `${field}.nodeSelector`),
  ...validateTolerations(tolerations, `${field}.tolerations`),
  ...tolerations.flatMap((toleration, i) => (tolerations.slice(0, i).some((other) => semanticEqual(other, toleration)) ? [duplicate(`${field}.tolerations[${i}]`, toleration)] : [])),
];

/** Upstream: pkg/apis/node/validation ValidateRuntimeClass */
export const runtimeClasses: Resource<RuntimeClass> = {
  group: "node.k8s.io", version: "v1", kind: "RuntimeClass", schema: "node/v1.RuntimeClass", scope: "Cluster",
  unconditionalUpdate: false,
  names: { plural: "runtimeclasses", singular: "runtimeclass" },
  validate: ({ handler, overhead, scheduling }) => [
    ...eachInvalid("handler", handler, dns1123Label(handler)),
    ...(overhead?.podFixed === undefined ? [] : validateResources({ limits: overhead.podFixed }, undefined, "overhead")),
    ...(scheduling === undefined ? [] : validateScheduling(scheduling, "scheduling")),
  ],
  validateUpdate: (next, old) => immutable("handler", next.handler, old.handler),
  columns: [
    nameColumn,
    { name: "Handler", type: "string", description: "The name by which the runtime knows the class.", cell: ({ handler }) => handler },
    ageColumn,
  ],
};
