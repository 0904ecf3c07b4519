import { isStatus, type Reason } from "#apimachinery/status.ts";

/** Passes over refusals that say that there is nothing (more) to do: it is there already, or it or its namespace is gone. */
export const ignore = (...reasons: readonly Reason[]) => (err: unknown): void => {
  if (!isStatus(err, ...reasons)) throw err;
};
