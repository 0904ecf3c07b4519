import type { Revision } from "#storage/store.ts";
import { unpooled } from "../cacher/encoding.ts";
import type { Delivery } from "../cacher/event.ts";
import type { View } from "./view.ts";

/** Events as frames. Each is encoded once for all watchers with the same view. */
export function encodeDeliveries(view: View, deliveries: readonly Delivery[], first: boolean): Buffer {
  const frames = deliveries.map((delivery, i) => frameOf(view, delivery, first && i === 0));
  return frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames);
}

function frameOf(view: View, { type, item, frames }: Delivery, first: boolean): Buffer {
  const key = `${type} ${first ? "first" : ""} ${view.id}`;
  const known = frames.get(key);
  if (known !== undefined) return known;
  const made = unpooled(view.frame(type, item, first));
  frames.set(key, made);
  return made;
}

/** "You have seen everything up to this revision." @param initialEnd it closes the initial events */
export const bookmarkFrame = (view: View, revision: Revision, initialEnd: boolean): Buffer =>
  view.bookmark({ resourceVersion: String(revision), creationTimestamp: null, ...(initialEnd && { annotations: { "k8s.io/initial-events-end": "true" } }) });
