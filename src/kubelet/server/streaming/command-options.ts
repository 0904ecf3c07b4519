import { HttpError } from "../http-error.ts";
import { flag } from "../logs/log-query.ts";

export interface CommandOptions {
  readonly command: readonly string[];
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** Reads `command`, `input`, `output`, `error`, `tty`. With a terminal there is no stderr of its own. Upstream: kubelet/pkg/cri/streaming/remotecommand NewOptions */
export function parseCommandOptions(query: URLSearchParams): CommandOptions {
  const tty = flag(query, "tty");
  const options = { command: query.getAll("command"), stdin: flag(query, "input"), stdout: flag(query, "output"), stderr: flag(query, "error") && !tty, tty };
  if (!options.stdin && !options.stdout && !options.stderr) throw new HttpError(400, "you must specify at least 1 of stdin, stdout, stderr");
  return options;
}
