import type { IngressClass, IngressClassParametersReference } from "#api/gen/networking-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, forbidden, immutable, notSupported, required, tooLong } from "#apimachinery/validation/causes.ts";
import { dns1123Label } from "#apimachinery/validation/names.ts";
import { validateDomainPrefixedPath } from "#apimachinery/validation/qualified.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import type { Resource } from "../resource.ts";
import { validateReference } from "./ingress-validation.ts";

const defaultClassAnnotation = "ingressclass.kubernetes.io/is-default-class";
const longestController = 250;

/** Ingresses without a class get this one. */
export const isDefaultIngressClass = ({ metadata }: IngressClass): boolean => metadata.annotations?.[defaultClassAnnotation] === "true";

/** Upstream: pkg/apis/networking/validation validateIngressClassParametersReference */
function validateParameters(parameters: IngressClassParametersReference): readonly Cause[] {
  const field = "spec.parameters";
  return [...validateReference(parameters, field), ...validateScope(parameters, field)];
}

function validateScope({ scope, namespace }: IngressClassParametersReference, field: string): readonly Cause[] {
  switch (scope) {
    case undefined: return [required(`${field}.scope`)];
    case "Namespace":
      return namespace === undefined ? [required(`${field}.namespace`, "`parameters.scope` is set to 'Namespace'")] : eachInvalid(`${field}.namespace`, namespace, dns1123Label(namespace));
    case "Cluster": return namespace === undefined ? [] : [forbidden(`${field}.namespace`, "`parameters.scope` is set to 'Cluster'")];
    default: return [notSupported(`${field}.scope`, scope, ["Cluster", "Namespace"])];
  }
}

/** Upstream: pkg/printers/internalversion printIngressClass */
function parametersText({ spec: { parameters } }: IngressClass): string {
  if (parameters === undefined) return "<none>";
  return `${parameters.kind}${parameters.apiGroup === undefined ? "" : `.${parameters.apiGroup}`}/${parameters.name}`;
}

/** Upstream: pkg/apis/networking/validation ValidateIngressClass */
export const ingressClasses: Resource<IngressClass> = {
  group: "networking.k8s.io", version: "v1", kind: "IngressClass", schema: "networking/v1.IngressClass", scope: "Cluster",
  names: { plural: "ingressclasses", singular: "ingressclass" },
  defaults({ spec: { parameters } }) {
    if (parameters !== undefined) parameters.scope ??= "Cluster";
  },
  validate: ({ spec: { controller = "", parameters } }) => [
    ...(controller.length > longestController ? [tooLong("spec.controller", longestController)] : []),
    ...validateDomainPrefixedPath(controller, "spec.controller"),
    ...(parameters === undefined ? [] : validateParameters(parameters)),
  ],
  validateUpdate: (next, old) => immutable("spec.controller", next.spec.controller, old.spec.controller),
  columns: [
    nameColumn,
    { name: "Controller", type: "string", description: "The controller that serves the class.", cell: ({ spec }) => spec.controller ?? "" },
    { name: "Parameters", type: "string", description: "Where the controller finds more.", cell: parametersText },
    ageColumn,
  ],
};
