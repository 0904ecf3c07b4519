/** Parameters of the API in the kubelet's words: `stdin` is `input` there. Upstream: pkg/registry/core/pod/strategy.go streamParams */
const commandFlags: Readonly<Record<string, string>> = { stdin: "input", stdout: "output", stderr: "error", tty: "tty" };
const logParameters = ["follow", "previous", "timestamps", "sinceSeconds", "sinceTime", "tailLines", "limitBytes", "insecureSkipTLSVerifyBackend", "stream"];

const isSet = (value: string | null): boolean => value !== null && value !== "" && value !== "0" && value.toLowerCase() !== "false";

export function commandQuery(query: URLSearchParams): URLSearchParams {
  const result = new URLSearchParams();
  for (const [ours, theirs] of Object.entries(commandFlags)) if (isSet(query.get(ours))) result.set(theirs, "1");
  for (const argument of query.getAll("command")) result.append("command", argument);
  return result;
}

export function portQuery(query: URLSearchParams): URLSearchParams {
  return new URLSearchParams(query.getAll("ports").flatMap((ports) => ports.split(",")).map((port): [string, string] => ["port", port]));
}

export const logQuery = (query: URLSearchParams): URLSearchParams =>
  new URLSearchParams(logParameters.filter((name) => query.has(name)).map((name): [string, string] => [name, query.get(name) ?? ""]));

/** Segments as one path, each encoded. */
export const pathOf = (...segments: readonly string[]): string => segments.map((segment) => `/${encodeURIComponent(segment)}`).join("");
