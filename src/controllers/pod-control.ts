import type { Pod, PodTemplateSpec } from "#api/gen/core-v1.ts";
import { pods, type ResourceRef } from "#api/resources.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { isStatus } from "#apimachinery/status.ts";
import { messageOf } from "#base/error-message.ts";
import type { Client } from "#client/client.ts";
import type { EventRecorder } from "#client/events.ts";
import { ignore } from "./ignore.ts";
import { controllerRef } from "./owner.ts";
import { withoutFinalizers } from "./ownership.ts";

/** Creates and deletes the pods of one owner and tells it in Events. Upstream: pkg/controller/controller_utils.go RealPodControl */
export class PodControl<T extends KubeObject> {
  readonly #client: Client;
  readonly #events: EventRecorder;
  readonly #ref: ResourceRef<T>;

  constructor(client: Client, events: EventRecorder, ref: ResourceRef<T>) {
    this.#client = client;
    this.#events = events;
    this.#ref = ref;
  }

  /** Throws the refusal, after an Event. @param generateName what the pod's name begins with */
  async create(owner: T, template: PodTemplateSpec | undefined, signal: AbortSignal, generateName = `${owner.metadata.name}-`): Promise<void> {
    try {
      const pod = await this.#client.resource(pods).create(podOf(owner, template, this.#ref, generateName), { signal });
      this.#events.event(owner, "Normal", "SuccessfulCreate", `Created pod: ${pod.metadata.name}`);
    } catch (err) {
      if (!signal.aborted && !namespaceIsLeaving(err)) this.#events.event(owner, "Warning", "FailedCreate", `Error creating: ${messageOf(err)}`);
      throw err;
    }
  }

  async delete(owner: T, pod: Pod, signal: AbortSignal): Promise<void> {
    try {
      await this.#client.resource(pods).delete(pod.metadata.name, pod.metadata.namespace, { preconditions: { uid: pod.metadata.uid ?? "" }, signal });
      this.#events.event(owner, "Normal", "SuccessfulDelete", `Deleted pod: ${pod.metadata.name}`);
    } catch (err) {
      if (isStatus(err, "NotFound", "Conflict")) return;
      if (!signal.aborted) this.#events.event(owner, "Warning", "FailedDelete", `Error deleting: ${messageOf(err)}`);
      throw err;
    }
  }

  /** Lets go of a pod that was kept until it was counted. */
  async dropFinalizer({ metadata }: Pod, finalizer: string, signal: AbortSignal): Promise<void> {
    const body = { metadata: { uid: metadata.uid, ...withoutFinalizers([finalizer]) } };
    await this.#client.resource(pods).patch(metadata.name, metadata.namespace, { type: "strategic", body }, { signal }).catch(ignore("NotFound", "Invalid"));
  }
}

/** Refused because its namespace is being deleted: nobody needs to be told. */
export const namespaceIsLeaving = (err: unknown): boolean => isStatus(err, "Forbidden") && err.details?.causes?.some(({ reason }) => reason === "NamespaceTerminating") === true;

/** The pod that a template asks for, still without a name. Upstream: GetPodFromTemplate */
export function podOf<T extends KubeObject>(owner: T, template: PodTemplateSpec | undefined, ref: ResourceRef<T>, generateName = `${owner.metadata.name}-`): Pod {
  const { labels, annotations, finalizers } = template?.metadata ?? {};
  return {
    metadata: {
      name: "", generateName, ...(owner.metadata.namespace !== undefined && { namespace: owner.metadata.namespace }), ...(labels && { labels }), ...(annotations && { annotations }), ...(finalizers && { finalizers }),
      ownerReferences: [controllerRef(owner, ref)],
    },
    spec: template?.spec ?? { containers: [] }, status: {},
  };
}

/**
 * Runs `count` pieces of work in batches of 1, 2, 4, …: what fails for all fails once. Returns how many succeeded and
 * the first failure. That a namespace is being deleted ends it too, but is none: nothing would come of another try. Upstream: slowStartBatch
 */
export async function slowStart(count: number, work: (index: number) => Promise<void>): Promise<{ readonly done: number; readonly failure: unknown }> {
  let done = 0;
  for (let batch = 1; done < count; batch *= 2) {
    const first = done;
    const results = await Promise.allSettled(Array.from({ length: Math.min(batch, count - first) }, (_, i) => work(first + i)));
    done += results.filter(({ status }) => status === "fulfilled").length;
    const failed = results.find((result) => result.status === "rejected");
    if (failed !== undefined) return { done, failure: namespaceIsLeaving(failed.reason) ? undefined : failed.reason };
  }
  return { done, failure: undefined };
}
