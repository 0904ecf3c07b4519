import type { Namespace, ServiceAccount } from "#api/gen/core-v1.ts";

/** The account that the namespace lacks. A namespace that is going gets none. */
export function plan(namespace: Namespace | undefined, account: ServiceAccount | undefined): ServiceAccount | undefined {
  if (namespace === undefined || account !== undefined || isGoing(namespace)) return undefined;
  return { metadata: { name: "default", namespace: namespace.metadata.name } };
}

/** A namespace that is on its way out, in which nothing is made any more. */
export const isGoing = ({ metadata, status }: Namespace): boolean => metadata.deletionTimestamp !== undefined || status.phase === "Terminating";
