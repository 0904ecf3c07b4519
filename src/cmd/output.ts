import { styleText } from "node:util";
import { UserError } from "./user-error.ts";

/** What a command tells while it works: standard error, so that standard output stays for results. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** A result, on standard output. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

type Colour = "green" | "red" | "yellow" | "bold" | "dim";

/** Coloured on a terminal, and not where NO_COLOR is set. */
export function coloured(colour: Colour, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return stream.isTTY ? styleText(colour, text, { stream }) : text;
}

/** Columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows.map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join("   ").trimEnd()).join("\n");
}

/** Prints an error as a person wants it: a sentence for what they can put right, everything for what we must. Returns the exit code. */
export function failure(err: unknown): number {
  const tag = coloured("red", "seedpod:", process.stderr);
  if (err instanceof UserError) {
    say(`${tag} ${err.message}`);
    return err.exitCode;
  }
  const sentence = systemSentence(err);
  say(`${tag} ${sentence ?? (err instanceof Error ? (err.stack ?? err.message) : String(err))}`);
  return 1;
}

/** The operating system's refusals that a person can do something about. */
function systemSentence(err: unknown): string | undefined {
  const { code, path, message } = err as NodeJS.ErrnoException;
  if (code === "ENOSPC" || /no space left on device/.test(message ?? "")) return `The disk is full${path === undefined ? "" : ` (${path})`}: free some space, or choose another place with --data-dir.`;
  if (code === "EROFS") return `${path ?? "The data directory"} is on a read-only file system: choose another place with --data-dir.`;
  if (code === "EACCES" || code === "EPERM") return `Not permitted${path === undefined ? "" : `: ${path}`}. Run this as root (sudo).`;
  return undefined;
}
