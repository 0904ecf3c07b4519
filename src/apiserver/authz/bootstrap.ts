/** What every cluster holds from its first moment on. */
import type { ConfigMap, Namespace } from "#api/gen/core-v1.ts";
import { dayOf, trackingMap } from "#api/legacy-token.ts";
import { optionalVersion, type OptionalKind } from "#api/optional-kinds.ts";
import * as refs from "#api/resources.ts";
import type { ResourceRef } from "#api/resources.ts";
import { keyOf, type KubeObject } from "#apimachinery/meta.ts";
import { isStatus } from "#apimachinery/status.ts";
import type { Client } from "#client/client.ts";
import { automanaged, localApiServices } from "../registry/apiregistration/local-services.ts";
import { mandatoryLevels, mandatorySchemas, suggestedLevels, suggestedSchemas } from "../registry/flowcontrol/bootstrap.ts";
import { kinds, optionalResources } from "../registry/kinds.ts";
import { metricsKinds } from "../registry/metrics/metrics.ts";
import { reviews } from "../registry/reviews/reviews.ts";
import { systemPriorityClasses } from "../registry/scheduling/priority-class.ts";
import { clusterRoleBindings, namespaceRoleBindings, namespaceRoles } from "./bootstrap-bindings.ts";
import { componentRoles } from "./bootstrap-component-roles.ts";
import { controllerRoles } from "./bootstrap-controller-roles.ts";
import { optionalBindings, withOptionalRoles } from "./bootstrap-optional-roles.ts";
import { leave, reconcileBinding, reconcileRole, reconcileSpec, type Reconcile } from "./bootstrap-reconcile.ts";
import { userRoles } from "./bootstrap-user-roles.ts";

const namespaces: readonly Namespace[] = ["default", "kube-system", "kube-public", "kube-node-lease"].map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name }, spec: {}, status: {} }));

/**
 * Makes the namespaces, the priority classes, the APIServices, the levels of fairness and the roles of every cluster, and completes what an older version left.
 * One list per kind finds out what is missing, so that a second start writes nothing.
 * @param client one that may do everything, e.g. in the process as a member of `system:masters`
 * @param optional what this server serves beside that which always is: it has roles of its own, and an APIService while it is served
 * @param now from this day on uses of tokens in Secrets are written down, if they were not before
 */
export async function ensureBootstrapObjects(client: Client, now: number, signal?: AbortSignal, optional: readonly OptionalKind[] = []): Promise<void> {
  await ensure(client, refs.namespaces, namespaces, leave, signal);
  await Promise.all([
    ensure(client, refs.priorityClasses, systemPriorityClasses, leave, signal),
    ensure(client, refs.apiServices, localApiServices([...kinds, ...optionalResources(optional), ...reviews, ...metricsKinds()]), leave, signal),
    ...(optional.length === 0 ? [forgetApiService(client, optionalVersion, signal)] : []),
    ensure(client, refs.priorityLevelConfigurations, [...mandatoryLevels, ...suggestedLevels], reconcileSpec, signal),
    ensure(client, refs.flowSchemas, [...mandatorySchemas, ...suggestedSchemas], reconcileSpec, signal),
    ensure(client, refs.clusterRoles, withOptionalRoles([...userRoles, ...componentRoles, ...controllerRoles], optional), reconcileRole, signal),
    ensure(client, refs.clusterRoleBindings, [...clusterRoleBindings, ...optionalBindings(optional)], reconcileBinding, signal),
    ensure(client, refs.roles, namespaceRoles, reconcileRole, signal),
    ensure(client, refs.roleBindings, namespaceRoleBindings, reconcileBinding, signal),
    ensure(client, refs.configMaps, [trackingSince(now)], leave, signal),
  ]);
}

/** Takes the APIService of a version away that was served once. @param version with its group */
async function forgetApiService(client: Client, version: string, signal: AbortSignal | undefined): Promise<void> {
  const services = client.resource(refs.apiServices);
  const name = version.split("/").toReversed().join(".");
  const found = (await services.list({ fieldSelector: `metadata.name=${name}` }, signal)).items[0];
  if (found?.metadata.labels?.[automanaged] !== "onstart") return;
  await services.delete(name, undefined, signal && { signal });
}

const trackingSince = (now: number): ConfigMap => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: trackingMap.name, namespace: trackingMap.namespace }, data: { [trackingMap.key]: dayOf(now) } });

async function ensure<T extends KubeObject>(client: Client, ref: ResourceRef<T>, wanted: readonly T[], reconcile: Reconcile<T>, signal: AbortSignal | undefined): Promise<void> {
  const resource = client.resource(ref);
  const { items } = await resource.list({}, signal);
  const stored = new Map(items.map((item) => [keyOf(item), item]));
  await Promise.all(wanted.map(async (object) => {
    const found = stored.get(keyOf(object));
    try {
      if (found === undefined) await resource.create(structuredClone(object), signal && { signal });
      else {
        const next = reconcile(found, object);
        if (next !== undefined) await resource.update(next, signal && { signal });
      }
    } catch (err) {
      if (!isStatus(err, "AlreadyExists", "Conflict")) throw err; // somebody else was quicker
    }
  }));
}
