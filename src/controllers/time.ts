/** Milliseconds since the epoch as the API writes times: RFC 3339, whole seconds, UTC. */
export const rfc3339 = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** The time of an object's field in milliseconds; 0 where it is absent. */
export const millis = (time: string | undefined): number => (time === undefined ? 0 : Date.parse(time));
