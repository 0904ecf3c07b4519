import { keyOf } from "#apimachinery/meta.ts";
import type { ContainerPort, Pod } from "#api/gen/core-v1.ts";
import { claimKeysOf } from "#api/pod-references.ts";
import { isRestartableInit } from "#api/pod-resources.ts";
import { affinityTermsOf, type AffinityTerms } from "./affinity-terms.ts";
import { nonZeroRequestsOf, requestsOf, type Resources } from "./resources.ts";

/** A pod with what the plugins ask of it again and again, worked out once for each version of it. */
export class PodInfo {
  readonly pod: Pod;
  readonly key: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly priority: number;
  readonly requests: Resources;
  readonly nonZeroRequests: Resources;
  readonly hostPorts: readonly ContainerPort[];
  /** `namespace/name` of the claims that its volumes use. */
  readonly claims: readonly string[];
  #terms: AffinityTerms | undefined;

  constructor(pod: Pod) {
    this.pod = pod;
    this.key = keyOf(pod);
    this.namespace = pod.metadata.namespace ?? "";
    this.labels = pod.metadata.labels ?? {};
    this.priority = pod.spec.priority ?? 0;
    this.requests = requestsOf(pod);
    this.nonZeroRequests = nonZeroRequestsOf(pod);
    this.hostPorts = hostPortsOf(pod);
    this.claims = claimKeysOf(pod);
  }

  get uid(): string { return this.pod.metadata.uid ?? this.key; }
  /** Its affinity to other pods. */
  get terms(): AffinityTerms { return (this.#terms ??= affinityTermsOf(this.pod)); }
  get hasPodAffinity(): boolean { return this.pod.spec.affinity?.podAffinity !== undefined || this.pod.spec.affinity?.podAntiAffinity !== undefined; }
  get isLeaving(): boolean { return this.pod.metadata.deletionTimestamp !== undefined; }
}

/** Ports of the containers that run side by side. */
function hostPortsOf({ spec }: Pod): readonly ContainerPort[] {
  const sideBySide = [...(spec.initContainers ?? []).filter(isRestartableInit), ...spec.containers];
  return sideBySide.flatMap((c) => c.ports ?? []).filter((p) => (p.hostPort ?? 0) > 0);
}
