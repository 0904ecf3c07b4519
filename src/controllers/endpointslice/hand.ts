import type { EndpointSlice } from "#api/gen/discovery-v1.ts";
import { endpointSlices } from "#api/resources.ts";
import { isStatus } from "#apimachinery/status.ts";
import type { Client } from "#client/client.ts";
import { ignore } from "../ignore.ts";
import { managedByLabel, serviceNameLabel, type SlicePlan } from "./plan.ts";

/** Keys of what a manager's slice belongs to: `namespace/name`. */
export const ownerKeys = ({ metadata }: EndpointSlice, manager: string): string[] =>
  metadata.labels?.[managedByLabel] === manager && metadata.labels[serviceNameLabel] !== undefined ? [`${metadata.namespace ?? ""}/${metadata.labels[serviceNameLabel]}`] : [];

/** Writes a plan. A namespace that is going takes no new slices, and needs none. */
export async function write(client: Client, { create, update, remove }: SlicePlan, signal: AbortSignal): Promise<void> {
  const slices = client.resource(endpointSlices);
  for (const slice of create) {
    await slices.create(slice, { signal }).catch((err: unknown) => {
      if (!isStatus(err, "Forbidden") || err.details?.causes?.some(({ reason }) => reason === "NamespaceTerminating") !== true) throw err;
    });
  }
  for (const slice of update) await slices.update(slice, { signal });
  for (const { metadata } of remove) await slices.delete(metadata.name, metadata.namespace, { signal }).catch(ignore("NotFound"));
}
