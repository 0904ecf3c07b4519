import { namespaces, serviceAccounts } from "#api/resources.ts";
import type { Component } from "#base/component.ts";
import { ignore } from "../ignore.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { plan } from "./plan.ts";

/** Keeps the ServiceAccount `default` in every namespace. Key: the namespace. Upstream: pkg/controller/serviceaccount/serviceaccounts_controller.go */
export function serviceAccountController(deps: ControllerDeps): Component {
  const spaces = deps.informers.for(namespaces);
  const accounts = deps.informers.for(serviceAccounts);
  return newController(deps, (client) => ({
    sources: [
      source(namespaces, spaces, ({ metadata }) => [metadata.name]),
      source(serviceAccounts, accounts, ({ metadata }) => (metadata.name === "default" ? [metadata.namespace ?? ""] : [])),
    ],
    reconciler: {
      name: "serviceaccount",
      async reconcile(key, signal) {
        const account = plan(spaces.get(key), accounts.get(`${key}/default`));
        if (account !== undefined) await client.resource(serviceAccounts).create(account, { signal }).catch(ignore("AlreadyExists", "NotFound", "Forbidden"));
      },
    },
  }));
}
