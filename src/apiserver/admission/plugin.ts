import type { KubeObject } from "#apimachinery/meta.ts";
import { forbidden, type StatusError } from "#apimachinery/status.ts";
import type { AdmissionAttributes } from "./attributes.ts";

/**
 * One rule over writes. `admit` may change the object, `validate` may only refuse; both throw a `StatusError`.
 * The object is undefined where a request carries none (DELETE).
 */
export interface AdmissionPlugin {
  /** Upstream's name. */
  readonly name: string;
  /** What it looks at (`pods`, `ingresses.networking.k8s.io`), subresources with it; everything where left out. */
  readonly resources?: readonly string[];
  admit?(attributes: AdmissionAttributes, object: KubeObject | undefined): Promise<void> | void;
  validate?(attributes: AdmissionAttributes, object: KubeObject | undefined): Promise<void> | void;
}

/** True for requests to this resource itself, or to the subresource given. */
export const concerns = ({ resource, subresource }: AdmissionAttributes, group: string, plural: string, of = ""): boolean =>
  resource.group === group && resource.names.plural === plural && subresource === of;

/** The 403 of a plugin. Upstream: apiserver/pkg/admission NewForbidden */
export const refused = ({ resource, name }: AdmissionAttributes, why: string): StatusError =>
  forbidden({ group: resource.group, resource: resource.names.plural }, name, why);
