/** What a new cluster holds before anybody asks: system namespaces, roles and who has them, the two system priorities. */
import type { PriorityClass } from "#api/gen/scheduling-v1.ts";
import * as refs from "#api/resources.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { isStatus } from "#apimachinery/status.ts";
import type { Client } from "#client/client.ts";
import { clusterRoleBindings, roleBindings, roles } from "./bindings.ts";
import { clusterRoles } from "./cluster-roles.ts";

const namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"];

/** Upstream: pkg/apis/scheduling SystemPriorityClasses */
const priorityClasses: readonly PriorityClass[] = [
  { metadata: { name: "system-node-critical" }, value: 2_000_001_000, description: "Used for system critical pods that must not be moved from their current node." },
  { metadata: { name: "system-cluster-critical" }, value: 2_000_000_000, description: "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary." },
];

/** Creates what is missing and changes nothing that is there. @param client of somebody who may do everything */
export async function bootstrap(client: Client): Promise<void> {
  await ensureAll(client, refs.namespaces, namespaces.map((name) => ({ metadata: { name }, spec: {}, status: {} })));
  await Promise.all([
    ensureAll(client, refs.clusterRoles, clusterRoles), ensureAll(client, refs.roles, roles), ensureAll(client, refs.priorityClasses, priorityClasses),
  ]);
  await Promise.all([ensureAll(client, refs.clusterRoleBindings, clusterRoleBindings), ensureAll(client, refs.roleBindings, roleBindings)]);
}

/** All writes at once: the store makes one transaction of them. */
async function ensureAll<T extends KubeObject>(client: Client, ref: refs.ResourceRef<T>, objects: readonly T[]): Promise<void> {
  const resource = client.resource(ref);
  const there = new Set((await resource.list()).items.map(nameOf));
  await Promise.all(objects.filter((object) => !there.has(nameOf(object))).map(async (object) => {
    await resource.create(object).catch((err: unknown) => {
      if (!isStatus(err, "AlreadyExists")) throw err; // another server was first
    });
  }));
}

const nameOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ""}/${metadata.name}`;
