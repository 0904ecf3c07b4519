/** What is wrong with an expression, printed as cel-go prints it. Upstream: cel-go common/error.go, errors.go */

export interface Issue {
  /** Offset in the source, in UTF-16 units. */
  readonly at: number;
  readonly message: string;
}

const maxReported = 100;

/** Every issue with its line and a caret, in order of position. */
export function issuesText(source: string, issues: readonly Issue[]): string {
  const sorted = issues.toSorted((a, b) => a.at - b.at || (a.message < b.message ? -1 : 1));
  const told = sorted.slice(0, maxReported).map((issue) => issueText(source, issue));
  if (sorted.length > maxReported) told.push(`${sorted.length - maxReported} more errors were truncated`);
  return told.join("\n");
}

function issueText(source: string, issue: Issue): string {
  const before = Array.from(source.slice(0, issue.at));
  const line = before.filter((c) => c === "\n").length;
  const column = before.length - (before.lastIndexOf("\n") + 1);
  const text = (source.split("\n")[line] ?? "").replaceAll("\t", " ");
  const points = Array.from(text);
  const dots = points.slice(0, column).map((c) => (isWide(c) ? "．" : ".")).join("").padEnd(column, ".");
  const caret = isWide(points[column] ?? "") ? "＾" : "^";
  return `ERROR: <input>:${line + 1}:${column + 1}: ${issue.message}\n | ${text}\n | ${dots}${caret}`;
}

/** Characters that take two columns in a terminal. */
const isWide = (c: string): boolean => (c.codePointAt(0) ?? 0) > 0x7f && Buffer.byteLength(c) > 1;
