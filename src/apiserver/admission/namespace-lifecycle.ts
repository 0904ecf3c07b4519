import { namespaces } from "#api/resources.ts";
import { notFound, StatusError } from "#apimachinery/status.ts";
import type { AdmissionAttributes } from "./attributes.ts";
import { refused, type AdmissionPlugin } from "./plugin.ts";

const immortal: ReadonlySet<string> = new Set(["default", "kube-system", "kube-public"]);
const isReview = ({ resource }: AdmissionAttributes): boolean => resource.group === "authorization.k8s.io";

/** Nothing is written into a namespace that is not there, nothing new into one that goes. Upstream: apiserver/pkg/admission/plugin/namespace/lifecycle */
export const namespaceLifecycle: AdmissionPlugin = {
  name: "NamespaceLifecycle",
  async admit(attributes) {
    const { operation, resource, namespace, name, reader } = attributes;
    if (resource.group === "" && resource.names.plural === "namespaces") {
      if (operation === "DELETE" && immortal.has(name)) throw refused(attributes, "this namespace may not be deleted");
      return;
    }
    if (namespace === "" || operation === "DELETE" || operation === "CONNECT" || isReview(attributes)) return;
    const home = await reader.get(namespaces, namespace);
    if (home === undefined) throw notFound({ group: "", resource: "namespaces" }, namespace);
    if (operation === "CREATE" && home.status.phase === "Terminating") throw terminating(attributes);
  },
};

function terminating(attributes: AdmissionAttributes): StatusError {
  const { namespace } = attributes;
  const { message, details } = refused(attributes, `unable to create new content in namespace ${namespace} because it is being terminated`);
  return new StatusError("Forbidden", message, {
    ...details,
    causes: [{ reason: "NamespaceTerminating", message: `namespace ${namespace} is being terminated`, field: "metadata.namespace" }],
  });
}
