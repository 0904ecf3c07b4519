/** One record of a CRI log file: `2016-10-06T00:17:09.669794202Z stdout P text`, the last letter `F` when the line ends with it. */
export interface LogRecord {
  /** As written, with nanoseconds. */
  readonly time: string;
  readonly stream: "stdout" | "stderr";
  /** The line goes on in the next record. */
  readonly partial: boolean;
  readonly text: Buffer;
}

const SPACE = 0x20;
/** No head of a record is longer: time with zone, stream, tags. */
export const MAX_HEAD = 64;

/** Reads one line of the file, without its newline. Undefined when it is no record. */
export function parseRecord(line: Buffer): LogRecord | undefined {
  const afterTime = line.indexOf(SPACE);
  const afterStream = line.indexOf(SPACE, afterTime + 1);
  if (afterTime < 20 || afterStream < 0) return undefined;
  const found = line.indexOf(SPACE, afterStream + 1);
  const afterTags = found < 0 ? line.length : found; // an empty line may end with its tag
  const stream = line.toString("latin1", afterTime + 1, afterStream);
  const tags = line.toString("latin1", afterStream + 1, afterTags).split(":");
  if ((stream !== "stdout" && stream !== "stderr") || (tags[0] !== "F" && tags[0] !== "P")) return undefined;
  return { time: line.toString("latin1", 0, afterTime), stream, partial: tags[0] === "P", text: line.subarray(Math.min(afterTags + 1, line.length)) };
}

/** A record's time with all nine digits, as `--timestamps` shows it. */
export function fixedTime(time: string): string {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(time);
  return match === null ? time : `${match[1]}.${(match[2] ?? "").padEnd(9, "0")}${match[3]}`;
}
