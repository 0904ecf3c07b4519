import { setTimeout as sleep } from "node:timers/promises";

/** Asks until nothing is left, or a minute is over: the last thing of a pod goes a little after the pod. */
export async function settled(left: () => Promise<readonly string[]>): Promise<readonly string[]> {
  let lines = await left();
  for (let i = 0; i < 60 && lines.length > 0; i++) {
    await sleep(1000);
    lines = await left();
  }
  return lines;
}
