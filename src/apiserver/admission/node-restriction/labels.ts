type Labels = Readonly<Record<string, string>> | undefined;

/** Labels of the system that a kubelet may set on its own node. Upstream: kubelet/pkg/apis well_known_labels.go */
const allowed: ReadonlySet<string> = new Set([
  "kubernetes.io/hostname", "kubernetes.io/os", "kubernetes.io/arch", "beta.kubernetes.io/os", "beta.kubernetes.io/arch",
  "node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type",
  "topology.kubernetes.io/zone", "topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region",
]);
const allowedNamespaces = ["kubelet.kubernetes.io", "node.kubernetes.io"];
const restricted = "node-restriction.kubernetes.io";

const within = (namespace: string, domain: string): boolean => namespace === domain || namespace.endsWith(`.${domain}`);

function mayBeSet(key: string): boolean {
  const namespace = key.includes("/") ? (key.split("/")[0] ?? "") : "";
  if (within(namespace, restricted)) return false;
  if (!within(namespace, "kubernetes.io") && !within(namespace, "k8s.io")) return true;
  return allowed.has(key) || allowedNamespaces.some((domain) => within(namespace, domain));
}

/** The labels that have changed and that a node may not change of itself, in order. */
export function restrictedLabels(next: Labels, old: Labels): readonly string[] {
  const keys = new Set([...Object.keys(next ?? {}), ...Object.keys(old ?? {})]);
  return [...keys].filter((key) => next?.[key] !== old?.[key] && !mayBeSet(key)).sort();
}
