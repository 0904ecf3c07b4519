/** How large values can get that a schema does not bound: what fits into one request. Upstream: apiserver/pkg/cel limits.go, common/schemas.go */

const maxRequestBytes = 3 * 1024 * 1024;

/** Without its quotes. */
export const maxText: number = maxRequestBytes - 2;
export const maxItems = (minSize: number): number => Math.trunc((maxRequestBytes - 2) / (minSize + 1));
/** Two bytes of key with its quotes, a colon and a comma beside each value. */
export const maxProperties = (minSize: number): number => Math.trunc((maxRequestBytes - 2) / (minSize + 6));

export const maxTime = 32;
export const dateSize = 12;
export const minDateTime = 21;
export const minDuration = 3;
export const minText = 2;
export const minBool = 4;
export const minNumber = 1;
