import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

export const megabyte: number = 1024 * 1024;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Of this process, after garbage was collected. `held`: what somebody still refers to, on the heap and beside it. `resident`: also what the allocator keeps. */
export function memory(): { readonly held: number; readonly resident: number } {
  for (let i = 0; i < 3; i++) collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { held: heapUsed + external, resident: rss };
}
