/** Why a connection was not made, as Go's net package prints it. */

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connect: connection refused",
  EHOSTUNREACH: "connect: no route to host",
  ENETUNREACH: "connect: network is unreachable",
  ETIMEDOUT: "connect: connection timed out",
  ENOENT: "connect: no such file or directory",
  EACCES: "connect: permission denied",
};

/** `dial unix /run/x.sock: connect: no such file or directory`; undefined for an error of another kind. @param code as Node calls it */
export const dialed = (code: string, network: "tcp" | "unix", address: string): string | undefined =>
  words[code] === undefined ? undefined : `dial ${network} ${address}: ${words[code]}`;

/** `dial tcp 10.0.0.1:80: connect: connection refused`; undefined for an error of another kind. */
export function dialError(err: unknown, host: string): string | undefined {
  return dialed(err instanceof Error && "code" in err ? String(err.code) : "", "tcp", host);
}
