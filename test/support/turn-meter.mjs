/**
 * Preloaded into a server under test: writes down for how much processor time its event loop had no turn to spare.
 * Processor time, because a busy machine stretches all others.
 */
import { appendFileSync } from "node:fs";

const file = process.env["SEEDPOD_TURNS"];
const everyMs = 10;
/** Shorter ones are nobody's business. */
const worthTelling = 15;

if (file !== undefined && process.threadCpuUsage !== undefined) {
  let before = process.threadCpuUsage();
  // oxlint-disable-next-line no-restricted-globals -- no part of the server, which knows nothing of it
  setInterval(() => {
    const used = process.threadCpuUsage(before);
    before = process.threadCpuUsage();
    const ms = (used.user + used.system) / 1000;
    if (ms > worthTelling) appendFileSync(file, `${ms}\n`);
  }, everyMs).unref();
}
