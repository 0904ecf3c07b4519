import { isPrimitive, type FieldSchema, type TypeName } from "#apimachinery/schema.ts";
import { listKindOf, type AnyResource } from "../registry/resource.ts";

/** Packages that lie beside `k8s.io/api`. */
const elsewhere: Readonly<Record<string, string>> = {
  "meta/v1": "apimachinery", "apiextensions/v1": "apiextensions-apiserver", "apiregistration/v1": "kube-aggregator", "metrics/v1beta1": "metrics",
};

/** The published name of a type: `core/v1.Pod` → `io.k8s.api.core.v1.Pod`. Clients look kinds up by it. */
export function definitionName(type: TypeName): string {
  const [pkg = "", name = ""] = type.split(".");
  const path = pkg.replace("/", ".");
  return `io.k8s.${elsewhere[pkg] === undefined ? "api" : `${elsewhere[pkg]}.pkg.apis`}.${path}.${name}`;
}

/** Names of the definitions that stand for types with a marshaller of their own. */
export const wellKnown = {
  Time: "io.k8s.apimachinery.pkg.apis.meta.v1.Time",
  MicroTime: "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime",
  Duration: "io.k8s.apimachinery.pkg.apis.meta.v1.Duration",
  Quantity: "io.k8s.apimachinery.pkg.api.resource.Quantity",
  IntOrString: "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
  RawExtension: "io.k8s.apimachinery.pkg.runtime.RawExtension",
} as const;

/** The definition that a field's element refers to, if it is not a plain JSON type. */
export const referenced = ({ type }: FieldSchema): string | undefined =>
  Object.hasOwn(wellKnown, type) ? wellKnown[type as keyof typeof wellKnown] : isPrimitive(type) ? undefined : definitionName(type);

/** Of a custom kind, as upstream names it: `com.example.v1.Widget`. */
const customName = ({ group, version }: AnyResource, kind: string): string => [...group.split(".").toReversed(), version, kind].join(".");

/** The published name of a resource's kind, and of its list. */
export const typeNameOf = (resource: AnyResource): string => (resource.custom === undefined ? definitionName(resource.schema) : customName(resource, resource.kind));
export const listTypeNameOf = (resource: AnyResource): string => (resource.custom === undefined ? `${definitionName(resource.schema)}List` : customName(resource, listKindOf(resource)));
