import type { Scale } from "#api/gen/autoscaling-v1.ts";
import type { HorizontalPodAutoscaler } from "#api/gen/autoscaling-v2.ts";
import type { Client } from "#client/client.ts";
import { collectionOf } from "../discovered.ts";
import { groupOf, type KindMap } from "./kind-map.ts";

/** The scale of what an autoscaler is about, and where it is written. */
export interface Target {
  readonly scale: Scale;
  write(replicas: number, signal: AbortSignal): Promise<void>;
}

/** Reads the scale of any kind that has one, custom ones too. Throws with upstream's words. */
export async function readTarget(client: Client, kinds: KindMap, { metadata, spec: { scaleTargetRef: { apiVersion = "", kind, name } } }: HorizontalPodAutoscaler, signal: AbortSignal): Promise<Target> {
  const group = groupOf(apiVersion);
  if (group === undefined) throw new Error(`unexpected GroupVersion string: ${apiVersion}`);
  const found = await kinds.find(group, kind, signal);
  if (found === undefined) throw new Error(`no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(group)}`);
  const path = `${collectionOf(found, metadata.namespace ?? "")}/${encodeURIComponent(name)}/scale`;
  const scale = await client.request<Scale>({ method: "GET", path, signal });
  return {
    scale,
    async write(replicas, stop) {
      await client.request({ method: "PUT", path, body: { ...scale, spec: { ...scale.spec, replicas } }, signal: stop });
    },
  };
}
