import type { Job } from "#api/gen/batch-v1.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { isJobFinished } from "#api/job.ts";
import { jobs, pods } from "#api/resources.ts";
import { controllerOf, keyOf } from "#apimachinery/meta.ts";
import type { Component } from "#base/component.ts";
import type { Informer } from "#client/lister.ts";
import { PodControl } from "../pod-control.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { isForeign, isTracked, trackingFinalizer } from "./names.ts";

/**
 * Lets go of pods that no Job will count: nobody's, or of a Job that is over or gone. Without this they could not be deleted.
 * Key: the pod. Upstream: pkg/controller/job/job_controller.go syncOrphanPod
 */
export function orphanPodController(deps: ControllerDeps): Component {
  const all = deps.informers.for(jobs);
  const cache = deps.informers.for(pods);
  cache.addIndex("controller", (pod) => [controllerOf(pod)?.uid ?? "none"]);
  const events = deps.events("job-controller");
  return newController(deps, (client) => {
    const control = new PodControl(client, events, jobs);
    const keysOf = (list: readonly Pod[]): string[] => list.filter(isTracked).map(keyOf);
    const reconcile = async (key: string, signal: AbortSignal): Promise<void> => {
      const pod = cache.get(key);
      if (pod !== undefined && isOrphan(pod, all)) await control.dropFinalizer(pod, trackingFinalizer, signal);
    };
    return {
      sources: [source(pods, cache, (pod) => keysOf([pod])), source(jobs, all, (job) => keysOf(cache.by("controller", job.metadata.uid ?? "")))],
      reconciler: { name: "job-orphans", reconcile },
    };
  });
}

/** Held, and by nobody who will let it go. */
function isOrphan(pod: Pod, all: Pick<Informer<Job>, "get">): boolean {
  if (!isTracked(pod)) return false;
  const owner = controllerOf(pod);
  if (owner === undefined) return true;
  if (owner.kind !== "Job" || owner.apiVersion !== "batch/v1") return false;
  const job = all.get(`${pod.metadata.namespace ?? ""}/${owner.name}`);
  if (job === undefined || job.metadata.uid !== owner.uid) return true;
  return !isForeign(job) && isJobFinished(job);
}
