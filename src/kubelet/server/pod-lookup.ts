import type { Pod } from "#api/gen/core-v1.ts";
import type { KubeletHost } from "../host.ts";
import { HttpError } from "./http-error.ts";

export interface PodName { readonly namespace: string; readonly pod: string; readonly uid?: string }

/** The pod of a route. Throws `HttpError` 404 when it is not on this node (any more). */
export function findPod(host: KubeletHost, { namespace, pod: name, uid }: PodName): Pod {
  const pod = host.pod(namespace, name);
  if (pod === undefined || (uid !== undefined && pod.metadata.uid !== uid)) throw new HttpError(404, "pod does not exist");
  return pod;
}
