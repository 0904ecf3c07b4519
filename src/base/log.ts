import { pino, type Logger as PinoLogger } from "pino";

/** A constant message and fields: `log.info({ pod: key }, "pod is ready")`. Never an object that may hold a Secret. */
export type Logger = Pick<PinoLogger, "debug" | "info" | "warn" | "error" | "fatal"> & { child(fields: Record<string, unknown>): Logger };

/** JSON lines on standard output. @param level pino's level names; `silent` in unit tests */
export function newLogger(name: string, level = "info"): Logger {
  return pino({ name, level, base: { name }, timestamp: pino.stdTimeFunctions.isoTime });
}

export const silent: Logger = newLogger("silent", "silent");
