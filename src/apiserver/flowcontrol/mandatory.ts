import type { FlowSchema, PriorityLevelConfiguration, Subject } from "#api/gen/flowcontrol-v1.ts";

/** What holds before anybody has written anything, and whatever somebody has written. Upstream: flowcontrol/bootstrap/default.go */
export const mandatoryLevels: readonly PriorityLevelConfiguration[] = [
  { metadata: { name: "exempt" }, spec: { type: "Exempt", exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } }, status: {} },
  { metadata: { name: "catch-all" }, spec: { type: "Limited", limited: { nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: { type: "Reject" } } }, status: {} },
];

export const mandatorySchemas: readonly FlowSchema[] = [
  forGroups("exempt", 1, undefined, "system:masters"),
  forGroups("catch-all", 10_000, "ByUser", "system:unauthenticated", "system:authenticated"),
];

function forGroups(name: string, matchingPrecedence: number, distinguisher: string | undefined, ...groups: readonly string[]): FlowSchema {
  const subjects = groups.map((group): Subject => ({ kind: "Group", group: { name: group } }));
  const all = ["*"];
  return {
    metadata: { name }, status: {},
    spec: {
      matchingPrecedence, priorityLevelConfiguration: { name }, ...(distinguisher !== undefined && { distinguisherMethod: { type: distinguisher } }),
      rules: [{ subjects, resourceRules: [{ verbs: all, apiGroups: all, resources: all, clusterScope: true, namespaces: all }], nonResourceRules: [{ verbs: all, nonResourceURLs: all }] }],
    },
  };
}
