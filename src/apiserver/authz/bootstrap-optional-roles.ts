import type { OptionalKind } from "#api/optional-kinds.ts";
import type { ClusterRole, ClusterRoleBinding, PolicyRule } from "#api/gen/rbac-v1.ts";
import { account, clusterBinding, clusterRole, eventsRule, group, read, rule, user } from "./bootstrap-rules.ts";

/** What a kind that is served only where it is asked for adds to the roles of every cluster. */
interface Added {
  /** To `system:node`. */
  readonly node: readonly PolicyRule[];
  readonly controllers: Readonly<Record<string, readonly PolicyRule[]>>;
  readonly roles: readonly ClusterRole[];
  readonly bindings: readonly ClusterRoleBinding[];
}

const certificates = "certificates.k8s.io";

/** Upstream: plugin/pkg/auth/authorizer/rbac/bootstrappolicy, where feature gates are asked */
const added: Readonly<Record<OptionalKind, Added>> = {
  clustertrustbundles: {
    node: [rule(read, certificates, "clustertrustbundles")],
    controllers: {
      "kube-apiserver-serving-clustertrustbundle-publisher": [
        rule("attest", certificates, "signers", "kubernetes.io/kube-apiserver-serving"), rule("create delete list update watch", certificates, "clustertrustbundles"), eventsRule,
      ],
    },
    roles: [clusterRole("system:cluster-trust-bundle-discovery", [rule(read, certificates, "clustertrustbundles")])],
    bindings: [clusterBinding("system:cluster-trust-bundle-discovery", [group("system:serviceaccounts")])],
  },
  podcertificaterequests: {
    node: [rule("create get list watch", certificates, "podcertificaterequests")],
    controllers: { podcertificaterequestcleaner: [rule("delete get list watch", certificates, "podcertificaterequests"), eventsRule] },
    roles: [],
    bindings: [],
  },
};

/** The roles of a cluster that serves these kinds, made of those that every cluster has. */
export const withOptionalRoles = (roles: readonly ClusterRole[], asked: readonly OptionalKind[]): readonly ClusterRole[] => [
  ...roles.map((role) => (role.metadata.name === "system:node" ? { ...role, rules: [...(role.rules ?? []), ...asked.flatMap((kind) => added[kind].node)] } : role)),
  ...asked.flatMap((kind) => [...added[kind].roles, ...Object.entries(added[kind].controllers).map(([name, rules]) => clusterRole(controllerRole(name), rules))]),
];

/** Bound to the manager as well, whose name all controllers share. */
export const optionalBindings = (asked: readonly OptionalKind[]): readonly ClusterRoleBinding[] => asked.flatMap((kind) => [
  ...added[kind].bindings,
  ...Object.keys(added[kind].controllers).map((name) => clusterBinding(controllerRole(name), [account("kube-system", name), user("system:kube-controller-manager")])),
]);

const controllerRole = (name: string): string => `system:controller:${name}`;
