import type { ComponentCondition, ComponentStatus } from "#api/gen/core-v1.ts";
import { nameColumn } from "../common/columns.ts";
import type { Column, Resource } from "../resource.ts";

const healthy: ComponentCondition = { type: "Healthy", status: "True", message: "ok" };
/** All of them live in the process that answers. */
const components = ["scheduler", "controller-manager", "etcd-0"] as const;

const condition = (name: string, description: string, read: (condition: ComponentCondition) => string): Column<ComponentStatus> => ({
  name, type: "string", description, cell: ({ conditions = [] }) => {
    const found = conditions.find(({ type }) => type === "Healthy");
    return found === undefined ? "" : read(found);
  },
});

/** What nobody should ask any more. Upstream: pkg/registry/core/componentstatus */
export const componentStatuses: Resource<ComponentStatus> = {
  group: "", version: "v1", kind: "ComponentStatus", schema: "core/v1.ComponentStatus", scope: "Cluster",
  names: { plural: "componentstatuses", singular: "componentstatus", short: ["cs"] },
  verbs: ["get", "list"],
  deprecated: "v1 ComponentStatus is deprecated in v1.19+",
  computed: () => components.map((name): ComponentStatus => ({ kind: "ComponentStatus", apiVersion: "v1", metadata: { name }, conditions: [healthy] })),
  columns: [
    nameColumn,
    condition("Status", "Whether it is well.", ({ status }) => (status === "True" ? "Healthy" : "Unhealthy")),
    condition("Message", "What it says.", ({ message }) => message ?? ""),
    condition("Error", "What is wrong with it.", ({ error }) => error ?? ""),
  ],
};
