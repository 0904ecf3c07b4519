/** What policies ask of the table of served resources. */
import type { Registry } from "../../registry/registry.ts";
import type { AnyResource } from "../../registry/resource.ts";

export interface ServedKinds {
  serves(this: void, group: string, version: string, plural: string): boolean;
  resourceOf(this: void, apiVersion: string, kind: string): AnyResource | undefined;
}

export function servedKinds(registry: Registry): ServedKinds {
  return {
    serves: (group, version, plural) => registry.find(group, version, plural) !== undefined,
    resourceOf: (apiVersion, kind) => {
      const cut = apiVersion.lastIndexOf("/");
      const [group, version] = [apiVersion.slice(0, Math.max(0, cut)), apiVersion.slice(cut + 1)];
      return registry.all.find((resource) => resource.group === group && resource.version === version && resource.kind === kind);
    },
  };
}
