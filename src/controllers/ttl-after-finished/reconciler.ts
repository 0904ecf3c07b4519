import { jobs } from "#api/resources.ts";
import { keyOf } from "#apimachinery/meta.ts";
import type { Component } from "#base/component.ts";
import { ignore } from "../ignore.ts";
import type { Again } from "../reconciler.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { timeLeft } from "./plan.ts";

/** Deletes Jobs, and what they own, some time after their end. Key: the Job. Upstream: pkg/controller/ttlafterfinished */
export function ttlAfterFinishedController(deps: ControllerDeps): Component {
  const cache = deps.informers.for(jobs);
  return newController(deps, (client) => {
    const reconcile = async (key: string, signal: AbortSignal): Promise<Again | void> => {
      const job = cache.get(key);
      const leftMs = job && timeLeft(job, deps.clock.now());
      if (job === undefined || leftMs === undefined) return;
      if (leftMs > 0) return { afterMs: leftMs };
      const { name, namespace, uid = "", resourceVersion = "" } = job.metadata;
      // the revision is part of the bargain: a Job whose time was just prolonged stays
      await client.resource(jobs).delete(name, namespace, { propagationPolicy: "Foreground", preconditions: { uid, resourceVersion }, signal }).catch(ignore("NotFound", "Conflict"));
    };
    return { sources: [source(jobs, cache, (job) => [keyOf(job)])], reconciler: { name: "ttl-after-finished", reconcile } };
  });
}
