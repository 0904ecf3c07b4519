/** Blocks of text that hold bytes (RFC 7468, RFC 1421), read as Go's encoding/pem reads them: what is none is passed over. */

export interface PemBlock {
  /** What stands behind BEGIN. */
  readonly label: string;
  /** Whether lines `key: value` stand before the bytes. */
  readonly hasHeaders: boolean;
  readonly bytes: Buffer;
}

const begin = /^-----BEGIN (.*)-----[ \t\r]*$/;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Every whole block, in order. Looks at each line once, whatever the text. */
export function pemBlocks(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  let label: string | undefined;
  let lines: string[] = [];
  for (const line of text.split("\n")) {
    const started = begin.exec(line)?.[1];
    if (started !== undefined) [label, lines] = [started, []];
    else if (label !== undefined && line.trimEnd() === `-----END ${label}-----`) {
      const block = blockOf(label, lines);
      if (block !== undefined) blocks.push(block);
      label = undefined;
    } else lines.push(line);
  }
  return blocks;
}

function blockOf(label: string, lines: readonly string[]): PemBlock | undefined {
  const body = lines.findLastIndex((line) => line.includes(":")) + 1;
  const text = lines.slice(body).join("").replace(/\s+/g, "");
  return base64.test(text) ? { label, hasHeaders: body > 0, bytes: Buffer.from(text, "base64") } : undefined;
}

/** The one block of these bytes, in lines of 64 characters. */
export const pemText = (label: string, bytes: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(bytes).toString("base64").replace(/.{64}(?=.)/g, "$&\n")}\n-----END ${label}-----\n`;
