import { writeSync } from "node:fs";
import { pino, type Logger as PinoLogger } from "pino";

/** A constant message and fields: `log.info({ pod: key }, "pod is ready")`. Never an object that may hold a Secret. */
export type Logger = Pick<PinoLogger, "debug" | "info" | "warn" | "error" | "fatal"> & { child(fields: Record<string, unknown>): Logger };

/** JSON lines on standard output. @param level pino's level names; `silent` in unit tests */
export function newLogger(name: string, level = "info"): Logger {
  return pino({ name, level, base: { name }, timestamp: pino.stdTimeFunctions.isoTime }, lossySink((line) => writeSync(1, line)));
}

/**
 * Where lines go. What cannot be written is dropped and counted, since a full disk must stop neither the process nor its event
 * loop; the next line that can be written is preceded by one that says how many are missing.
 * @param write returns how many bytes were taken; may throw
 */
export function lossySink(write: (line: Buffer) => number): { write(line: string): void } {
  let lost = 0;
  let torn = false;
  const whole = (text: string): boolean => {
    const bytes = Buffer.from(torn ? `\n${text}` : text);
    const taken = attempt(() => write(bytes));
    torn = taken > 0 ? taken < bytes.length : torn;
    return taken === bytes.length;
  };
  return {
    write(line) {
      if (lost > 0 && whole(`${JSON.stringify({ level: 40, lines: lost, msg: "lines of this log could not be written" })}\n`)) lost = 0;
      if (lost > 0 || !whole(line)) lost++;
    },
  };
}

function attempt(write: () => number): number {
  try {
    return write();
  } catch {
    return 0; // full, or nobody reads any more: there is no place left to say so
  }
}

export const silent: Logger = newLogger("silent", "silent");
