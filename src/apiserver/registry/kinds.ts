import { controllerRevisions } from "./apps/controller-revision.ts";
import { leases } from "./coordination/lease.ts";
import { configMaps } from "./core/config-map.ts";
import { events } from "./core/event.ts";
import { namespaces } from "./core/namespace.ts";
import { secrets } from "./core/secret.ts";
import { serviceAccounts } from "./core/service-account.ts";
import { eventsV1 } from "./events/event.ts";
import { runtimeClasses } from "./node/runtime-class.ts";
import { clusterRoleBindings, roleBindings } from "./rbac/bindings.ts";
import { clusterRoles, roles } from "./rbac/roles.ts";
import { erase, type AnyResource } from "./resource.ts";
import { priorityClasses } from "./scheduling/priority-class.ts";
import { storageClasses } from "./storage/storage-class.ts";

/** Every built-in resource, in the order of the discovery document. */
export const kinds: readonly AnyResource[] = [
  erase(configMaps), erase(events), erase(namespaces), erase(secrets), erase(serviceAccounts),
  erase(controllerRevisions),
  erase(leases),
  erase(eventsV1),
  erase(runtimeClasses),
  erase(clusterRoleBindings), erase(clusterRoles), erase(roleBindings), erase(roles),
  erase(priorityClasses),
  erase(storageClasses),
];
