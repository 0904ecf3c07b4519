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
  const chain = causes(err);
  const sentence = chain.map(systemSentence).find((text) => text !== undefined);
  say(`${tag} ${sentence ?? [...chain.slice(0, -1).map((e) => (e as Error).message), everythingOf(chain.at(-1))].join(": ")}`);
  return 1;
}

/** The error, what caused it, and so on. */
const causes = (err: unknown): unknown[] => (err instanceof Error && err.cause !== undefined ? [err, ...causes(err.cause)] : [err]);

const everythingOf = (err: unknown): string => (err instanceof Error ? (err.stack ?? err.message) : String(err));

/** The operating system's refusals that a person can do something about. */
function systemSentence(err: unknown): string | undefined {
  if (!(err instanceof Error)) return undefined;
  const { code, path, message, port } = err as NodeJS.ErrnoException & { readonly port?: number };
  if (code === "ENOSPC" || /no space left on device/.test(message)) return `The disk is full${path === undefined ? "" : ` (${path})`}: free some space, or choose another place with --data-dir.`;
  if (code === "EADDRINUSE") return `Port ${port ?? ""} is in use by another program (${message}). Choose another one with --port.`;
  if (code === "EROFS") return `${path ?? "The data directory"} is on a read-only file system: choose another place with --data-dir.`;
  if (code === "EACCES" || code === "EPERM") return `Not permitted${path === undefined ? "" : `: ${path}`}. Run this as root (sudo).`;
  return undefined;
}
