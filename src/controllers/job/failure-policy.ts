/** What a pod's failure means to its Job. Upstream: pkg/controller/job/pod_failure_policy.go */
import type { Job, PodFailurePolicyOnExitCodesRequirement, PodFailurePolicyRule } from "#api/gen/batch-v1.ts";
import type { ContainerStatus, Pod } from "#api/gen/core-v1.ts";

export interface Ruling {
  readonly action: PodFailurePolicyRule["action"] | undefined;
  /** Towards the back-off limit. */
  readonly counts: boolean;
  /** Why the whole Job fails, when it does. */
  readonly message?: string;
}

/** The action of the first rule that a failed pod matches; without one its failure counts. */
export function rule({ spec }: Job, pod: Pod): Ruling {
  for (const [at, policy] of (spec.podFailurePolicy?.rules ?? []).entries()) {
    const cause = matchOf(policy, pod);
    if (cause === undefined) continue;
    const { action } = policy;
    return { action, counts: action !== "Ignore", ...(action === "FailJob" && { message: `${cause} matching FailJob rule at index ${at}` }) };
  }
  return { action: undefined, counts: true };
}

/** What of the pod matches, in the words of the Job's condition. */
function matchOf({ onExitCodes, onPodConditions }: PodFailurePolicyRule, { metadata: { namespace, name }, status }: Pod): string | undefined {
  if (onExitCodes !== undefined) {
    const container = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])].find((c) => exitMatches(c, onExitCodes));
    return container && `Container ${container.name} for pod ${namespace}/${name} failed with exit code ${container.state?.terminated?.exitCode}`;
  }
  const condition = status.conditions?.find((c) => onPodConditions?.some(({ type, status: wanted = "True" }) => c.type === type && c.status === wanted));
  return condition && `Pod ${namespace}/${name} has condition ${condition.type}`;
}

function exitMatches({ name, state }: ContainerStatus, { containerName, operator, values }: PodFailurePolicyOnExitCodesRequirement): boolean {
  const code = state?.terminated?.exitCode;
  if (code === undefined || code === 0 || (containerName !== undefined && containerName !== name)) return false;
  return values.includes(code) === (operator === "In");
}
