import type { Ingress } from "#api/gen/networking-v1.ts";
import { ingressClasses } from "#api/resources.ts";
import { isDefaultIngressClass } from "../registry/networking/ingress-class.ts";
import { newest } from "./newest.ts";
import { concerns, type AdmissionPlugin } from "./plugin.ts";

const annotation = "kubernetes.io/ingress.class";

/** An Ingress without a class gets the default one; of several the newest. Upstream: plugin/pkg/admission/network/defaultingressclass */
export const defaultIngressClass: AdmissionPlugin = {
  name: "DefaultIngressClass",
  resources: ["ingresses.networking.k8s.io"],
  async admit(attributes, object) {
    if (attributes.operation !== "CREATE" || !concerns(attributes, "networking.k8s.io", "ingresses")) return;
    const ingress = object as Ingress;
    if (ingress.spec.ingressClassName !== undefined || ingress.metadata.annotations?.[annotation] !== undefined) return;
    const chosen = newest((await attributes.reader.list(ingressClasses)).filter(isDefaultIngressClass));
    if (chosen !== undefined) ingress.spec.ingressClassName = chosen.metadata.name;
  },
};
