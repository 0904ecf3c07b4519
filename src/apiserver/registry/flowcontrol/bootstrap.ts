/** Objects of priority and fairness that every cluster has. Upstream: apiserver/pkg/apis/flowcontrol/bootstrap */
import type { FlowSchema, NonResourcePolicyRule, PolicyRulesWithSubjects, PriorityLevelConfiguration, PriorityLevelConfigurationSpec, ResourcePolicyRule, Subject } from "#api/gen/flowcontrol-v1.ts";

const apiVersion = "flowcontrol.apiserver.k8s.io/v1";
/** True: the spec is kept as it is here, also after an upgrade. */
export const autoupdateAnnotation = "apf.kubernetes.io/autoupdate-spec";
const metadata = (name: string): FlowSchema["metadata"] => ({ name, annotations: { [autoupdateAnnotation]: "true" } });

const level = (name: string, spec: PriorityLevelConfigurationSpec): PriorityLevelConfiguration => ({ apiVersion, kind: "PriorityLevelConfiguration", metadata: metadata(name), spec, status: {} });

/** A level with queues. */
const queued = (name: string, nominalConcurrencyShares: number, lendablePercent: number, queues: number, handSize: number): PriorityLevelConfiguration =>
  level(name, { type: "Limited", limited: { nominalConcurrencyShares, lendablePercent, limitResponse: { type: "Queue", queuing: { queues, handSize, queueLengthLimit: 50 } } } });

export const mandatoryLevels: readonly PriorityLevelConfiguration[] = [
  level("exempt", { type: "Exempt", exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } }),
  level("catch-all", { type: "Limited", limited: { nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: { type: "Reject" } } }),
];

export const suggestedLevels: readonly PriorityLevelConfiguration[] = [
  queued("system", 30, 33, 64, 6),
  queued("node-high", 40, 25, 64, 6),
  queued("leader-election", 10, 0, 16, 4),
  queued("workload-high", 40, 50, 128, 6),
  queued("workload-low", 100, 90, 128, 6),
  queued("global-default", 20, 50, 128, 6),
];

const groups = (...names: readonly string[]): Subject[] => names.map((name) => ({ kind: "Group", group: { name } }));
const users = (...names: readonly string[]): Subject[] => names.map((name) => ({ kind: "User", user: { name } }));
const systemAccounts = (...names: readonly string[]): Subject[] => names.map((name) => ({ kind: "ServiceAccount", serviceAccount: { name, namespace: "kube-system" } }));

const resources = (verbs: readonly string[], group: string, names: readonly string[], clusterScope = false): ResourcePolicyRule => ({
  verbs: [...verbs], apiGroups: [group], resources: [...names], ...(clusterScope && { clusterScope }), namespaces: ["*"],
});
const anyUrl: NonResourcePolicyRule = { verbs: ["*"], nonResourceURLs: ["*"] };
const everything = (subjects: Subject[]): PolicyRulesWithSubjects => ({ subjects, resourceRules: [resources(["*"], "*", ["*"], true)], nonResourceRules: [anyUrl] });

/** @param by what makes a flow within the schema */
const schema = (name: string, priorityLevel: string, matchingPrecedence: number, by: "ByUser" | "ByNamespace" | undefined, rule: PolicyRulesWithSubjects): FlowSchema => ({
  apiVersion, kind: "FlowSchema", metadata: metadata(name), status: {},
  spec: { priorityLevelConfiguration: { name: priorityLevel }, matchingPrecedence, ...(by && { distinguisherMethod: { type: by } }), rules: [rule] },
});

const everybody = groups("system:unauthenticated", "system:authenticated");
const nodes = groups("system:nodes");
const manager = "system:kube-controller-manager";
const scheduler = "system:kube-scheduler";
const lead: readonly string[] = ["get", "create", "update"];
const leases = "coordination.k8s.io";

export const mandatorySchemas: readonly FlowSchema[] = [
  schema("exempt", "exempt", 1, undefined, everything(groups("system:masters"))),
  schema("catch-all", "catch-all", 10_000, "ByUser", everything(everybody)),
];

export const suggestedSchemas: readonly FlowSchema[] = [
  schema("probes", "exempt", 2, undefined, { subjects: everybody, nonResourceRules: [{ verbs: ["get"], nonResourceURLs: ["/healthz", "/readyz", "/livez"] }] }),
  schema("system-leader-election", "leader-election", 100, "ByUser", { subjects: [...users(manager, scheduler), ...systemAccounts("*")], resourceRules: [resources(lead, leases, ["leases"])] }),
  schema("endpoint-controller", "workload-high", 150, "ByUser", {
    subjects: [...users(manager), ...systemAccounts("endpoint-controller", "endpointslicemirroring-controller")], resourceRules: [resources(lead, "", ["endpoints"])],
  }),
  schema("workload-leader-election", "leader-election", 200, "ByUser", {
    subjects: systemAccounts("*"), resourceRules: [resources(lead, "", ["endpoints", "configmaps"]), resources(lead, leases, ["leases"])],
  }),
  schema("system-node-high", "node-high", 400, "ByUser", { subjects: nodes, resourceRules: [resources(["*"], "", ["nodes", "nodes/status"], true), resources(["*"], leases, ["leases"])] }),
  schema("system-nodes", "system", 500, "ByUser", everything(nodes)),
  schema("kube-controller-manager", "workload-high", 800, "ByNamespace", everything(users(manager))),
  schema("kube-scheduler", "workload-high", 800, "ByNamespace", everything(users(scheduler))),
  schema("kube-system-service-accounts", "workload-high", 900, "ByNamespace", everything(systemAccounts("*"))),
  schema("service-accounts", "workload-low", 9000, "ByUser", everything(groups("system:serviceaccounts"))),
  schema("global-default", "global-default", 9900, "ByUser", everything(everybody)),
];
