import assert from "node:assert/strict";
import { test } from "node:test";
import { goWords } from "./go-words.ts";

const none = (last: string): string => `No connection established. Last error: ${last}. Resolution note: `;
const cases: readonly [details: string, want: string][] = [
  [none("Error: connect ENOENT /run/c.sock"), 'connection error: desc = "transport: Error while dialing: dial unix /run/c.sock: connect: no such file or directory"'],
  [none("Error: connect ECONNREFUSED /run/c.sock"), 'connection error: desc = "transport: Error while dialing: dial unix /run/c.sock: connect: connection refused"'],
  [none("Error: connect ECONNREFUSED 127.0.0.1:2379"), 'connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:2379: connect: connection refused"'],
  [none("Error: connect ESTRANGE /run/c.sock"), none("Error: connect ESTRANGE /run/c.sock")],
  [none("Failed to connect (2026-11-27T02:53:26.029Z)"), 'connection error: desc = "error reading server preface: EOF"'],
  ["Connection dropped", "error reading from server: EOF"],
  ["read ECONNRESET", "error reading from server: read: connection reset by peer"],
  ["container is not running", "container is not running"],
];
for (const [details, want] of cases) test(details, () => assert.equal(goWords(details), want));
