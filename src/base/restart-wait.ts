/** A process that lived this long was well: its end is a new trouble, not the old one again. */
const wellMs = 10_000;
const firstWaitMs = 500;
const longestWaitMs = 3_000;

/**
 * How long to wait before what has ended is started again: not at all when it was well, longer each time that it was not.
 * @param lastMs the wait before it was started
 * @param livedMs since then
 */
export const restartWaitMs = (lastMs: number, livedMs: number): number => (livedMs >= wellMs ? 0 : Math.min(2 * lastMs + firstWaitMs, longestWaitMs));
