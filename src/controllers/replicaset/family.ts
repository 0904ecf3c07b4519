/** The two kinds whose objects keep a number of equal pods. */
import type { ReplicaSet } from "#api/gen/apps-v1.ts";
import type { ReplicationController } from "#api/gen/core-v1.ts";
import { replicaSets, replicationControllers, type ResourceRef } from "#api/resources.ts";
import { labelSelectorOf, selectorOfLabels, type LabelSelector } from "#apimachinery/selectors.ts";
import type { Replicated } from "./plan.ts";

/** How one of them differs from the other. */
export interface Family<T extends Replicated> {
  /** Of the controller. */
  readonly name: string;
  /** The source of its Events. */
  readonly component: string;
  readonly ref: ResourceRef<T>;
  readonly selectorOf: (set: T) => LabelSelector;
  /** Its status tells how many pods are on their way out. */
  readonly countsTerminating: boolean;
}

export const replicaSetFamily: Family<ReplicaSet> = {
  name: "replicaset", component: "replicaset-controller", ref: replicaSets, countsTerminating: true, selectorOf: ({ spec }) => labelSelectorOf(spec.selector),
};

export const replicationControllerFamily: Family<ReplicationController> = {
  name: "replication-controller", component: "replication-controller", ref: replicationControllers, countsTerminating: false, selectorOf: ({ spec }) => selectorOfLabels(spec.selector ?? {}),
};
