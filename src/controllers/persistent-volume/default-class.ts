import type { StorageClass } from "#api/gen/storage-v1.ts";
import { storageClasses } from "#api/resources.ts";
import type { Component } from "#base/component.ts";
import { ignore } from "../ignore.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";

/** The class whose volumes are directories of the node, made by the agent's provisioner. */
export const localPathClass: StorageClass = {
  metadata: { name: "local-path", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
  provisioner: "seedpod.dev/local-path", reclaimPolicy: "Delete", volumeBindingMode: "WaitForFirstConsumer", allowVolumeExpansion: true,
};

const key = "local-path";

/** Makes the class once per start of the server, if it is not there. What a user changed or deleted meanwhile stays so. */
export function defaultClassController(deps: ControllerDeps): Component {
  const cache = deps.informers.for(storageClasses);
  let done = false;
  return newController(deps, (client) => ({
    sources: [source(storageClasses, cache, () => [])],
    workers: 1, start: [key],
    reconciler: {
      name: "default-storage-class",
      async reconcile(_key, signal) {
        if (!done && cache.get(key) === undefined) await client.resource(storageClasses).create(localPathClass, { signal }).catch(ignore("AlreadyExists"));
        done = true;
      },
    },
  }));
}
