/** What grpc-js says of a connection that it does not have or has lost, in the words of Go's client, which users know and search for. */
import { dialed } from "../dial-error.ts";

const noConnection = /^No connection established\. Last error: (?:Error: connect (?<code>E[A-Z]+) (?<address>\S+)\. )?/;
const lost: Readonly<Record<string, string>> = {
  "Connection dropped": "error reading from server: EOF",
  "read ECONNRESET": "error reading from server: read: connection reset by peer",
};

/** Other words come back as they are. Upstream: google.golang.org/grpc internal/transport/http2_client.go NewHTTP2Client, reader */
export function goWords(details: string): string {
  const none = noConnection.exec(details);
  if (none === null) return lost[details] ?? details;
  const { code = "", address = "" } = none.groups ?? {};
  const why = code === "" ? "error reading server preface: EOF" : dialingFailed(code, address);
  return why === undefined ? details : `connection error: desc = "${why}"`;
}

function dialingFailed(code: string, address: string): string | undefined {
  const error = dialed(code, address.startsWith("/") ? "unix" : "tcp", address);
  return error && `transport: Error while dialing: ${error}`;
}
