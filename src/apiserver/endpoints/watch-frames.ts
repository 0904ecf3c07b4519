import type { StatusError } from "#apimachinery/status.ts";
import type { Revision } from "#storage/store.ts";
import type { Delivery } from "../cacher/event.ts";
import type { View } from "./view.ts";

const tail = Buffer.from("}\n");

/** Events as lines of JSON. Each is encoded once for all watchers with the same view. */
export function encodeDeliveries(view: View, deliveries: readonly Delivery[], first: boolean): Buffer {
  const frames = deliveries.map((delivery, i) => frameOf(view, delivery, first && i === 0));
  return frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames);
}

function frameOf(view: View, { type, item, frames }: Delivery, first: boolean): Buffer {
  const key = `${type} ${first ? "first" : ""} ${view.id}`;
  const known = frames.get(key);
  if (known !== undefined) return known;
  const made = Buffer.concat([Buffer.from(`{"type":"${type}","object":`), view.event(item, first), tail]);
  frames.set(key, made);
  return made;
}

/** "You have seen everything up to this revision." @param initialEnd it closes the initial events */
export function bookmarkFrame(view: View, revision: Revision, initialEnd: boolean): Buffer {
  const metadata = JSON.stringify({ resourceVersion: String(revision), creationTimestamp: null, ...(initialEnd && { annotations: { "k8s.io/initial-events-end": "true" } }) });
  return Buffer.from(`{"type":"BOOKMARK","object":${view.bookmark(metadata)}}\n`);
}

export const errorFrame = (err: StatusError): Buffer => Buffer.from(`${JSON.stringify({ type: "ERROR", object: err.toStatus() })}\n`);
