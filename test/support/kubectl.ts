/** The kubectl of this machine: whichever its distribution brings, 1.20 in Debian 12. */
import { exec } from "#base/exec.ts";

/** 32 of v1.32.4. */
export async function kubectlMinor(): Promise<number> {
  const { clientVersion } = JSON.parse(await exec("kubectl", ["version", "--client", "-o", "json"])) as { clientVersion: { minor: string } };
  return Number.parseInt(clientVersion.minor, 10);
}

/** How an unknown field in the spec is refused: by the server since kubectl 1.25 asks it to, before by kubectl after the server's OpenAPI. */
export const unknownField = (kind: string, field: string): RegExp =>
  new RegExp(`strict decoding error: unknown field "spec\\.${field}"|ValidationError\\(${kind}\\.spec\\): unknown field "${field}"`);
