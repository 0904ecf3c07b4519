/** What was thrown, in words: the message of an error, the text of anything else. */
export const messageOf = (err: unknown): string => (err instanceof Error ? err.message : String(err));
