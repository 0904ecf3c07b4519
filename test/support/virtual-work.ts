/** Work for a virtual cluster, and how it is timed. */
import assert from "node:assert/strict";
import type { Pod } from "#api/gen/core-v1.ts";
import type { ResourceRef } from "#api/resources.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { timestamp } from "#apimachinery/time.ts";
import type { Life } from "./simulated-node.ts";
import type { VirtualCluster } from "./virtual-cluster.ts";

export const namespace = "default";
export const second = 1_000;
export const minute: number = 60 * second;
export const hour: number = 60 * minute;

export const onNode = (nodeName: string, labels: Readonly<Record<string, string>> = {}, spec: object = {}): { metadata: object; spec: Pod["spec"] } => ({ metadata: { labels }, spec: { nodeName, containers: [{ name: "c", image: "c" }], ...spec } });

/** A pod runs and takes to stop for as long as its labels say; with `fails` it ends badly, with `never` it does not serve. */
export const life = ({ metadata: { labels = {} } }: Pod): Life => ({
  readyMs: labels["never"] === undefined ? 0 : Infinity, stopMs: Number(labels["stop"] ?? 0) * second,
  ...(labels["run"] !== undefined && { runMs: Number(labels["run"]) * second, exitCode: labels["fails"] === undefined ? 0 : 1 }),
});

export const create = <T extends KubeObject>({ client }: VirtualCluster, ref: ResourceRef<T>, name: string, rest: object): Promise<T> =>
  client.resource(ref).create({ status: {}, ...rest, metadata: { ...("metadata" in rest && (rest.metadata as object)), name, ...(ref.namespaced && { namespace }) } } as unknown as T);

/** `HH:MM` of a time, in UTC, and the day's number before it. */
export const clockOf = (time: string | number | undefined): string => timestamp(typeof time === "number" ? time : Date.parse(time ?? "")).slice(8, 16);
export const seconds = (time: string | undefined): number => Date.parse(time ?? "") / second;
export const near = (value: number | undefined, want: number, tolerance: number, what: string): void => assert(value !== undefined && Math.abs(value - want) <= tolerance, `${what}: ${value}, not ${want}`);

/** When each object began to go, or went, in ms. */
export function watchEnds<T extends KubeObject>({ informers, clock }: VirtualCluster, ref: ResourceRef<T>): Map<string, number> {
  const ends = new Map<string, number>();
  informers.for(ref).onChange(({ old, object }) => {
    const name = (object ?? old)?.metadata.name ?? "";
    if ((object === undefined || object.metadata.deletionTimestamp !== undefined) && !ends.has(name)) ends.set(name, clock.now());
  });
  return ends;
}
