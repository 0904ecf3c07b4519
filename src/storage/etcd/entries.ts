import { Compacted, type Change, type Entry, type Revision } from "../store.ts";
import type { Event, KeyValue } from "./gen/etcd-v3.ts";
import type { Keyspace } from "./keyspace.ts";

const nothing = new Uint8Array();

/** An entry under the name that the store knows it by. */
export const entryOf = (keyspace: Keyspace, { key = nothing, value = nothing, createRevision = 0, modRevision = 0 }: KeyValue): Entry =>
  ({ key: keyspace.fromEtcd(key), value, created: createRevision, modified: modRevision });

/** When the change was made. */
export const revisionOf = ({ kv }: Event): Revision => kv?.modRevision ?? 0;

/** Throws `Compacted` when etcd no longer knows what the change replaced: it tells the change without it then. */
export function changeOf(keyspace: Keyspace, event: Event): Change {
  const { type = "PUT", kv = {}, prevKv } = event;
  const revision = revisionOf(event);
  const previous = prevKv && entryOf(keyspace, prevKv);
  if (type === "DELETE") {
    if (previous === undefined) throw new Compacted(revision);
    return { type: "delete", previous, revision };
  }
  if (previous === undefined && kv.createRevision !== revision) throw new Compacted(revision);
  return { type: "put", entry: entryOf(keyspace, kv), previous };
}
