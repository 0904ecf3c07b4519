import { spawn } from "node:child_process";

export interface ExecResult { readonly code: number; readonly stdout: string; readonly stderr: string }
export interface ExecOptions { readonly signal?: AbortSignal; readonly input?: string | Uint8Array; readonly env?: NodeJS.ProcessEnv; readonly cwd?: string }

/** A program that ended with another code than 0. */
export class ExecError extends Error {
  override readonly name = "ExecError";
  readonly result: ExecResult;

  constructor(file: string, args: readonly string[], result: ExecResult) {
    super(`${file} ${args.join(" ")}: exit ${result.code}: ${(result.stderr || result.stdout).trim()}`);
    this.result = result;
  }
}

/** Runs a program to its end: argv only, never a shell. A non-zero exit is a result here, see `exec`. Throws when it cannot be started. */
export function tryExec(file: string, args: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
  const { promise, resolve, reject } = Promise.withResolvers<ExecResult>();
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"], ...(options.env && { env: options.env }), ...(options.cwd !== undefined && { cwd: options.cwd }), ...(options.signal && { signal: options.signal }) });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  child.on("error", reject);
  child.stdin.on("error", () => {}); // it may end without reading
  child.on("close", (code, signal) => {
    resolve({ code: code ?? (signal === null ? 1 : 128), stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
  });
  child.stdin.end(options.input);
  return promise;
}

/** Like `tryExec`; throws `ExecError` on a non-zero exit. Returns standard output. */
export async function exec(file: string, args: readonly string[], options: ExecOptions = {}): Promise<string> {
  const result = await tryExec(file, args, options);
  if (result.code !== 0) throw new ExecError(file, args, result);
  return result.stdout;
}
