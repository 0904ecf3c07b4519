import type { RequestInfo } from "../filters/request-info.ts";
import type { Cache } from "../cacher/cache.ts";

const bytesPerSeat = 100_000;
/** Lists are written out piece by piece: they do not hold more at a time. */
const mostBytesAtOnce = 1_000_000;
const mostSeats = 10;

/** How many seats a request takes: lists by the bytes that they go through. Upstream: flowcontrol/request/list_work_estimator.go */
export function seatsOf({ verb, target, query }: RequestInfo, cacheOf: (group: string, plural: string) => Cache): number {
  const lists = verb === "list" || (verb === "watch" && query.get("sendInitialEvents") === "true");
  if (!lists || target === undefined || target.name !== "") return 1;
  const cache = cacheOf(target.group, target.resource);
  const limit = Number(query.get("limit") ?? 0) || cache.size;
  const bytes = Math.min(limit, cache.size) * cache.averageBytes;
  return Math.min(mostSeats, Math.max(1, Math.ceil(Math.min(bytes, mostBytesAtOnce) / bytesPerSeat)));
}
