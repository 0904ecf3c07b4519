import type { Pod } from "#api/gen/core-v1.ts";
import { visitContainers } from "#api/pod.ts";

const seccompPod = "seccomp.security.alpha.kubernetes.io/pod";
const seccompContainer = "container.seccomp.security.alpha.kubernetes.io/";

/** True when an update changes something that a level could forbid: of what may change in a pod, its images and its ephemeral containers. Upstream: isSignificantPodUpdate */
export function isSignificant(next: Pod, old: Pod): boolean {
  const annotation = (pod: Pod, key: string): string => pod.metadata.annotations?.[key] ?? "";
  if (annotation(next, seccompPod) !== annotation(old, seccompPod)) return true;
  const before = new Map(visitContainers(old.spec).map(({ container }) => [container.name, container]));
  const after = visitContainers(next.spec);
  return after.length !== before.size || after.some(({ container }) => {
    const key = seccompContainer + container.name;
    return before.get(container.name)?.image !== container.image || annotation(next, key) !== annotation(old, key);
  });
}
