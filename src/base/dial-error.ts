/** Why a connection was not made, as Go's net package prints it. */

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connect: connection refused",
  EHOSTUNREACH: "connect: no route to host",
  ENETUNREACH: "connect: network is unreachable",
  ETIMEDOUT: "connect: connection timed out",
};

/** `dial tcp 10.0.0.1:80: connect: connection refused`; undefined for an error of another kind. */
export function dialError(err: unknown, host: string): string | undefined {
  const code = err instanceof Error && "code" in err ? String(err.code) : "";
  return words[code] === undefined ? undefined : `dial tcp ${host}: ${words[code]}`;
}
