import type { Ingress, IngressLoadBalancerIngress, IngressRule } from "#api/gen/networking-v1.ts";
import type { Column, Resource } from "../resource.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import { some } from "../common/some.ts";
import { validateIngress, validateIngressStatus } from "./ingress-validation.ts";

const classAnnotation = "kubernetes.io/ingress.class";

/** Upstream: pkg/printers/internalversion formatHosts */
const hostsText = (rules: readonly IngressRule[]): string => some([...new Set(rules.map(({ host = "" }) => host).filter((host) => host !== ""))], "*");
/** Upstream: pkg/printers/internalversion ingressLoadBalancerStatusStringer */
const addressText = (list: readonly IngressLoadBalancerIngress[]): string =>
  [...new Set(list.map(({ ip, hostname }) => ip || hostname || "").filter((text) => text !== ""))].sort().join(",");

const columns: readonly Column<Ingress>[] = [
  nameColumn,
  { name: "Class", type: "string", description: "The class of its controller.", cell: ({ spec }) => spec.ingressClassName ?? "<none>" },
  { name: "Hosts", type: "string", description: "Hosts that it answers for.", cell: ({ spec }) => hostsText(spec.rules ?? []) },
  { name: "Address", type: "string", description: "Where it is reached.", cell: ({ status }) => addressText(status.loadBalancer?.ingress ?? []) },
  { name: "Ports", type: "string", description: "Ports of its entry.", cell: ({ spec }) => (spec.tls?.length ? "80, 443" : "80") },
  ageColumn,
];

export const ingresses: Resource<Ingress> = {
  group: "networking.k8s.io", version: "v1", kind: "Ingress", schema: "networking/v1.Ingress", scope: "Namespaced",
  names: { plural: "ingresses", singular: "ingress", short: ["ing"] },
  validate: validateIngress,
  warnings: ({ metadata }) =>
    (metadata.resourceVersion === undefined && metadata.annotations?.[classAnnotation] !== undefined
      ? [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`]
      : []),
  subresources: {
    status: { type: "write", prepareUpdate: (next, old) => { next.spec = old.spec; }, validateUpdate: validateIngressStatus },
  },
  columns,
};
